//! The watch that picks up changed inventories and policies while the server runs.

use std::sync::Arc;
use std::time::Duration;

use storex_access::PolicyFolder;
use storex_fleet::Inventory;
use tokio_util::sync::CancellationToken;

use crate::boot::{Boot, resources};
use crate::mounts::{Mounts, chain};

/// How often files are looked at.
const WATCH_EVERY: Duration = Duration::from_secs(2);

/// Looks at inventory and policies until `stop` fires. A file that is wrong changes nothing and is
/// told once.
pub async fn watch(mut boot: Boot, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(WATCH_EVERY) => boot.look(),
        }
    }
}

impl Boot {
    /// Looks at the files once, and takes up what changed and has settled since the look before.
    pub fn look(&mut self) {
        self.look_at_policies();
        match self.fleet.poll() {
            None if self.refused => self.remount(&self.fleet.inventory()),
            None => {}
            Some(Ok(inventory)) => self.remount(&inventory),
            Some(Err(error)) => {
                tracing::error!(
                    error = chain(&error),
                    "inventory changed and is wrong; the one before stays in use"
                );
            }
        }
    }

    /// Takes a change when two looks in a row find the same: of a file half written, the permits may
    /// be there and the forbids not yet.
    fn look_at_policies(&mut self) {
        let read = PolicyFolder::read(&self.policies);
        let now = read.as_ref().ok().map(PolicyFolder::fingerprint);
        let settled = std::mem::replace(&mut self.seen, now) == now;
        if !settled || self.judged == now {
            return;
        }
        self.judged = now;
        match read.and_then(|folder| self.server.runtime().access.reload_policies(folder)) {
            Ok(generation) => tracing::info!(generation, "changed policies are in force"),
            Err(error) => {
                tracing::error!(
                    error = chain(&error),
                    "policies changed and are wrong; those before stay in force"
                );
            }
        }
    }

    /// Policy first: a new instance is reachable only once it is governed.
    fn remount(&mut self, inventory: &Inventory) {
        let runtime = Arc::clone(self.server.runtime());
        let again = std::mem::replace(&mut self.refused, false);
        if let Err(error) = runtime.access.reload_inventory(&resources(inventory)) {
            if !again {
                tracing::error!(
                    error = chain(&error),
                    "inventory does not fit the policies; the one before stays in use"
                );
            }
            self.refused = true;
            return;
        }
        runtime.remount(Mounts::open(inventory, &runtime.mounts()));
        tracing::info!(
            instances = inventory.instances().len(),
            "changed inventory is in use"
        );
    }
}
