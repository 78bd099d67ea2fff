//! A printed deadlock, understood: what is alike about two of them.

use std::collections::BTreeSet;

use storex_tool::Untrusted;

use super::cycle::{Cycle, Spot};
use super::parties::{Party, Programs};
use super::pattern::{Pattern, pattern};
use super::words::order;
use crate::monitor::Deadlock;

/// A printed deadlock, understood.
pub(super) struct Explained {
    pub(super) pattern: Pattern,
    pub(super) tables: String,
    pub(super) order: String,
    /// Whose transaction was rolled back.
    pub(super) victim: Option<String>,
    labels: BTreeSet<String>,
}

impl Explained {
    pub(super) fn of(deadlock: &Deadlock, programs: &Programs) -> Self {
        let cycle = Cycle::of(deadlock);
        let parties: Vec<Party> = cycle
            .members
            .iter()
            .map(|member| Party::of(member, programs))
            .collect();
        Self {
            pattern: pattern(&cycle),
            tables: tables(&cycle),
            order: order(&cycle, &parties),
            victim: victim(&cycle, &parties),
            labels: parties.iter().map(Party::label).collect(),
        }
    }

    /// Deadlocks with the same key are of one kind.
    pub(super) fn key(&self) -> (Pattern, &str, &BTreeSet<String>) {
        (self.pattern, &self.tables, &self.labels)
    }
}

fn victim(cycle: &Cycle<'_>, parties: &[Party]) -> Option<String> {
    let mut members = cycle.members.iter().zip(parties);
    let (_, party) = members.find(|(member, _)| member.rolled_back)?;
    Some(party.label())
}

/// The tables fought over.
fn tables(cycle: &Cycle<'_>) -> String {
    let name = |spot: &Spot| Untrusted::name(&spot.table).to_string();
    let names: BTreeSet<String> = cycle.spots().iter().map(name).collect();
    let names: Vec<String> = names.into_iter().take(3).collect();
    if names.is_empty() {
        "tables not printed".to_owned()
    } else {
        names.join(" and ")
    }
}
