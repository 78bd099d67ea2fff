//! Official clients for Python, each set of them in a virtual environment of its own.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Folder, output};

pub(super) const REQUIREMENTS: &str =
    include_str!("../../../../integration-tests/clients/python/requirements.txt");

pub(super) const AWS_REQUIREMENTS: &str =
    include_str!("../../../../integration-tests/clients/aws/requirements.txt");

pub(super) const GOOGLE_REQUIREMENTS: &str =
    include_str!("../../../../integration-tests/clients/google/requirements.txt");

/// The Python that has the official MCP SDK, installed on first use. This blocks, for seconds on first
/// use.
pub fn python() -> Result<PathBuf> {
    environment("python", REQUIREMENTS)
}

/// The Python that has moto, the emulator of AWS, and botocore, AWS's own client. This blocks, for a
/// minute on first use.
pub fn aws_python() -> Result<PathBuf> {
    environment("aws", AWS_REQUIREMENTS)
}

/// The Python that has Google's own clients, installed on first use. This blocks, for seconds on first
/// use.
pub fn google_python() -> Result<PathBuf> {
    environment("google", GOOGLE_REQUIREMENTS)
}

fn environment(name: &str, requirements: &str) -> Result<PathBuf> {
    let version = output(Command::new("python3").arg("--version"))
        .context("the tests of Python clients need python3, 3.10 or newer")?;
    let folder = Folder {
        name,
        made_of: &[requirements, &version],
    }
    .get(|draft| {
        output(Command::new("python3").args(["-m", "venv"]).arg(draft))
            .context("cannot make a virtual environment; on Debian install python3-venv")?;
        let list = draft.join("requirements.txt");
        std::fs::write(&list, requirements)?;
        let mut pip = Command::new(draft.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "-r"])
            .arg(&list);
        output(&mut pip)?;
        Ok(())
    })?;
    Ok(folder.join("bin/python"))
}
