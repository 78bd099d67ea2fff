//! Finds a server to start, in the order of preference, and knows where its files are.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::launcher::{self, Launcher};
use super::{Flavour, apt, debian, packages};

/// A server that can be started.
#[derive(Clone, Debug)]
pub struct Install {
    flavour: Flavour,
    version: String,
    origin: Origin,
    /// The folder that holds `sbin`, `lib` and `share`.
    prefix: PathBuf,
    server: Launcher,
    client: Option<Launcher>,
}

/// Where a server comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Named in an environment variable.
    Variable,
    /// Found on the `PATH`.
    Path,
    /// Unpacked by the kit.
    Unpacked,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Variable => "named in the environment",
            Self::Path => "found on the PATH",
            Self::Unpacked => "unpacked into the cache",
        })
    }
}

impl Install {
    /// Finds the server, unpacking it on first use. This blocks, for seconds on first use.
    pub fn get(flavour: Flavour) -> Result<Self> {
        if let Some(named) = std::env::var_os(flavour.variable()).filter(|name| !name.is_empty()) {
            return Self::from_variable(flavour, Path::new(&named));
        }
        if let Some(install) = Self::from_path(flavour) {
            return Ok(install);
        }
        Self::unpacked(flavour)
    }

    /// What is to be started.
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// The version, as the package or the program states it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where it comes from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The words of a command line that runs the client program, if one was found.
    pub fn client_command(&self) -> Option<Vec<String>> {
        let words = self.client.as_ref()?.words();
        Some(
            words
                .into_iter()
                .map(|word| word.to_string_lossy().into_owned())
                .collect(),
        )
    }

    pub(super) fn server(&self) -> &Launcher {
        &self.server
    }

    /// The folder of message files, character sets and, for MariaDB, bootstrap statements.
    pub(super) fn share(&self) -> Option<PathBuf> {
        ["share/mysql", "share/mariadb", "share"]
            .iter()
            .map(|folder| self.prefix.join(folder))
            .find(|folder| folder.join("charsets").is_dir())
    }

    /// Whether the server ships a plugin.
    pub(super) fn has_plugin(&self, file: &str) -> bool {
        self.plugins()
            .is_some_and(|folder| folder.join(file).exists())
    }

    /// Options that tell the server where its files are: one that was moved does not know. What is
    /// not found is left to the server's own defaults.
    pub(super) fn places(&self) -> Vec<String> {
        let mut options = Vec::new();
        if let Some(share) = self.share() {
            let share = share.display();
            options.push(format!("--basedir={}", self.prefix.display()));
            options.push(format!("--lc-messages-dir={share}"));
            options.push(format!("--character-sets-dir={share}/charsets"));
        }
        if let Some(plugins) = self.plugins() {
            options.push(format!("--plugin-dir={}", plugins.display()));
        }
        options
    }

    fn plugins(&self) -> Option<PathBuf> {
        ["lib/mysql/plugin", "lib64/mysql/plugin", "lib/plugin"]
            .iter()
            .map(|folder| self.prefix.join(folder))
            .find(|folder| folder.is_dir())
    }

    fn from_variable(flavour: Flavour, program: &Path) -> Result<Self> {
        let variable = flavour.variable();
        let program = program
            .canonicalize()
            .with_context(|| format!("{variable} names no program: {}", program.display()))?;
        let version = version_of(&program)
            .with_context(|| format!("{variable} names a program that does not start"))?;
        ensure!(
            version.contains("MariaDB") == flavour.is_mariadb(),
            "{variable} names a server of the other kind: {version}"
        );
        Self::installed(flavour, Origin::Variable, program, version)
    }

    /// The server on the `PATH`, unless it is of another version or kind.
    fn from_path(flavour: Flavour) -> Option<Self> {
        let program = launcher::on_path(flavour.program())?.canonicalize().ok()?;
        let version = version_of(&program).ok()?;
        let wanted = version.starts_with(flavour.series())
            && version.contains("MariaDB") == flavour.is_mariadb();
        if !wanted {
            return None;
        }
        Self::installed(flavour, Origin::Path, program, version).ok()
    }

    fn installed(
        flavour: Flavour,
        origin: Origin,
        program: PathBuf,
        version: String,
    ) -> Result<Self> {
        let prefix = program
            .parent()
            .and_then(Path::parent)
            .context("the server program is in no folder")?
            .to_owned();
        Ok(Self {
            flavour,
            version,
            origin,
            prefix,
            server: Launcher::direct(program),
            client: launcher::on_path(flavour.client()).map(Launcher::direct),
        })
    }

    fn unpacked(flavour: Flavour) -> Result<Self> {
        let tree = debian::tree(packages::for_flavour(flavour))?;
        Ok(Self {
            flavour,
            server: tree.launcher(flavour.program())?,
            client: tree.launcher(flavour.client()).ok(),
            prefix: tree.folder.join("usr"),
            version: tree.version,
            origin: Origin::Unpacked,
        })
    }
}

/// Asks a server program for its version: `mysqld  Ver 9.7.4 for Linux on x86_64 (...)`.
fn version_of(program: &Path) -> Result<String> {
    let mut command = Launcher::direct(program.to_owned()).command();
    command.args(["--no-defaults", "--version"]);
    let text = apt::output(command)?;
    let (_, rest) = text
        .split_once("Ver ")
        .context("the server program does not state its version")?;
    Ok(rest
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned())
}
