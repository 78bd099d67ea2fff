//! The circle in words: who locks what and then wants what.

use storex_tool::Untrusted;

use super::cycle::{Cycle, Held, Spot};
use super::parties::Party;
use crate::monitor::{Covers, Lock};

/// Members told one by one; a larger circle is cut.
const MEMBERS_AT_MOST: usize = 4;

/// `A locks row A of shop.accounts (PRIMARY), then wants row B; B locks row B, then wants row A`.
/// Rows are letters: their key values are row data.
pub fn order(cycle: &Cycle<'_>, parties: &[Party]) -> String {
    let mut names = Names::of(cycle);
    let mut sentences: Vec<String> = Vec::new();
    for (member, party) in cycle.members.iter().zip(parties).take(MEMBERS_AT_MOST) {
        let held = member.held_against_others(cycle);
        let place = held.map(|held| Spot::of(held.lock));
        let held = held.map(|held| names.held(held));
        let wanted = member.wants.map(|lock| {
            let same = place == Some(Spot::of(lock));
            if same {
                wanted_too(lock)
            } else {
                names.wanted(lock)
            }
        });
        let deed = match (held, wanted) {
            (Some(held), Some(wanted)) => format!("{held}, then wants {wanted}"),
            (Some(held), None) => held,
            (None, Some(wanted)) => format!("wants {wanted}"),
            (None, None) => "takes part".to_owned(),
        };
        sentences.push(format!("{} {deed}", party.label()));
    }
    let more = cycle.members.len().saturating_sub(MEMBERS_AT_MOST);
    if more > 0 {
        sentences.push(format!("{more} more in the circle"));
    }
    sentences.join("; ")
}

/// What is wanted where the place is the one held.
fn wanted_too(lock: &Lock) -> String {
    match lock.mode.as_deref() {
        _ if lock.insert_intention => "to insert into it".to_owned(),
        Some("S") => "it shared".to_owned(),
        _ => "it exclusively".to_owned(),
    }
}

/// Letters for rows, and which tables have been named already.
struct Names {
    spots: Vec<Spot>,
    told: Vec<Spot>,
}

impl Names {
    fn of(cycle: &Cycle<'_>) -> Self {
        let spots = cycle.spots();
        Self {
            spots: spots
                .into_iter()
                .filter(|spot| spot.index.is_some())
                .collect(),
            told: Vec::new(),
        }
    }

    fn held(&mut self, held: Held<'_>) -> String {
        let place = self.place(held.lock);
        let shared = if held.is_shared() { ", shared" } else { "" };
        format!("locks {place}{shared}")
    }

    fn wanted(&mut self, lock: &Lock) -> String {
        let place = self.place(lock);
        if lock.insert_intention {
            return format!("to insert into {place}");
        }
        match lock.mode.as_deref() {
            Some("S") => format!("{place}, shared"),
            Some("X" | "IX" | "IS" | "AUTO-INC") | None => place,
            Some(mode) => format!("{place} ({})", Untrusted::name(mode)),
        }
    }

    /// `row A of shop.accounts (PRIMARY)` the first time, `row A` from then on.
    fn place(&mut self, lock: &Lock) -> String {
        let spot = Spot::of(lock);
        let table = Untrusted::name(&spot.table);
        let Some(index) = &spot.index else {
            return match lock.mode.as_deref() {
                Some("AUTO-INC") => format!("the auto-increment lock of {table}"),
                _ => format!("table {table}"),
            };
        };
        let number = self
            .spots
            .iter()
            .position(|known| *known == spot)
            .unwrap_or_default();
        let in_gap = lock.covers == Some(Covers::Gap) || lock.insert_intention;
        let row = match (spot.is_end(), in_gap) {
            (true, _) => "the gap at the end".to_owned(),
            (false, true) => format!("the gap before row {}", letter(number)),
            (false, false) => format!("row {}", letter(number)),
        };
        let known = |told: &Spot| (&told.table, &told.index) == (&spot.table, &spot.index);
        let one_index = self
            .spots
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if (&a.table, &a.index) == (&b.table, &b.index)));
        let told = self.told.iter().any(known) && (one_index || self.told.contains(&spot));
        if told {
            return row;
        }
        let name = format!("{row} of {table} ({})", Untrusted::name(index));
        self.told.push(spot);
        name
    }
}

/// A, B, ... Z, then by number.
pub(crate) fn letter(number: usize) -> String {
    match u8::try_from(number).ok().filter(|number| *number < 26) {
        Some(number) => char::from(b'A' + number).to_string(),
        None => (number + 1).to_string(),
    }
}
