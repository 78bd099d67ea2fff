//! Generated files. They are committed, so that a reader sees them and a change of them is
//! reviewed.

use anyhow::{Result, ensure};

use crate::command;
use crate::files::{self, Contents};

/// Files that a command makes.
struct Generated {
    name: &'static str,
    /// What it writes: files and folders, from the root of the workspace.
    paths: &'static [&'static str],
    command: &'static [&'static str],
}

/// In this order; another kind of generated file is another row.
const GENERATED: &[Generated] = &[Generated {
    name: "tables of tools and settings",
    paths: &[
        "README.md",
        "docs/configuration.md",
        "docs/flavours.md",
        "policies/schema.cedarschema",
    ],
    command: &[
        "cargo",
        "run",
        "--quiet",
        "--package",
        "storex",
        "--",
        "generate",
        ".",
    ],
}];

/// Runs every command. With `check`, fails if that changed a file: files which were made anew but
/// are not committed yet pass, and in a fresh clone there are none of those.
pub(crate) fn run(check: bool) -> Result<()> {
    let mut stale = Vec::new();
    for generated in GENERATED {
        let before = read(generated)?;
        command::run(generated.command)?;
        for path in files::changed(&before, &read(generated)?) {
            println!("{}: {} changed", generated.name, path.display());
            stale.push(path.display().to_string());
        }
    }
    ensure!(
        !check || stale.is_empty(),
        "commit what `cargo xtask generate` makes of {}",
        stale.join(", ")
    );
    Ok(())
}

fn read(generated: &Generated) -> Result<Contents> {
    files::read(&command::root()?, generated.paths)
}
