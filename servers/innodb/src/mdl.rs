//! Metadata locks: who holds up whom, by the server's own compatibility rules. Pure.
//!
//! `sys.schema_table_lock_waits` pairs every waiter with every holder: it shows the `ALTER` as
//! blocking itself and readers as blocked by readers. The chain is: a granted holder, then the
//! pending exclusive request it holds up, then the shared requests that queue behind that one.
//! Compatibility: the granted and the waiting matrices of `MDL_object_lock` in `sql/mdl.cc`.

mod granted;

use serde::Deserialize;

pub use granted::{MdlInfoRow, Scope, Stalled, edges_from_granted};

use crate::waits::{Edge, Lock, LockKind, Party};

/// One row of `performance_schema.metadata_locks`, with the owner's connection id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MdlRow {
    /// `TABLE`, `GLOBAL`, `COMMIT`, `SCHEMA`, `BACKUP LOCK`, ...
    pub object_type: String,
    /// Schema, where the object has one.
    pub object_schema: Option<String>,
    /// Name, where the object has one.
    pub object_name: Option<String>,
    /// `SHARED_READ`, `EXCLUSIVE`, ...
    pub lock_type: String,
    /// `GRANTED`, `PENDING`, ...
    pub lock_status: String,
    /// The owner's connection id.
    pub id: Option<u64>,
}

/// Lock types in the order of the matrices, weakest first.
const TYPES: [&str; 10] = [
    "SHARED",
    "SHARED_HIGH_PRIO",
    "SHARED_READ",
    "SHARED_WRITE",
    "SHARED_WRITE_LOW_PRIO",
    "SHARED_UPGRADABLE",
    "SHARED_READ_ONLY",
    "SHARED_NO_WRITE",
    "SHARED_NO_READ_WRITE",
    "EXCLUSIVE",
];

/// Row: the request. Column: a granted lock. `-` where they exclude each other.
const GRANTED: [&[u8; 10]; 10] = [
    b"+++++++++-",
    b"+++++++++-",
    b"++++++++--",
    b"++++++----",
    b"++++++----",
    b"+++++-+---",
    b"+++--+++--",
    b"+++---+---",
    b"++---+----",
    b"----------",
];

/// Row: the request. Column: a request that waits already. `-` where that one goes first.
const PENDING: [&[u8; 10]; 10] = [
    b"+++++++++-",
    b"++++++++++",
    b"++++++++--",
    b"+++++++---",
    b"++++++----",
    b"+++++++++-",
    b"+++-++++--",
    b"+++++++++-",
    b"+++++++++-",
    b"++++++++++",
];

/// Who waits for whom for metadata locks. Rows must be those of every object somebody waits for.
pub fn edges(rows: &[MdlRow]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for waiter in rows.iter().filter(|row| row.lock_status == "PENDING") {
        let Some(waiter_id) = waiter.id else { continue };
        for other in rows
            .iter()
            .filter(|row| same_object(row, waiter) && row.id != waiter.id)
        {
            let granted = other.lock_status != "PENDING";
            let Some(other_id) = other.id.filter(|_| excludes(waiter, other, granted)) else {
                continue;
            };
            edges.push(Edge {
                waiter: Party::Connection(waiter_id),
                blocker: Party::Connection(other_id),
                lock: Lock {
                    kind: kind(waiter, other),
                    mode: waiter.lock_type.clone(),
                    object: object_name(waiter),
                    index: None,
                    row: None,
                },
                granted,
            });
        }
    }
    edges
}

fn same_object(a: &MdlRow, b: &MdlRow) -> bool {
    a.object_type == b.object_type
        && a.object_schema == b.object_schema
        && a.object_name == b.object_name
}

/// What is locked: a table, a name, or the server. MariaDB keeps the locks of `FLUSH TABLES WITH
/// READ LOCK` among its backup locks.
fn kind(waiter: &MdlRow, other: &MdlRow) -> LockKind {
    match waiter.object_type.as_str() {
        "GLOBAL" => LockKind::GlobalRead,
        "COMMIT" => LockKind::Commit,
        "BACKUP" if other.lock_type.starts_with("BACKUP_FTWRL") => LockKind::GlobalRead,
        "BACKUP" | "BACKUP LOCK" => LockKind::Backup,
        "USER LEVEL LOCK" => LockKind::UserLevel,
        _ => LockKind::Metadata,
    }
}

fn object_name(row: &MdlRow) -> String {
    let named = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
    match (named(&row.object_schema), named(&row.object_name)) {
        (Some(schema), Some(name)) => format!("{schema}.{name}"),
        (Some(name), None) | (None, Some(name)) => name,
        (None, None) => match row.object_type.as_str() {
            "GLOBAL" | "COMMIT" | "BACKUP" | "BACKUP LOCK" => "server".to_owned(),
            other => other.to_lowercase(),
        },
    }
}

fn excludes(waiter: &MdlRow, other: &MdlRow, granted: bool) -> bool {
    let matrix = if granted { &GRANTED } else { &PENDING };
    let place = |row: &MdlRow| TYPES.iter().position(|name| *name == row.lock_type);
    match (place(waiter), place(other)) {
        (Some(request), Some(held)) => {
            let excluded = matrix.get(request).and_then(|line| line.get(held)) == Some(&b'-');
            // An upgrade keeps what it holds: two that wait for each other are told apart by what
            // is granted, never by what is pending.
            excluded && (granted || request != held)
        }
        // Scopes such as GLOBAL, COMMIT and BACKUP: intentions go together, all else excludes.
        _ => granted && !(is_intention(waiter) && is_intention(other)),
    }
}

/// What statements take on a scope before they change anything (`MDL_scoped_lock`; MariaDB:
/// `MDL_backup_lock`). MariaDB's table names a lock as it was first asked for: the stages of a
/// backup cannot be told apart.
fn is_intention(row: &MdlRow) -> bool {
    const INTENTIONS: [&str; 8] = [
        "INTENTION_EXCLUSIVE",
        "BACKUP_DML",
        "BACKUP_TRANS_DML",
        "BACKUP_SYS_DML",
        "BACKUP_DDL",
        "BACKUP_ALTER_COPY",
        "BACKUP_COMMIT",
        "BACKUP_COMMIT_HIGH_PRIO",
    ];
    INTENTIONS.contains(&row.lock_type.as_str())
}

#[cfg(test)]
mod tests;
