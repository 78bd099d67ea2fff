//! Waits for a table flush: the server keeps them out of its lock tables, so who holds whom up is
//! told from sessions' states, ages and statements. Pure.
//!
//! `FLUSH TABLES` (also a step of `FLUSH TABLES WITH READ LOCK`) waits until every statement that
//! has an old version of a table open has ended; statements that come later and want such a table
//! wait as well, and go on waiting when the `FLUSH` is killed. Source: MySQL Reference Manual,
//! "General Thread States", "Waiting for table flush".

use std::collections::BTreeSet;

use storex_tool::without_literals;

use crate::sessions::SessionRow;
use crate::waits::{Edge, Lock, LockKind, Party};

/// The state of all that wait.
pub(crate) const STATE: &str = "Waiting for table flush";

/// Who waits for whom: for statements that began no later and use a table it wants.
pub fn edges<'a>(sessions: impl Iterator<Item = &'a SessionRow>) -> Vec<Edge> {
    let running: Vec<Running> = sessions.filter_map(Running::of).collect();
    let mut edges = Vec::new();
    for waiter in running.iter().filter(|session| session.waits) {
        let earlier = |other: &&Running| other.id != waiter.id && other.age_s >= waiter.age_s;
        for other in running.iter().filter(earlier) {
            if other.holds_up(waiter) {
                edges.push(edge(waiter, other));
            }
        }
    }
    edges
}

fn edge(waiter: &Running, blocker: &Running) -> Edge {
    let table = waiter.tables.intersection(&blocker.tables).next();
    let table = table.or_else(|| blocker.tables.first());
    Edge {
        waiter: Party::Connection(waiter.id),
        blocker: Party::Connection(blocker.id),
        lock: Lock {
            kind: LockKind::TableFlush,
            mode: String::new(),
            object: table.cloned().unwrap_or_else(|| "tables".to_owned()),
            index: None,
            row: None,
        },
        granted: !blocker.waits,
    }
}

/// A session that runs a statement.
struct Running {
    id: u64,
    age_s: i64,
    waits: bool,
    flushes: bool,
    tables: BTreeSet<String>,
}

impl Running {
    fn of(session: &SessionRow) -> Option<Self> {
        let text = without_literals(session.info.as_deref()?);
        let words: Vec<&str> = text
            .split(|c: char| !(c.is_alphanumeric() || "_$.`".contains(c)))
            .filter(|word| !word.is_empty())
            .collect();
        let flushes = words
            .first()
            .is_some_and(|word| word.eq_ignore_ascii_case("FLUSH"));
        Some(Self {
            id: session.id,
            age_s: session.time_s?,
            waits: session.state.as_deref() == Some(STATE),
            flushes,
            tables: tables(&words),
        })
    }

    /// Whether the waiter cannot go on before this one: it uses a table the waiter wants, or one of
    /// any where all are flushed; a flush holds up those that do not flush.
    fn holds_up(&self, waiter: &Self) -> bool {
        match (self.waits, self.flushes) {
            (true, true) => !waiter.flushes,
            (true, false) => false,
            (false, _) => {
                let flushes_all = waiter.flushes && waiter.tables.is_empty();
                flushes_all && !self.tables.is_empty() || !self.tables.is_disjoint(&waiter.tables)
            }
        }
    }
}

/// Names behind the words that introduce a table, without their schema.
fn tables(words: &[&str]) -> BTreeSet<String> {
    const BEFORE: [&str; 6] = ["FROM", "JOIN", "UPDATE", "INTO", "TABLE", "TABLES"];
    const NO_TABLE: [&str; 3] = ["WITH", "SELECT", "IF"];
    let is = |word: &str, list: &[&str]| list.iter().any(|known| word.eq_ignore_ascii_case(known));
    words
        .windows(2)
        .filter_map(|pair| match pair {
            [before, name] if is(before, &BEFORE) && !is(name, &NO_TABLE) => {
                let name = name.replace('`', "");
                let table = name.rsplit('.').next().unwrap_or(&name).to_lowercase();
                (!table.is_empty()).then_some(table)
            }
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waits::Forest;

    fn session(id: u64, age_s: i64, state: &str, info: &str) -> SessionRow {
        SessionRow {
            id,
            time_s: Some(age_s),
            state: Some(state.into()),
            info: Some(info.into()),
            ..SessionRow::default()
        }
    }

    #[test]
    fn the_long_statement_holds_up_the_flush_and_everyone_behind_it() {
        let sessions = [
            session(
                21,
                40,
                "executing",
                "SELECT SLEEP(8), id FROM shop.`orders` LIMIT 1",
            ),
            session(22, 90, "executing", "SELECT SLEEP(100)"),
            session(23, 30, STATE, "FLUSH TABLES WITH READ LOCK"),
            session(25, 20, STATE, "SELECT * FROM orders WHERE id = 7"),
            session(26, 3, "executing", "SELECT * FROM customers"),
        ];
        let forest = Forest::build(&edges(sessions.iter()));
        let [root] = forest.roots.as_slice() else {
            panic!("one root expected: {forest:?}")
        };
        assert_eq!(root.party, Party::Connection(21));
        assert_eq!(root.waiters.len(), 2);
    }

    #[test]
    fn a_flush_of_another_table_is_held_up_by_nobody_here() {
        let sessions = [
            session(21, 40, "executing", "SELECT id FROM orders"),
            session(23, 30, STATE, "FLUSH TABLES customers"),
        ];
        assert_eq!(edges(sessions.iter()), []);
    }

    #[test]
    fn nobody_waits_on_a_quiet_server() {
        let sessions = [session(21, 40, "executing", "SELECT id FROM orders")];
        assert_eq!(edges(sessions.iter()), []);
    }
}
