//! Every test of the workspace.

use std::process::ExitCode;

use anyhow::Result;

use crate::command;

/// Runs the tests with the better runner there is, and ends as it does. It writes to the terminal
/// itself, so its summary is the last thing there.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    let mut words = if command::has_cargo("nextest") {
        vec!["cargo", "nextest", "run", "--workspace"]
    } else {
        vec!["cargo", "test", "--workspace"]
    };
    words.extend(arguments.iter().map(String::as_str));
    let status = command::status(&words)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
