//! A folder of unpacked packages: finds its loader, its libraries and its programs, and records
//! what it was made of.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::apt::Package;
use super::launcher::{Launcher, Loader};
use super::packages::PackageSet;
use crate::cache;

const RECORD: &str = "storex.json";
/// Links to the loader, one for each program and named after it.
const LINKS: &str = "run";

/// An unpacked folder.
pub(super) struct Tree {
    pub(super) folder: PathBuf,
    pub(super) version: String,
}

/// What a folder was made of.
#[derive(Serialize, Deserialize)]
struct Record {
    version: String,
    release: String,
    packages: Vec<Package>,
}

impl Tree {
    /// Where the libraries are, separated by colons.
    pub(super) fn library_path(&self) -> Result<OsString> {
        library_path(&self.folder)
    }

    /// How to start one of the programs named in the package set.
    pub(super) fn launcher(&self, program: &str) -> Result<Launcher> {
        let path = ["usr/sbin", "usr/bin"]
            .iter()
            .map(|folder| self.folder.join(folder).join(program))
            .find(|path| path.exists())
            .with_context(|| format!("{program} is not in {}", self.folder.display()))?;
        Ok(Launcher {
            program: path,
            loader: Some(Loader {
                link: self.folder.join(LINKS).join(program),
                library_path: library_path(&self.folder)?,
            }),
        })
    }
}

/// The folder's name.
pub(super) fn folder_name(set: &PackageSet, version: &str) -> String {
    format!("{}-{version}", set.name)
}

/// The newest finished folder of a package set.
pub(super) fn newest(trees: &Path, set: &PackageSet) -> Result<Option<Tree>> {
    let prefix = folder_name(set, set.series);
    let Ok(entries) = fs::read_dir(trees) else {
        return Ok(None);
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(&prefix) {
            continue;
        }
        let text = fs::read_to_string(entry.path().join(RECORD))?;
        let record: Record = serde_json::from_str(&text)
            .with_context(|| format!("remove {} and try again", entry.path().display()))?;
        found.push((entry.metadata()?.modified()?, entry.path(), record));
    }
    found.sort_by_key(|(modified, ..)| *modified);
    Ok(found.pop().map(|(_, folder, record)| Tree {
        folder,
        version: record.version,
    }))
}

/// Links the programs and writes the record.
pub(super) fn finish(
    draft: &Path,
    set: &PackageSet,
    version: &str,
    packages: &[Package],
) -> Result<()> {
    if !set.programs.is_empty() {
        let loader = loader(draft)?;
        let links = draft.join(LINKS);
        cache::create(&links)?;
        for program in set.programs {
            // Relative, because the folder is renamed when it is finished.
            symlink(Path::new("..").join(&loader), links.join(program))?;
        }
    }
    let record = Record {
        version: version.to_owned(),
        release: set.release.to_owned(),
        packages: packages.to_vec(),
    };
    fs::write(draft.join(RECORD), serde_json::to_string_pretty(&record)?)?;
    Ok(())
}

/// The dynamic loader, relative to the folder. Links in packages may point to the machine's own
/// files, so only a real file counts.
fn loader(folder: &Path) -> Result<PathBuf> {
    for libraries in library_folders(folder)? {
        for entry in fs::read_dir(&libraries)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("ld-") && name.contains(".so") && entry.file_type()?.is_file() {
                return Ok(entry.path().strip_prefix(folder)?.to_owned());
            }
        }
    }
    anyhow::bail!("no dynamic loader among the unpacked packages")
}

fn library_path(folder: &Path) -> Result<OsString> {
    Ok(std::env::join_paths(library_folders(folder)?)?)
}

/// Folders named after the machine's architecture, such as `usr/lib/x86_64-linux-gnu`.
fn library_folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for parent in ["usr/lib", "lib"] {
        let Ok(entries) = fs::read_dir(folder.join(parent)) else {
            continue;
        };
        for entry in entries {
            let path = entry?.path();
            if path.to_string_lossy().contains("-linux-gnu") {
                found.push(path);
            }
        }
    }
    Ok(found)
}
