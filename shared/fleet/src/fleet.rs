//! The inventory in use: read once, read again when the file changes, the old one kept while the new
//! one is wrong.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

use crate::file::Content;
use crate::{Inventory, InventoryError};

/// The inventory in use.
#[derive(Debug)]
pub struct Fleet {
    inventory: ArcSwap<Inventory>,
    generation: AtomicU64,
    file: Option<PathBuf>,
    watch: Mutex<Watch>,
}

/// Fingerprints of the file; none while it cannot be read.
#[derive(Debug, Default)]
struct Watch {
    /// As of the last look.
    seen: Option<u64>,
    /// As of the last time it was taken or refused.
    judged: Option<u64>,
}

impl Fleet {
    /// Reads the file for the first time.
    pub fn load(path: &Path) -> Result<Self, InventoryError> {
        let content = Content::read(path);
        let now = content.as_ref().ok().map(Content::fingerprint);
        let mut fleet = Self::fixed(Inventory::from_content(path, content)?);
        fleet.file = Some(path.to_owned());
        fleet.watch = Mutex::new(Watch {
            seen: now,
            judged: now,
        });
        Ok(fleet)
    }

    /// An inventory without a file, which never changes: for demonstrations and tests.
    pub fn fixed(inventory: Inventory) -> Self {
        Self {
            inventory: ArcSwap::from_pointee(inventory),
            generation: AtomicU64::new(1),
            file: None,
            watch: Mutex::default(),
        }
    }

    /// The inventory as it is now.
    pub fn inventory(&self) -> Arc<Inventory> {
        self.inventory.load_full()
    }

    /// Grows whenever the inventory changes. Read it before [`Fleet::inventory`]: what follows is
    /// then at least as new.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Looks whether the file changed, by its content and permissions, and takes it if so. It reads
    /// the file, so it blocks for that long.
    ///
    /// `None` while there is nothing to tell. A change is taken when two looks in a row find the
    /// same, so that a file half written, or missing for a moment, is passed over. An error leaves
    /// the inventory in use and is told once.
    pub fn poll(&self) -> Option<Result<Arc<Inventory>, InventoryError>> {
        let path = self.file.as_deref()?;
        let mut watch = self.watch();
        let content = Content::read(path);
        let now = content.as_ref().ok().map(Content::fingerprint);
        let settled = watch.seen == now;
        watch.seen = now;
        if !settled || watch.judged == now {
            return None;
        }
        watch.judged = now;
        Some(self.take(path, content))
    }

    /// Reads the file now, changed or not: for an operator who asks for it. An error leaves the
    /// inventory in use.
    pub fn reload(&self) -> Result<Arc<Inventory>, InventoryError> {
        let Some(path) = self.file.as_deref() else {
            return Ok(self.inventory());
        };
        let mut watch = self.watch();
        let content = Content::read(path);
        let now = content.as_ref().ok().map(Content::fingerprint);
        *watch = Watch {
            seen: now,
            judged: now,
        };
        self.take(path, content)
    }

    /// Held while the file is read and taken, so that an older content cannot follow a newer one.
    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(
        &self,
        path: &Path,
        content: std::io::Result<Content>,
    ) -> Result<Arc<Inventory>, InventoryError> {
        let inventory = Inventory::from_content(path, content)?;
        let current = self.inventory();
        if *current == inventory {
            return Ok(current);
        }
        let inventory = Arc::new(inventory);
        self.inventory.store(Arc::clone(&inventory));
        self.generation.fetch_add(1, Ordering::Release);
        Ok(inventory)
    }
}
