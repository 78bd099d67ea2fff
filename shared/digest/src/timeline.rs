//! When statements ran, in slots of equal length.

/// Slots kept at most; beyond them slots are joined in pairs.
const SLOTS: usize = 64;

/// What ran in one slot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Slot {
    /// Statements.
    pub count: u64,
    /// Their time, in microseconds.
    pub time_us: u64,
}

/// When statements ran: slots of a power of two of seconds, as few as hold all times. Two timelines add
/// up exactly, at the coarser grain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The first slot's number: its beginning in seconds since 1970, divided by the slot's length.
    first: i64,
    /// A slot's length is two to this power, in seconds.
    power: u32,
    slots: Vec<Slot>,
}

impl Timeline {
    /// Adds what ended then.
    pub fn add(&mut self, ended_us: i64, slot: Slot) {
        self.put(ended_us.div_euclid(1_000_000) >> self.power, slot);
    }

    /// Adds another timeline.
    pub fn merge(&mut self, other: &Self) {
        let mut other = other.clone();
        while self.power < other.power {
            self.coarsen();
        }
        while other.power < self.power {
            other.coarsen();
        }
        let (mut number, power) = (other.first, other.power);
        for slot in &other.slots {
            self.put(number >> (self.power - power), *slot);
            number += 1;
        }
    }

    /// Each slot with its beginning in seconds since 1970.
    pub fn slots(&self) -> impl Iterator<Item = (i64, Slot)> {
        let numbers = self.first..;
        numbers
            .zip(&self.slots)
            .map(|(number, slot)| (number << self.power, *slot))
    }

    /// A slot's length in seconds.
    pub fn slot_s(&self) -> u64 {
        1 << self.power
    }

    fn put(&mut self, mut number: i64, slot: Slot) {
        if slot == Slot::default() {
            return;
        }
        if self.slots.is_empty() {
            self.first = number;
        }
        loop {
            let last = self.first + i64::try_from(self.slots.len()).unwrap_or(0) - 1;
            let span = number.max(last) - number.min(self.first);
            if usize::try_from(span).is_ok_and(|span| span < SLOTS) {
                break;
            }
            self.coarsen();
            number >>= 1;
        }
        while number < self.first {
            self.slots.insert(0, Slot::default());
            self.first -= 1;
        }
        let at = usize::try_from(number - self.first).unwrap_or(0);
        if at >= self.slots.len() {
            self.slots.resize(at + 1, Slot::default());
        }
        if let Some(known) = self.slots.get_mut(at) {
            known.count += slot.count;
            known.time_us += slot.time_us;
        }
    }

    fn coarsen(&mut self) {
        let mut joined = Self {
            first: self.first >> 1,
            power: self.power + 1,
            slots: Vec::with_capacity(self.slots.len() / 2 + 1),
        };
        let numbers = self.first..;
        for (number, slot) in numbers.zip(&self.slots) {
            joined.put(number >> 1, *slot);
        }
        *self = joined;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(times: &[i64]) -> Timeline {
        let mut timeline = Timeline::default();
        for time in times {
            let slot = Slot {
                count: 1,
                time_us: 7,
            };
            timeline.add(*time * 1_000_000, slot);
        }
        timeline
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_slots_are_few(times in proptest::collection::vec(0_i64..1 << 33, 1..100)) {
            let timeline = of(&times);
            prop_assert_eq!(timeline.slots().map(|(_, slot)| slot.count).sum::<u64>(), times.len() as u64);
            prop_assert!(timeline.slots().count() <= SLOTS);
            let length = i64::try_from(timeline.slot_s()).unwrap();
            for time in &times {
                prop_assert!(timeline.slots().any(|(from, slot)| slot.count > 0 && (from..from + length).contains(time)));
            }
        }

        #[test]
        fn parts_add_up_to_the_whole(times in proptest::collection::vec(0_i64..100_000, 0..100), cut in 0_usize..100) {
            let cut = cut.min(times.len());
            let mut merged = of(&times[..cut]);
            merged.merge(&of(&times[cut..]));
            let whole = of(&times);
            prop_assert_eq!(merged.slots().collect::<Vec<_>>(), whole.slots().collect::<Vec<_>>());
        }
    }
}
