//! Groups by fingerprint.

use std::cmp::Reverse;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::form_id::FormId;
use crate::group::Group;
use crate::samples::Samples;

/// Groups by fingerprint.
#[derive(Debug)]
pub(crate) struct Groups {
    hasher: RandomState,
    all: Vec<Group>,
    by_fingerprint: HashTable<usize>,
    /// The form of which samples are kept.
    samples_of: Option<FormId>,
}

impl Groups {
    pub(crate) fn new(samples_of: Option<FormId>) -> Self {
        Self {
            hasher: RandomState::default(),
            all: Vec::new(),
            by_fingerprint: HashTable::new(),
            samples_of,
        }
    }

    pub(crate) fn all(&self) -> &[Group] {
        &self.all
    }

    pub(crate) fn all_mut(&mut self) -> &mut [Group] {
        &mut self.all
    }

    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut Group> {
        self.all.get_mut(number)
    }

    /// The number of the group of that fingerprint, which may be a new one.
    pub(crate) fn number(&mut self, fingerprint: &[u8]) -> usize {
        let hash = self.hasher.hash_one(fingerprint);
        let groups = &self.all;
        let is_same = |at: &usize| {
            groups
                .get(*at)
                .is_some_and(|group| *group.fingerprint == *fingerprint)
        };
        if let Some(at) = self.by_fingerprint.find(hash, is_same) {
            return *at;
        }
        let has_samples = |wanted| FormId::of(fingerprint) == wanted;
        self.all.push(Group {
            fingerprint: fingerprint.into(),
            samples: self
                .samples_of
                .is_some_and(has_samples)
                .then(Samples::default),
            ..Group::default()
        });
        self.index(self.all.len() - 1);
        self.all.len() - 1
    }

    /// Keeps so many groups, those that took most time; the others are returned. Groups have other
    /// numbers then.
    pub(crate) fn keep_slowest(&mut self, most: usize) -> Vec<Group> {
        self.all
            .sort_by_key(|group| Reverse(group.figures.query_us.sum));
        let others = self.all.split_off(most.min(self.all.len()));
        self.by_fingerprint.clear();
        for at in 0..self.all.len() {
            self.index(at);
        }
        others
    }

    fn index(&mut self, at: usize) {
        let (groups, hasher) = (&self.all, &self.hasher);
        let hash_of = |at: usize| {
            let fingerprint = groups.get(at).map(|group| &*group.fingerprint);
            hasher.hash_one(fingerprint.unwrap_or_default())
        };
        self.by_fingerprint
            .insert_unique(hash_of(at), at, |at| hash_of(*at));
    }
}
