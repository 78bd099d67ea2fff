//! The folder in which what the tests need is kept between runs.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The cache folder, created where needed.
pub(crate) fn folder() -> Result<PathBuf> {
    let named = |variable: &str| {
        std::env::var_os(variable)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let folder = named("STOREX_CACHE")
        .or_else(|| named("XDG_CACHE_HOME").map(|folder| folder.join("storex")))
        .or_else(|| named("HOME").map(|folder| folder.join(".cache/storex")))
        .context(
            "no folder for what the tests need: set STOREX_CACHE to one that can be written",
        )?;
    // Programs are started with other working folders.
    let folder = std::path::absolute(folder)?;
    create(&folder)?;
    Ok(folder)
}

/// Creates a folder and what leads to it.
pub(crate) fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot create {}: set STOREX_CACHE", folder.display()))
}

/// Held while a part of the cache is being made, so that test processes do not make it twice.
pub(crate) struct Lock {
    _file: File,
}

/// Waits until no other process makes the part of the cache called `name`.
pub(crate) fn lock(folder: &Path, name: &str) -> Result<Lock> {
    let path = folder.join(format!("{name}.lock"));
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    file.lock()
        .with_context(|| format!("cannot lock {}", path.display()))?;
    Ok(Lock { _file: file })
}

/// Makes `target` by filling a folder of another name beside it and renaming that, so a half-made
/// folder is never seen. The caller holds the lock, so what lies there under that name is what a
/// killed process left behind.
pub(crate) fn make(target: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let name = target.file_name().context("the cache folder has no name")?;
    let draft = target.with_file_name(format!(".making-{}", name.display()));
    if draft.exists() {
        fs::remove_dir_all(&draft).with_context(|| format!("cannot remove {}", draft.display()))?;
    }
    create(&draft)?;
    let filled = fill(&draft);
    if filled.is_err() {
        let _ = fs::remove_dir_all(&draft);
    }
    filled?;
    fs::rename(&draft, target)
        .with_context(|| format!("cannot move the finished folder to {}", target.display()))
}
