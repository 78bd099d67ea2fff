//! Official MCP clients, conformance suites and emulators, installed into the cache exactly as their lock
//! files say. Nothing is installed on the machine; what it must have is Python and npm.

mod azurite;
mod node;
mod python;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::cache;

pub use azurite::azurite;
pub use node::{Node, Suite, app_host, node};
pub use python::{aws_python, google_python, python};

/// A folder of the cache that is made once for each content of its lock files.
struct Folder<'a> {
    name: &'a str,
    /// All that what is installed depends on.
    made_of: &'a [&'a str],
}

impl Folder<'_> {
    /// The folder, filled on first use.
    fn get(&self, fill: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
        let cache = cache::folder()?;
        let clients = cache.join("clients");
        let name = format!("{}-{}", self.name, self.fingerprint());
        let folder = clients.join(&name);
        if folder.is_dir() {
            return Ok(folder);
        }
        cache::create(&clients)?;
        let _lock = cache::lock(&cache, &name)?;
        if !folder.is_dir() {
            cache::make(&folder, fill)?;
        }
        Ok(folder)
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for part in self.made_of {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        let first = hash
            .finalize()
            .iter()
            .take(8)
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        format!("{first:016x}")
    }
}

/// Runs a command and returns what it printed, or fails with what it complained about.
fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {name}: install it"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{name} failed: {}", complaint.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_lock_file_is_another_folder() {
        let of = |parts: &[&str]| {
            Folder {
                name: "node",
                made_of: parts,
            }
            .fingerprint()
        };
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["ab", ""]));
    }

    #[test]
    fn lock_files_pin_versions_and_name_no_registry() {
        for lock in [
            node::LOCK,
            node::RUNTIME_LOCK,
            node::APP_HOST_LOCK,
            azurite::LOCK,
        ] {
            assert!(lock.contains("\"integrity\""));
            assert!(
                !lock.contains("\"resolved\""),
                "install with omit-lockfile-registry-resolved"
            );
        }
        let lists = [
            python::REQUIREMENTS,
            python::AWS_REQUIREMENTS,
            python::GOOGLE_REQUIREMENTS,
        ]
        .concat();
        for line in lists.lines().filter(|line| !line.starts_with('#')) {
            assert!(line.contains("=="), "{line} is not pinned");
            assert!(!line.contains("://"), "{line} names a place");
        }
    }
}
