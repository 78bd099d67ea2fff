//! Metadata locks: who holds up whom, by the server's own compatibility rules. Pure.
//!
//! `sys.schema_table_lock_waits` pairs every waiter with every holder: it shows the `ALTER` as
//! blocking itself and readers as blocked by readers. The chain is: a granted holder, then the
//! pending exclusive request it holds up, then the shared requests that queue behind that one.
//! Compatibility: the granted and the waiting matrices of `MDL_object_lock` in `sql/mdl.cc`.

use serde::Deserialize;

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
                    kind: LockKind::Metadata,
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

fn object_name(row: &MdlRow) -> String {
    match (&row.object_schema, &row.object_name) {
        (Some(schema), Some(name)) if !schema.is_empty() => format!("{schema}.{name}"),
        (Some(schema), None) if !schema.is_empty() => schema.clone(),
        _ => row.object_type.to_lowercase(),
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

fn is_intention(row: &MdlRow) -> bool {
    row.lock_type == "INTENTION_EXCLUSIVE" || row.lock_type.ends_with("_DML")
}

/// One row of MariaDB's `metadata_lock_info`: granted locks only.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MdlInfoRow {
    /// The owner's connection id.
    pub id: u64,
    /// `MDL_SHARED_READ`, ...
    pub lock_mode: Option<String>,
    /// `Table metadata lock`, ...
    pub object_type: Option<String>,
    /// Schema.
    pub object_schema: Option<String>,
    /// Table.
    pub object_name: Option<String>,
}

/// A session that waits for a metadata lock, known from its state alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stalled<'a> {
    /// Its connection id.
    pub id: u64,
    /// What it runs.
    pub statement: &'a str,
}

