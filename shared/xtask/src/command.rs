//! Running other programs from the root of the workspace.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};

/// The root of the workspace.
pub(crate) fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .map(Path::to_owned)
        .context("xtask is not in shared/xtask")
}

/// Runs a command line that speaks for itself, and returns how it ended.
pub(crate) fn status(words: &[&str]) -> Result<ExitStatus> {
    println!("$ {}", words.join(" "));
    command(words)?
        .status()
        .with_context(|| format!("cannot run {}: install it", words.join(" ")))
}

/// Runs a command line and fails if it does.
pub(crate) fn run(words: &[&str]) -> Result<()> {
    let status = status(words)?;
    ensure!(status.success(), "{} failed", words.join(" "));
    Ok(())
}

/// Whether cargo knows a subcommand.
pub(crate) fn has_cargo(subcommand: &str) -> bool {
    command(&["cargo", subcommand, "--version"])
        .map(|mut command| command.stdout(Stdio::null()).stderr(Stdio::null()).status())
        .is_ok_and(|status| status.is_ok_and(|status| status.success()))
}

fn command(words: &[&str]) -> Result<Command> {
    let (program, arguments) = words.split_first().context("an empty command line")?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root()?);
    Ok(command)
}
