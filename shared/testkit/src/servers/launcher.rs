//! How a program is started: as it is, or through the dynamic loader of an unpacked folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

/// A program and the way to start it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Launcher {
    pub(super) program: PathBuf,
    /// The loader to start it with, for a program whose libraries are not the machine's.
    pub(super) loader: Option<Loader>,
}

/// A dynamic loader of an unpacked folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Loader {
    /// A link to the loader with the program's name, so that the process has that name too.
    pub(super) link: PathBuf,
    /// Where the libraries are, separated by colons.
    pub(super) library_path: OsString,
}

impl Launcher {
    /// A program that needs no loader.
    pub(super) fn direct(program: PathBuf) -> Self {
        Self {
            program,
            loader: None,
        }
    }

    /// The command line up to the program's own arguments.
    pub(super) fn words(&self) -> Vec<OsString> {
        let program = OsString::from(&self.program);
        match &self.loader {
            None => vec![program],
            Some(loader) => vec![
                loader.link.clone().into(),
                "--library-path".into(),
                loader.library_path.clone(),
                "--argv0".into(),
                program.clone(),
                program,
            ],
        }
    }

    /// A command that runs the program.
    pub(super) fn command(&self) -> Command {
        let mut words = self.words().into_iter();
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        command
    }
}

/// A program in the folders of `PATH`, or in those where servers are kept but `PATH` often lacks.
pub(super) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|candidate| is_program(candidate))
}

fn is_program(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok() && path.is_file()
}