/// Who waits for whom where only granted locks are known: what a stalled session asks for is told
/// from its statement (a definition change wants the table for itself, all else a share of it), and
/// the object from the names of locked tables that occur in it.
pub fn edges_from_granted(granted: &[MdlInfoRow], stalled: &[Stalled<'_>]) -> Vec<Edge> {
    let mut rows = Vec::new();
    for lock in granted
        .iter()
        .filter(|lock| lock.object_type.as_deref() == Some("Table metadata lock"))
    {
        let Some(mode) = &lock.lock_mode else {
            continue;
        };
        rows.push(row(
            lock,
            mode.trim_start_matches("MDL_"),
            "GRANTED",
            lock.id,
        ));
    }
    let mut pending = Vec::new();
    for session in stalled {
        let wanted = if changes_definition(session.statement) {
            "EXCLUSIVE"
        } else {
            "SHARED_WRITE"
        };
        let mut seen = Vec::new();
        for lock in granted {
            let name = lock.object_name.as_deref().unwrap_or_default();
            let object = (&lock.object_schema, &lock.object_name);
            if !seen.contains(&object) && mentions(session.statement, name) {
                seen.push(object);
                pending.push(row(lock, wanted, "PENDING", session.id));
            }
        }
    }
    rows.append(&mut pending);
    edges(&rows)
}

fn row(lock: &MdlInfoRow, lock_type: &str, lock_status: &str, id: u64) -> MdlRow {
    MdlRow {
        object_type: "TABLE".to_owned(),
        object_schema: lock.object_schema.clone(),
        object_name: lock.object_name.clone(),
        lock_type: lock_type.to_owned(),
        lock_status: lock_status.to_owned(),
        id: Some(id),
    }
}

fn changes_definition(statement: &str) -> bool {
    let verb = statement
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase();
    matches!(
        verb.as_str(),
        "ALTER" | "DROP" | "CREATE" | "TRUNCATE" | "RENAME" | "OPTIMIZE" | "REPAIR"
    )
}

fn mentions(statement: &str, name: &str) -> bool {
    !name.is_empty()
        && statement
            .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .any(|word| word.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waits::Forest;

    fn lock(id: u64, lock_type: &str, lock_status: &str) -> MdlRow {
        MdlRow {
            object_type: "TABLE".into(),
            object_schema: Some("shop".into()),
            object_name: Some("orders".into()),
            lock_type: lock_type.into(),
            lock_status: lock_status.into(),
            id: Some(id),
        }
    }

    fn parties(waiters: &[crate::waits::Waiter]) -> Vec<(&Party, &Party)> {
        waiters
            .iter()
            .map(|waiter| (&waiter.party, &waiter.behind))
            .collect()
    }

    #[test]
    fn the_chain_is_holder_then_alter_then_readers() {
        let rows = [
            lock(7, "SHARED_READ", "GRANTED"),
            lock(8, "SHARED_UPGRADABLE", "GRANTED"),
            lock(8, "EXCLUSIVE", "PENDING"),
            lock(9, "SHARED_READ", "PENDING"),
            lock(10, "SHARED_WRITE", "PENDING"),
        ];
        let forest = Forest::build(&edges(&rows));
        let [root] = forest.roots.as_slice() else {
            panic!("one root expected: {forest:?}")
        };
        let [seven, eight, nine, ten] = [7, 8, 9, 10].map(Party::Connection);
        assert_eq!(root.party, seven);
        assert_eq!(
            parties(&root.waiters),
            [(&eight, &seven), (&nine, &eight), (&ten, &eight)]
        );
    }

    #[test]
    fn readers_do_not_hold_up_readers_and_nobody_holds_up_itself() {
        let rows = [
            lock(1, "SHARED_READ", "GRANTED"),
            lock(2, "SHARED_READ", "GRANTED"),
            lock(2, "SHARED_NO_WRITE", "PENDING"),
        ];
        assert_eq!(edges(&rows), []);
    }

    #[test]
    fn two_pending_alters_wait_for_the_holder_not_for_each_other() {
        let rows = [
            lock(1, "SHARED_WRITE", "GRANTED"),
            lock(2, "EXCLUSIVE", "PENDING"),
            lock(3, "EXCLUSIVE", "PENDING"),
        ];
        let forest = Forest::build(&edges(&rows));
        assert!(forest.circles.is_empty());
        assert_eq!(forest.roots.len(), 1);
    }

    #[test]
    fn a_global_read_lock_holds_up_writers() {
        let global = |id, lock_type: &str, status: &str| MdlRow {
            object_type: "GLOBAL".into(),
            object_schema: None,
            object_name: None,
            ..lock(id, lock_type, status)
        };
        let rows = [
            global(1, "SHARED", "GRANTED"),
            global(2, "INTENTION_EXCLUSIVE", "PENDING"),
            global(3, "INTENTION_EXCLUSIVE", "GRANTED"),
        ];
        let edges = edges(&rows);
        assert_eq!(edges.len(), 1);
        assert_eq!(edges[0].blocker, Party::Connection(1));
        assert_eq!(edges[0].lock.object, "global");
    }

    #[test]
    fn where_only_granted_locks_are_known_the_statement_tells_the_rest() {
        let info = |id, mode: &str| MdlInfoRow {
            id,
            lock_mode: Some(mode.into()),
            object_type: Some("Table metadata lock".into()),
            object_schema: Some("shop".into()),
            object_name: Some("orders".into()),
        };
        let granted = [info(7, "MDL_SHARED_READ"), info(8, "MDL_SHARED_UPGRADABLE")];
        let stalled = [
            Stalled {
                id: 8,
                statement: "ALTER TABLE `orders` ADD COLUMN c INT",
            },
            Stalled {
                id: 9,
                statement: "SELECT * FROM orders WHERE id = 1",
            },
        ];
        let forest = Forest::build(&edges_from_granted(&granted, &stalled));
        let [root] = forest.roots.as_slice() else {
            panic!("one root expected: {forest:?}")
        };
        let [seven, eight, nine] = [7, 8, 9].map(Party::Connection);
        assert_eq!(root.party, seven);
        assert_eq!(parties(&root.waiters), [(&eight, &seven), (&nine, &eight)]);
    }
}
