//! How often each of some names was seen.

/// Names kept at most for one statement; those beyond are counted together.
const KEPT: usize = 256;

/// How often each of some names, by number, was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    counts: Vec<(u32, u64)>,
    /// Of the name seen last: statements come in bursts.
    latest: usize,
    others: u64,
}

impl Names {
    /// Counts a name.
    pub fn add(&mut self, name: u32, times: u64) {
        if let Some((known, count)) = self.counts.get_mut(self.latest)
            && *known == name
        {
            *count += times;
            return;
        }
        let found = self.counts.iter().position(|(known, _)| *known == name);
        if let Some(at) = found {
            self.latest = at;
            if let Some((_, count)) = self.counts.get_mut(at) {
                *count += times;
            }
        } else if self.counts.len() < KEPT {
            self.latest = self.counts.len();
            self.counts.push((name, times));
        } else {
            self.others += times;
        }
    }

    /// Adds what another counted, whose names have other numbers.
    pub(crate) fn merge(&mut self, other: &Self, number: &dyn Fn(u32) -> u32) {
        for (name, times) in &other.counts {
            self.add(number(*name), *times);
        }
        self.others += other.others;
    }

    /// Drops a name that turned out to be none.
    pub(crate) fn forget(&mut self, name: u32) {
        self.counts.retain(|(known, _)| *known != name);
        self.latest = 0;
    }

    /// Each name's number and count, most seen first.
    pub fn by_count(&self) -> Vec<(u32, u64)> {
        let mut counts = self.counts.clone();
        counts.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        counts
    }

    /// Times a name was seen for which there was no room.
    pub fn others(&self) -> u64 {
        self.others
    }
}
