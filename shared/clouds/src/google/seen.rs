//! Which entries were handed out: a sink may write one twice, in one object or in two. Bounded: the
//! oldest are forgotten first.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};

use jiff::Timestamp;

/// The entries of a call, by a hash of what tells them apart.
#[derive(Debug)]
pub(super) struct Seen {
    /// In which object each was.
    objects: HashMap<u64, u32>,
    turn: VecDeque<u64>,
    most: usize,
}

impl Seen {
    pub(super) fn new(most: usize) -> Self {
        Self {
            objects: HashMap::new(),
            turn: VecDeque::new(),
            most: most.max(1),
        }
    }

    /// Whether it is seen for the first time, now in `object`.
    pub(super) fn is_new(&mut self, time: Timestamp, insert_id: &str, object: u32) -> bool {
        let mut hasher = DefaultHasher::new();
        (time.as_nanosecond(), insert_id).hash(&mut hasher);
        let hash = hasher.finish();
        if self.objects.contains_key(&hash) {
            return false;
        }
        if self.turn.len() >= self.most
            && let Some(oldest) = self.turn.pop_front()
        {
            self.objects.remove(&oldest);
        }
        self.objects.insert(hash, object);
        self.turn.push_back(hash);
        true
    }

    /// Forgets those of an object that is to be read from its start again.
    pub(super) fn forget(&mut self, object: u32) {
        let objects = &mut self.objects;
        objects.retain(|_, of| *of != object);
        self.turn.retain(|hash| objects.contains_key(hash));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_new_once_in_whichever_object() {
        let mut seen = Seen::new(10);
        let at = Timestamp::UNIX_EPOCH;
        assert!(seen.is_new(at, "a", 0) && seen.is_new(at, "b", 0));
        assert!(!seen.is_new(at, "a", 0) && !seen.is_new(at, "b", 1));
        assert!(
            seen.is_new(Timestamp::MAX, "a", 1),
            "ids are told apart by time too"
        );
    }

    #[test]
    fn an_object_that_is_read_again_is_new_and_others_are_not() {
        let mut seen = Seen::new(10);
        let at = Timestamp::UNIX_EPOCH;
        assert!(seen.is_new(at, "a", 0) && seen.is_new(at, "b", 1));
        seen.forget(1);
        assert!(seen.is_new(at, "b", 1) && !seen.is_new(at, "a", 1));
    }

    #[test]
    fn no_more_are_remembered_than_the_bound() {
        let mut seen = Seen::new(3);
        let at = Timestamp::UNIX_EPOCH;
        for id in ["a", "b", "c", "d"] {
            assert!(seen.is_new(at, id, 0));
        }
        assert_eq!((seen.objects.len(), seen.turn.len()), (3, 3));
        assert!(seen.is_new(at, "a", 0) && !seen.is_new(at, "d", 0));
    }
}
