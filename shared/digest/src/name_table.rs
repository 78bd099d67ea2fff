//! Names by number.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Names longer than this are cut: a user, a host and an address are not.
const NAME_BYTES: usize = 256;
/// Different names kept in all.
const NAMES: usize = 50_000;

/// Names by number. That of what has no name, and of names for which there is no room, is 0.
#[derive(Debug)]
pub(crate) struct NameTable {
    hasher: RandomState,
    names: Vec<Box<[u8]>>,
    by_name: HashTable<u32>,
}

impl Default for NameTable {
    fn default() -> Self {
        Self {
            hasher: RandomState::default(),
            names: vec![Box::default()],
            by_name: HashTable::new(),
        }
    }
}

impl NameTable {
    /// The number of a name.
    pub(crate) fn number(&mut self, name: &[u8]) -> u32 {
        let name = name.get(..NAME_BYTES).unwrap_or(name);
        if name.is_empty() {
            return 0;
        }
        let hash = self.hasher.hash_one(name);
        let (names, hasher) = (&self.names, &self.hasher);
        if let Some(known) = self.by_name.find(hash, |at| at_number(names, *at) == name) {
            return *known;
        }
        let Some(number) = u32::try_from(names.len())
            .ok()
            .filter(|_| names.len() < NAMES)
        else {
            return 0;
        };
        self.by_name
            .insert_unique(hash, number, |at| hasher.hash_one(at_number(names, *at)));
        self.names.push(name.into());
        number
    }

    /// The name of that number.
    pub(crate) fn name(&self, number: u32) -> &[u8] {
        at_number(&self.names, number)
    }

    /// The names, from that of number 0 on.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.names.iter().map(|name| &**name)
    }
}

fn at_number(names: &[Box<[u8]>], number: u32) -> &[u8] {
    let at = usize::try_from(number).unwrap_or(usize::MAX);
    names.get(at).map(|name| &**name).unwrap_or_default()
}

/// The name looked for last of one kind: the next is often the same.
#[derive(Debug, Default)]
pub(crate) struct Latest {
    name: Vec<u8>,
    number: u32,
}

impl Latest {
    pub(crate) fn number(&mut self, name: &[u8], names: &mut NameTable) -> u32 {
        if self.name != name {
            self.number = names.number(name);
            self.name.clear();
            self.name.extend_from_slice(name);
        }
        self.number
    }
}

/// Other numbers of names, by the number they had.
#[derive(Debug)]
pub(crate) struct Renumbered(pub(crate) Vec<u32>);

impl Renumbered {
    pub(crate) fn number(&self, before: u32) -> u32 {
        let at = usize::try_from(before).unwrap_or(usize::MAX);
        self.0.get(at).copied().unwrap_or(0)
    }
}
