//! What kind of deadlock it is, told from lock modes and statement shapes.
//!
//! Sources: MySQL Reference Manual, "Deadlocks in InnoDB", "How to Minimize and Handle Deadlocks",
//! "Locks Set by Different SQL Statements in InnoDB" (duplicate-key and foreign-key checks take
//! shared locks; an insert takes an insert intention lock before its row), "InnoDB Locking" (gap
//! locks do not exclude each other, only inserts).

use storex_tool::without_literals;

use super::cycle::{Cycle, Member, Spot};
use crate::lock_rows::checks_parent;
use crate::monitor::LockTarget;

/// Why transactions of this kind deadlock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// The same rows or tables in different order.
    OppositeOrder,
    /// One statement reaches rows by a secondary index, another by the primary key.
    DifferentIndexes,
    /// Statements of one shape lock many rows, each in an order of its own.
    ManyRows,
    /// Each holds a gap and wants to insert into the other's.
    GapInsert,
    /// A shared lock that its holder wants exclusively, while another shares it.
    SharedUpgrade,
    /// Inserts that check a unique key.
    DuplicateKey,
    /// A change of a child row that checks its parent.
    ForeignKeyParent,
    /// The auto-increment lock of a table takes part.
    AutoIncrement,
    /// A lock on a whole table takes part.
    WholeTable,
    /// The locks printed fit none of these.
    Unclear,
}

impl Pattern {
    /// A name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OppositeOrder => "opposite_order",
            Self::DifferentIndexes => "different_indexes",
            Self::ManyRows => "many_rows_in_different_order",
            Self::GapInsert => "gap_lock_and_insert",
            Self::SharedUpgrade => "shared_to_exclusive",
            Self::DuplicateKey => "duplicate_key_check",
            Self::ForeignKeyParent => "foreign_key_parent",
            Self::AutoIncrement => "auto_increment",
            Self::WholeTable => "table_lock",
            Self::Unclear => "unclear",
        }
    }

    /// Why, in a few words.
    pub const fn why(self) -> &'static str {
        match self {
            Self::OppositeOrder => "opposite lock order",
            Self::DifferentIndexes => "the same rows reached through different indexes",
            Self::ManyRows => "statements that lock many rows, each in another order",
            Self::GapInsert => "gap locks, which several may hold, against inserts into them",
            Self::SharedUpgrade => "shared locks their holders want to make exclusive",
            Self::DuplicateKey => "inserts of the same key: the duplicate check shares a lock",
            Self::ForeignKeyParent => "a foreign-key check that shares a lock on the parent row",
            Self::AutoIncrement => "an auto-increment lock held to the end of its statement",
            Self::WholeTable => "a lock on a whole table",
            Self::Unclear => "the locks printed fit no known pattern",
        }
    }
}

/// The pattern of a circle.
pub fn pattern(cycle: &Cycle<'_>) -> Pattern {
    let members = &cycle.members;
    if members.len() < 2 || members.iter().any(|member| member.wants.is_none()) {
        return Pattern::Unclear;
    }
    let wanted = || members.iter().filter_map(|member| member.wants);
    if wanted().any(|lock| lock.mode.as_deref() == Some("AUTO-INC")) {
        Pattern::AutoIncrement
    } else if wanted().any(|lock| lock.target == LockTarget::Table) {
        Pattern::WholeTable
    } else if members.iter().any(checks_parent_row) {
        Pattern::ForeignKeyParent
    } else if members.iter().any(checks_unique_key) {
        Pattern::DuplicateKey
    } else if members.iter().any(|member| inserts_into_gap(cycle, member)) {
        Pattern::GapInsert
    } else if members.iter().any(upgrades) {
        Pattern::SharedUpgrade
    } else {
        order_pattern(cycle)
    }
}

/// Only exclusive locks on records: it is a matter of order.
fn order_pattern(cycle: &Cycle<'_>) -> Pattern {
    let spots = cycle.spots();
    let crosses_indexes = |member: &Member<'_>| {
        let held = member
            .held_against_others(cycle)
            .map(|held| Spot::of(held.lock));
        let wanted = member.wants.map(Spot::of);
        matches!((held, wanted), (Some(held), Some(wanted))
            if held.table == wanted.table && held.index != wanted.index)
    };
    if cycle.members.iter().any(crosses_indexes) {
        Pattern::DifferentIndexes
    } else if cycle.members.iter().all(locks_many_rows) && same_shape(cycle) {
        Pattern::ManyRows
    } else if spots.len() >= 2 {
        Pattern::OppositeOrder
    } else {
        Pattern::Unclear
    }
}

/// Wants a shared lock on a row of a table its change does not name.
fn checks_parent_row(member: &Member<'_>) -> bool {
    let wants_shared = member
        .wants
        .filter(|lock| lock.mode.as_deref() == Some("S"));
    match (wants_shared, &member.transaction.statement) {
        (Some(lock), Some(statement)) => {
            checks_parent(&without_literals(statement), &lock.table.to_string())
        }
        _ => false,
    }
}

/// An insert that wants a shared lock on its own table, or holds one and waits to insert.
fn checks_unique_key(member: &Member<'_>) -> bool {
    let Some(wants) = member.wants else {
        return false;
    };
    let inserts = matches!(verb(member).as_str(), "INSERT" | "REPLACE");
    let waits_for_check = wants.mode.as_deref() == Some("S");
    let checked = wants.insert_intention && member.holds.iter().any(super::cycle::Held::is_shared);
    inserts && (waits_for_check || checked)
}

/// Wants to insert where another holds the gap.
fn inserts_into_gap(cycle: &Cycle<'_>, member: &Member<'_>) -> bool {
    let blocker = member.behind.and_then(|place| cycle.members.get(place));
    member.wants.is_some_and(|lock| lock.insert_intention)
        && blocker.is_none_or(|blocker| {
            blocker
                .holds
                .iter()
                .any(|held| held.covers_gap() || held.implied)
        })
}

/// Wants exclusively what it holds shared.
fn upgrades(member: &Member<'_>) -> bool {
    let Some(wants) = member
        .wants
        .filter(|lock| lock.mode.as_deref() == Some("X"))
    else {
        return false;
    };
    let wanted = Spot::of(wants);
    let mut shared = member.holds.iter().filter(|held| held.is_shared());
    shared.any(|held| Spot::of(held.lock) == wanted)
}

/// Its statement can lock more than the row of one key.
fn locks_many_rows(member: &Member<'_>) -> bool {
    const MANY: [&str; 8] = [
        " IN (",
        " IN(",
        " BETWEEN ",
        " LIKE ",
        " JOIN ",
        "<",
        ">",
        " ORDER BY ",
    ];
    let shape = shape(member).to_ascii_uppercase();
    MANY.iter().any(|part| shape.contains(part)) || !shape.contains(" WHERE ")
}

fn same_shape(cycle: &Cycle<'_>) -> bool {
    let mut shapes = cycle.members.iter().map(shape);
    let first = shapes.next();
    shapes.all(|shape| Some(shape) == first)
}

fn shape(member: &Member<'_>) -> String {
    without_literals(member.transaction.statement.as_deref().unwrap_or_default())
}

fn verb(member: &Member<'_>) -> String {
    let shape = shape(member);
    shape
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase()
}
