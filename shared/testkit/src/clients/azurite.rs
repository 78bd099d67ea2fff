//! Azurite, Microsoft's emulator of Azure Storage.

use std::path::PathBuf;

use anyhow::Result;

use super::Folder;
use super::node::{install, program};

const PACKAGE: &str = include_str!("../../../../integration-tests/clients/azurite/package.json");
pub(super) const LOCK: &str =
    include_str!("../../../../integration-tests/clients/azurite/package-lock.json");

/// A Node.js and the script of its blob service, installed on first use. This blocks, for a minute on
/// first use.
pub fn azurite() -> Result<(PathBuf, PathBuf)> {
    let node = program()?;
    let folder = Folder {
        name: "azurite",
        made_of: &[PACKAGE, LOCK],
    }
    .get(|draft| install(draft, PACKAGE, LOCK))?;
    let script = folder.join("node_modules/azurite/dist/src/blob/main.js");
    Ok((node, script))
}
