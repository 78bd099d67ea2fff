//! The load generator sysbench, got like the servers.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::launcher::{self, Launcher};
use super::{MySqlServer, debian, packages};

const PROGRAM: &str = "sysbench";

/// A sysbench that can be started.
#[derive(Clone, Debug)]
pub struct Sysbench {
    launcher: Launcher,
    /// Where its scripts are, when it was unpacked by the kit: it does not know.
    prefix: Option<PathBuf>,
}

impl Sysbench {
    /// Finds sysbench on the `PATH`, or unpacks it on first use. This blocks, for seconds on first
    /// use.
    pub fn get() -> Result<Self> {
        if let Some(program) = launcher::on_path(PROGRAM) {
            return Ok(Self {
                launcher: Launcher::direct(program),
                prefix: None,
            });
        }
        let tree = debian::tree(&packages::SYSBENCH)?;
        Ok(Self {
            launcher: tree.launcher(PROGRAM)?,
            prefix: Some(tree.folder.join("usr")),
        })
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.launcher.program
    }

    /// A command that runs one of its scripts against a server, as `root`, in a schema that exists.
    pub fn command<I>(&self, server: &MySqlServer, schema: &str, words: I) -> Command
    where
        I: IntoIterator,
        I::Item: AsRef<OsStr>,
    {
        let mut command = self.launcher.command();
        if let Some(prefix) = &self.prefix {
            let architecture = std::env::consts::ARCH;
            let plugins = format!("lib/{architecture}-linux-gnu/libmariadb3/plugin");
            command
                .env("LUA_PATH", prefix.join("share/sysbench/?.lua"))
                .env("MARIADB_PLUGIN_DIR", prefix.join(plugins));
        }
        command.args([
            "--db-driver=mysql".to_owned(),
            format!("--mysql-host={}", server.host()),
            format!("--mysql-port={}", server.port()),
            "--mysql-user=root".to_owned(),
            format!("--mysql-db={schema}"),
        ]);
        command.args(words);
        command
    }
}
