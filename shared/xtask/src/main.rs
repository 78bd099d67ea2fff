//! `cargo xtask`: set-up, tests, generated files and checks.

#![expect(
    clippy::print_stdout,
    reason = "a command for people talks on standard output"
)]

mod check;
mod command;
mod files;
mod generate;
mod record_demo;
mod server;
mod setup;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Set-up, tests, generated files and checks.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Get what the tests need: database servers and their data templates.
    Setup,
    /// Set up, then run every test of the workspace.
    Test {
        /// Passed on to the test runner, after `--`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Quick checks: format, lints, dependencies, generated files.
    Check,
    /// Make every generated file anew.
    Generate {
        /// Fail if a generated file was not up to date.
        #[arg(long)]
        check: bool,
    },
    /// Record the incidents that `storex demo` shows, on real servers.
    RecordDemo,
    /// Start a server with the shop and its traffic, for experiments; ends with Ctrl-C.
    Server(server::Arguments),
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            // The test runner's summary stays the last thing on standard output.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    match task {
        Task::Setup => setup::run()?,
        Task::Test { arguments } => {
            setup::run()?;
            return test::run(&arguments);
        }
        Task::Check => check::run()?,
        Task::Generate { check } => generate::run(check)?,
        Task::RecordDemo => record_demo::run()?,
        Task::Server(arguments) => server::run(arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}
