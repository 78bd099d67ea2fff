//! The inventory in use: read once, read again when the file changes, the old one kept while the new
//! one is wrong.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

use crate::{Inventory, InventoryError};

/// The inventory in use.
#[derive(Debug)]
pub struct Fleet {
    path: PathBuf,
    inventory: ArcSwap<Inventory>,
    /// Hash of the text last looked at, right or wrong.
    seen: AtomicU64,
}

impl Fleet {
    /// Reads the file for the first time.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn load(path: &Path) -> Result<Self, InventoryError> {
        let inventory = Inventory::load(path)?;
        Ok(Self {
            path: path.to_owned(),
            inventory: ArcSwap::from_pointee(inventory),
            seen: AtomicU64::new(fingerprint(path)),
        })
    }

    /// The inventory as it is now.
    pub fn inventory(&self) -> Arc<Inventory> {
        self.inventory.load_full()
    }

    /// Looks whether the file changed, by its content, and swaps the inventory whole if so. Returns
    /// `None` while nothing changed; an error leaves the old inventory in use and is told once.
    pub fn poll(&self) -> Option<Result<Arc<Inventory>, InventoryError>> {
        let now = fingerprint(&self.path);
        if self.seen.swap(now, Ordering::AcqRel) == now {
            return None;
        }
        Some(Inventory::load(&self.path).map(|inventory| {
            let inventory = Arc::new(inventory);
            self.inventory.store(Arc::clone(&inventory));
            inventory
        }))
    }
}

/// Zero for a file that cannot be read: between two steps of a replacement there may be none.
fn fingerprint(path: &Path) -> u64 {
    std::fs::read(path).map_or(0, |bytes| {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        hasher.finish()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "[[instance]]\nname = \"a\"\nregion = \"r\"\nregulatory_domain = \"eu\"\n\
                       environment = \"test\"\nowner_team = \"t\"\nsnapshot = \"s\"\n";

    #[test]
    fn a_changed_file_is_picked_up_and_a_wrong_one_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inventory.toml");
        std::fs::write(&path, ONE).unwrap();
        let fleet = Fleet::load(&path).unwrap();
        assert!(fleet.poll().is_none());

        std::fs::write(&path, ONE.replace("\"a\"", "\"b\"")).unwrap();
        assert!(fleet.poll().unwrap().is_ok());
        assert!(fleet.inventory().get("b").is_some());

        std::fs::write(&path, "[[instance]]\n").unwrap();
        assert!(fleet.poll().unwrap().is_err());
        assert!(fleet.inventory().get("b").is_some());
        assert!(fleet.poll().is_none(), "the same mistake is told once");
    }
}
