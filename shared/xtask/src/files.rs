//! The contents of files and folders, for comparison before and after a command.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Files by their path from the root of the workspace.
pub(crate) type Contents = BTreeMap<PathBuf, Vec<u8>>;

/// Reads files, and folders to their depths. What does not exist has no contents.
pub(crate) fn read(root: &Path, paths: &[&str]) -> Result<Contents> {
    let mut contents = Contents::new();
    for path in paths {
        read_into(root, &root.join(path), &mut contents)?;
    }
    Ok(contents)
}

/// The files that were changed, made or removed.
pub(crate) fn changed(before: &Contents, after: &Contents) -> Vec<PathBuf> {
    let removed = before.keys().filter(|path| !after.contains_key(*path));
    let new = after
        .iter()
        .filter(|(path, bytes)| before.get(*path) != Some(bytes))
        .map(|(path, _)| path);
    removed.chain(new).cloned().collect()
}

fn read_into(root: &Path, path: &Path, contents: &mut Contents) -> Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            read_into(root, &entry?.path(), contents)?;
        }
    } else if path.exists() {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        contents.insert(path.strip_prefix(root)?.to_owned(), bytes);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_made_and_removed_files_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("docs")).unwrap();
        for name in ["same", "edited", "removed"] {
            fs::write(root.join("docs").join(name), name).unwrap();
        }
        let before = read(root, &["docs", "absent"]).unwrap();
        fs::write(root.join("docs/edited"), "otherwise").unwrap();
        fs::write(root.join("docs/made"), "").unwrap();
        fs::remove_file(root.join("docs/removed")).unwrap();
        let after = read(root, &["docs", "absent"]).unwrap();
        let expected = ["docs/removed", "docs/edited", "docs/made"].map(PathBuf::from);
        assert_eq!(changed(&before, &after), expected);
    }
}
