//! The classes of messages that matter, those that matter most first: each is one row with where it is
//! documented, how bad it is, and what to do next.

mod clients;
mod known;
mod replication;
mod server;
mod storage;

use storex_tool::Severity;

use super::Entry;

pub use known::KNOWN;

/// A class of messages.
#[derive(Debug)]
pub struct Class {
    /// Its name: of its findings, and of its groups of messages.
    pub id: &'static str,
    /// Of its finding.
    pub severity: Severity,
    /// From how many entries of a window on it is a finding; never for 0.
    pub from: u64,
    /// Codes of MySQL 8.0 on that belong to it.
    pub codes: &'static [u32],
    /// Phrases one of which a message of it says.
    pub any: &'static [&'static str],
    /// Phrases one of which it must say besides; none where empty. Codes need none.
    pub and: &'static [&'static str],
    /// What happened, as the finding says it.
    pub what: &'static str,
    /// Whether its messages name who (`'user'@'host'`) or what (`` `db`.`table` ``), to be told.
    pub names: bool,
    /// Where it is documented: the messages as the server knows them, and the page about them.
    pub source: &'static str,
    /// The tool that looks further; its argument is the instance.
    pub next: Option<&'static str>,
    /// What a person could do: the step, how safe it is, what it costs.
    pub remedy: [&'static str; 3],
}

impl Class {
    /// Whether an entry belongs to it.
    fn holds(&self, entry: &Entry) -> bool {
        if entry.code.is_some_and(|code| self.codes.contains(&code)) {
            return true;
        }
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| entry.says(phrase));
        says(self.any) && (self.and.is_empty() || says(self.and))
    }
}

/// The class of an entry, as its place in [`KNOWN`].
pub fn class_of(entry: &Entry) -> Option<usize> {
    KNOWN.iter().position(|class| class.holds(entry))
}
