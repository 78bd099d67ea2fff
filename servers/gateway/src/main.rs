//! `storex`: debug MySQL and MariaDB fleets over MCP.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match storex::run(storex::Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("storex: {error:#}");
            ExitCode::FAILURE
        }
    }
}
