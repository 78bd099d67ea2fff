//! A printed deadlock as rows an answer can hold.

use schemars::JsonSchema;
use serde::Serialize;
use storex_tool::Untrusted;

use crate::deadlock::{Cycle, Member, Party, Programs, Seen, Spot, order, pattern};
use crate::monitor::{Covers, Lock, LockTarget};
use crate::sessions::show_statement;

const STATEMENT_CHARS: usize = 160;
const LOCKS_AT_MOST: usize = 4;

/// A deadlock.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Printed {
    #[serde(skip_serializing_if = "Option::is_none")]
    age_s: Option<i64>,
    pattern: &'static str,
    /// Who locks what and then wants what; rows are letters
    order: String,
    transactions: Vec<Transaction>,
}

/// A member of the cycle.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct Transaction {
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<Untrusted>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    rolled_back: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    age_s: Option<u64>,
    /// Row changes made
    #[serde(skip_serializing_if = "Option::is_none")]
    undo_entries: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<Untrusted>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    holds: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wants: Option<String>,
}

impl Printed {
    /// Members listed.
    pub(crate) fn listed(&self) -> usize {
        self.transactions.len()
    }
}

/// The first `limit` members of a deadlock.
pub(crate) fn printed(seen: &Seen, programs: &Programs, limit: usize, literals: bool) -> Printed {
    let cycle = Cycle::of(&seen.deadlock);
    let parties: Vec<Party> = cycle
        .members
        .iter()
        .map(|member| Party::of(member, programs))
        .collect();
    let members = cycle.members.iter().zip(&parties).take(limit);
    Printed {
        age_s: seen.age_s,
        // Not proof of a deadlock: the search for a circle was too long.
        pattern: if seen.deadlock.search_given_up {
            "search_given_up"
        } else {
            pattern(&cycle).as_str()
        },
        order: order(&cycle, &parties),
        transactions: members
            .map(|(member, party)| transaction(&cycle, member, party, literals))
            .collect(),
    }
}

fn transaction(
    cycle: &Cycle<'_>,
    member: &Member<'_>,
    party: &Party,
    literals: bool,
) -> Transaction {
    let name = |text: &Option<String>| text.as_deref().map(Untrusted::name);
    let statement = member.transaction.statement.as_deref();
    Transaction {
        connection: party.connection,
        user: name(&party.user),
        program: name(&party.program),
        rolled_back: member.rolled_back,
        age_s: member.transaction.active_s,
        undo_entries: member.transaction.undo_log_entries,
        statement: statement.map(|sql| show_statement(sql, literals, STATEMENT_CHARS)),
        holds: member
            .holds
            .iter()
            .take(LOCKS_AT_MOST)
            .map(|held| {
                let implied = if held.implied { "not printed: " } else { "" };
                format!("{implied}{}", lock(cycle, held.lock))
            })
            .collect(),
        wants: member.wants.map(|wanted| lock(cycle, wanted)),
    }
}

/// `X record shop.accounts PRIMARY row A`: rows are letters within the deadlock.
fn lock(cycle: &Cycle<'_>, lock: &Lock) -> String {
    let spot = Spot::of(lock);
    let mode = lock.mode.as_deref().unwrap_or("?");
    let mode = Untrusted::name(mode);
    let table = Untrusted::name(&spot.table);
    let kind = match (&lock.target, lock.covers, lock.insert_intention) {
        (LockTarget::Table, ..) => "table",
        (_, _, true) => "insert intention",
        (_, Some(Covers::Gap), _) => "gap",
        (_, Some(Covers::NextKey), _) => "next-key",
        (_, Some(Covers::Record) | None, _) => "record",
    };
    let Some(index) = &spot.index else {
        return format!("{mode} {kind} {table}");
    };
    let index = Untrusted::name(index);
    let place = cycle.spots().iter().position(|known| *known == spot);
    let row = match (spot.is_end(), place) {
        (true, _) => " end of index".to_owned(),
        (false, Some(place)) => format!(" row {}", crate::deadlock::letter(place)),
        (false, None) => String::new(),
    };
    format!("{mode} {kind} {table} {index}{row}")
}
