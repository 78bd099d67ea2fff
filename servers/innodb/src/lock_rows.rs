//! Pairs of row and table locks as the servers report them, in both dialects. Pure.

use serde::Deserialize;

use crate::sessions::Sessions;
use crate::waits::{Edge, Lock, LockKind, Party};

/// One pair of a waiting and a blocking lock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LockRow {
    /// The transaction that waits.
    pub waiting_trx: String,
    /// The transaction waited for.
    pub blocking_trx: String,
    /// The connection that waits.
    pub waiting_id: Option<u64>,
    /// The connection waited for; none for a prepared or recovered transaction.
    pub blocking_id: Option<u64>,
    /// Schema; none on MariaDB, whose table name holds both.
    pub table_schema: Option<String>,
    /// Table.
    pub table_name: Option<String>,
    /// Index.
    pub index_name: Option<String>,
    /// `RECORD` or `TABLE`.
    pub lock_type: Option<String>,
    /// The mode asked for.
    pub waiting_mode: Option<String>,
    /// The key values of the record.
    pub lock_data: Option<String>,
    /// The mode of the blocking lock.
    pub blocking_mode: Option<String>,
    /// Whether the blocking lock is held rather than waited for.
    pub blocking_granted: bool,
}

/// The pairs as edges between connections.
pub fn edges_of(pairs: &[LockRow], sessions: &Sessions) -> Vec<Edge> {
    pairs
        .iter()
        .map(|pair| {
            let waiter = party(pair.waiting_id, &pair.waiting_trx);
            let statement = pair.waiting_id.and_then(|id| sessions.statement(id));
            Edge {
                lock: lock(pair, statement),
                waiter,
                blocker: party(pair.blocking_id, &pair.blocking_trx),
                granted: pair.blocking_granted,
            }
        })
        .collect()
}

fn party(id: Option<u64>, trx: &str) -> Party {
    match id {
        Some(id) if id != 0 => Party::Connection(id),
        _ => Party::Detached(trx.to_owned()),
    }
}

fn lock(pair: &LockRow, statement: Option<&str>) -> Lock {
    let object = object(pair);
    let mode = pair.waiting_mode.clone().unwrap_or_default();
    Lock {
        kind: kind(pair, &mode, &object, statement),
        mode,
        object,
        index: pair.index_name.clone(),
        row: pair.lock_data.clone(),
    }
}

/// `schema.table`, whichever way the server writes it.
fn object(pair: &LockRow) -> String {
    let name = pair.table_name.as_deref().unwrap_or_default();
    match &pair.table_schema {
        Some(schema) => format!("{schema}.{name}"),
        None => name.replace('`', ""),
    }
}

fn kind(pair: &LockRow, mode: &str, object: &str, statement: Option<&str>) -> LockKind {
    let parts: Vec<&str> = mode.split(',').collect();
    if parts.contains(&"AUTO_INC") {
        LockKind::AutoInc
    } else if pair.lock_type.as_deref() == Some("TABLE") {
        LockKind::Table
    } else if parts.first() == Some(&"S") && statement.is_some_and(|s| checks_parent(s, object)) {
        LockKind::ForeignKeyParent
    } else if parts.contains(&"INSERT_INTENTION") {
        LockKind::InsertIntention
    } else if parts.contains(&"GAP") {
        LockKind::Gap
    } else {
        LockKind::Record
    }
}

/// A change of one table that wants a shared lock on a row of another, which its text does not
/// name, is checking a foreign key's parent.
pub(crate) fn checks_parent(statement: &str, object: &str) -> bool {
    let mut words = statement.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
    let verb = words
        .find(|word| !word.is_empty())
        .unwrap_or_default()
        .to_ascii_uppercase();
    let table = object.rsplit('.').next().unwrap_or_default();
    matches!(verb.as_str(), "INSERT" | "UPDATE" | "REPLACE" | "DELETE")
        && !words.any(|word| word.eq_ignore_ascii_case(table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::SessionRow;

    fn pair(mode: &str) -> LockRow {
        LockRow {
            waiting_trx: "8606".into(),
            blocking_trx: "8600".into(),
            waiting_id: Some(98),
            blocking_id: Some(91),
            table_name: Some("`shop`.`customers`".into()),
            index_name: Some("PRIMARY".into()),
            lock_type: Some("RECORD".into()),
            waiting_mode: Some(mode.into()),
            ..LockRow::default()
        }
    }

    fn kind_of(mode: &str, statement: &str) -> LockKind {
        let session = SessionRow {
            id: 98,
            info: Some(statement.into()),
            ..SessionRow::default()
        };
        let sessions = Sessions::join(vec![session], vec![], vec![], vec![]);
        edges_of(&[pair(mode)], &sessions)[0].lock.kind
    }

    #[test]
    fn the_kind_of_a_lock_is_told_from_its_mode() {
        assert_eq!(
            kind_of("X,REC_NOT_GAP", "UPDATE customers SET a = 1"),
            LockKind::Record
        );
        assert_eq!(
            kind_of("X,GAP", "UPDATE customers SET a = 1"),
            LockKind::Gap
        );
        assert_eq!(
            kind_of("X,INSERT_INTENTION", "INSERT INTO customers VALUES (1)"),
            LockKind::InsertIntention
        );
        assert_eq!(
            kind_of("AUTO_INC", "INSERT INTO customers VALUES (1)"),
            LockKind::AutoInc
        );
    }

    #[test]
    fn a_shared_lock_on_a_table_the_statement_does_not_name_is_a_foreign_key_check() {
        assert_eq!(
            kind_of("S,REC_NOT_GAP", "INSERT INTO orders VALUES (1)"),
            LockKind::ForeignKeyParent
        );
        assert_eq!(
            kind_of("S,REC_NOT_GAP", "SELECT * FROM customers FOR SHARE"),
            LockKind::Record
        );
    }

    #[test]
    fn a_blocker_without_a_connection_keeps_its_transaction_id() {
        let row = LockRow {
            blocking_id: Some(0),
            ..pair("X")
        };
        let edges = edges_of(&[row], &Sessions::default());
        assert_eq!(edges[0].blocker, Party::Detached("8600".into()));
        assert_eq!(edges[0].lock.object, "shop.customers");
    }
}
