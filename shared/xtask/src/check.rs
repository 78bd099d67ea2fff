//! Quick checks, as the continuous integration runs them. All are run, so that one run shows all
//! that is wrong.

use anyhow::{Result, ensure};

use crate::{command, generate};

struct Check {
    name: &'static str,
    /// The cargo subcommand that must be installed; without it the check is skipped, and said so.
    needs: Option<&'static str>,
    run: fn() -> Result<()>,
}

const CHECKS: &[Check] = &[
    Check {
        name: "format",
        needs: None,
        run: || command::run(&["cargo", "fmt", "--all", "--check"]),
    },
    Check {
        name: "lints",
        needs: None,
        run: || {
            command::run(&[
                "cargo",
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ])
        },
    },
    Check {
        name: "dependencies",
        needs: Some("deny"),
        run: || command::run(&["cargo", "deny", "check"]),
    },
    Check {
        name: "generated files",
        needs: None,
        run: || generate::run(true),
    },
];

pub(crate) fn run() -> Result<()> {
    let mut outcomes = Vec::new();
    let mut failed = Vec::new();
    for check in CHECKS {
        let outcome = match check.needs {
            Some(subcommand) if !command::has_cargo(subcommand) => {
                format!("skipped: cargo-{subcommand} is not installed")
            }
            _ => match (check.run)() {
                Ok(()) => "passed".to_owned(),
                Err(error) => {
                    failed.push(check.name);
                    format!("failed: {error:#}")
                }
            },
        };
        outcomes.push(format!("{}: {outcome}", check.name));
    }
    println!("\n{}", outcomes.join("\n"));
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}
