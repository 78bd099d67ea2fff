//! Which group statements of an outline belong to.

use std::hash::BuildHasher;
use std::ops::Range;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::fingerprint::outline;

/// Bytes of outlines known at once: some thousands of them.
const MOST: usize = 1 << 20;

/// Which group statements of an outline belong to: a statement whose outline is known needs no
/// fingerprint. When too many are known all are forgotten; those that are seen often come back at once.
#[derive(Debug, Default)]
pub(crate) struct Outlines {
    hasher: RandomState,
    /// By the hash of their outlines.
    known: HashTable<Known>,
    /// The known outlines, one after the other.
    text: Vec<u8>,
    /// The outline looked for last.
    latest: Vec<u8>,
    latest_hash: Option<u64>,
}

#[derive(Debug)]
struct Known {
    /// Where its outline stands.
    text: Range<usize>,
    hash: u64,
    group: usize,
}

impl Outlines {
    /// The group of that statement, where its outline is known.
    pub(crate) fn find(&mut self, sql: &[u8]) -> Option<usize> {
        self.latest_hash = None;
        outline(sql, &mut self.latest)?;
        let hash = self.hasher.hash_one(self.latest.as_slice());
        self.latest_hash = Some(hash);
        let is_it = |known: &Known| {
            known.hash == hash && self.text.get(known.text.clone()) == Some(&self.latest)
        };
        Some(self.known.find(hash, is_it)?.group)
    }

    /// The statement looked for last, which was not found, is of that group.
    pub(crate) fn learn(&mut self, group: usize) {
        let Some(hash) = self.latest_hash.take() else {
            return;
        };
        if self.text.len() + self.latest.len() > MOST {
            self.forget();
        }
        let start = self.text.len();
        self.text.extend_from_slice(&self.latest);
        let text = start..self.text.len();
        self.known
            .insert_unique(hash, Known { text, hash, group }, |known| known.hash);
    }

    /// Forgets all, for groups have other numbers now.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
        self.text.clear();
    }
}
