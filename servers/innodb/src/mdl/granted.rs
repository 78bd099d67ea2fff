//! Metadata locks by MariaDB's plugin, which knows granted locks only.

use serde::Deserialize;

use super::{MdlRow, edges};
use crate::waits::Edge;

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

/// What a session waits for, told from its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A table.
    Table,
    /// The server as a whole: `FLUSH TABLES WITH READ LOCK`, or a backup.
    Server,
    /// A lock of `GET_LOCK`.
    UserLevel,
}

impl Scope {
    /// The scope of a state of the process list, in either flavour's words.
    pub fn of_state(state: &str) -> Option<Self> {
        Some(match state {
            "Waiting for table metadata lock" => Self::Table,
            "Waiting for backup lock"
            | "Waiting for global read lock"
            | "Waiting for commit lock" => Self::Server,
            "User lock" => Self::UserLevel,
            _ => return None,
        })
    }

    /// The type `metadata_lock_info` gives such locks.
    const fn object_type(self) -> &'static str {
        match self {
            Self::Table => "Table metadata lock",
            Self::Server => "Backup lock",
            Self::UserLevel => "User lock",
        }
    }
}

/// A session that waits for a metadata lock, known from its state alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stalled<'a> {
    /// Its connection id.
    pub id: u64,
    /// What it waits for.
    pub scope: Scope,
    /// What it runs.
    pub statement: &'a str,
}

/// Who waits for whom where only granted locks are known: what a stalled session asks for is told
/// from its statement (a definition change wants the table for itself, all else a share of it), and
/// the object from the names of locked tables that occur in it.
pub fn edges_from_granted(granted: &[MdlInfoRow], stalled: &[Stalled<'_>]) -> Vec<Edge> {
    const SCOPES: [Scope; 3] = [Scope::Table, Scope::Server, Scope::UserLevel];
    let mut rows = Vec::new();
    for lock in granted {
        let object_type = lock.object_type.as_deref();
        let scope = SCOPES
            .into_iter()
            .find(|scope| object_type == Some(scope.object_type()));
        let (Some(scope), Some(mode)) = (scope, &lock.lock_mode) else {
            continue;
        };
        rows.push(row(
            scope,
            lock,
            mode.trim_start_matches("MDL_"),
            "GRANTED",
            lock.id,
        ));
    }
    let mut pending = Vec::new();
    for session in stalled {
        let mut seen = Vec::new();
        let wanted = session.wanted();
        for lock in granted.iter().filter(|lock| session.may_want(lock)) {
            let object = (&lock.object_schema, &lock.object_name);
            if !seen.contains(&object) {
                seen.push(object);
                pending.push(row(session.scope, lock, wanted, "PENDING", session.id));
            }
        }
    }
    rows.append(&mut pending);
    edges(&rows)
}

impl Stalled<'_> {
    /// The type of lock its statement asks for.
    fn wanted(&self) -> &'static str {
        match self.scope {
            Scope::Table if changes_definition(self.statement) => "EXCLUSIVE",
            Scope::Table => "SHARED_WRITE",
            Scope::Server if matches!(verb(self.statement).as_str(), "FLUSH" | "BACKUP") => {
                "BACKUP_START"
            }
            Scope::Server => "BACKUP_DML",
            Scope::UserLevel => "SHARED_NO_WRITE",
        }
    }

    /// Whether it can be this granted lock that it waits for.
    fn may_want(&self, lock: &MdlInfoRow) -> bool {
        let name = match self.scope {
            Scope::UserLevel => lock.object_schema.as_deref(),
            Scope::Table | Scope::Server => lock.object_name.as_deref(),
        };
        let name = name.unwrap_or_default();
        let named = match self.scope {
            Scope::Table => mentions(self.statement, name),
            Scope::Server => true,
            Scope::UserLevel => !name.is_empty() && self.statement.contains(name),
        };
        named && lock.object_type.as_deref() == Some(self.scope.object_type())
    }
}

fn row(scope: Scope, lock: &MdlInfoRow, lock_type: &str, lock_status: &str, id: u64) -> MdlRow {
    let (object_type, object_schema, object_name) = match scope {
        Scope::Table => (
            "TABLE",
            lock.object_schema.clone(),
            lock.object_name.clone(),
        ),
        Scope::Server => ("BACKUP", None, None),
        Scope::UserLevel => ("USER LEVEL LOCK", None, lock.object_schema.clone()),
    };
    MdlRow {
        object_type: object_type.to_owned(),
        object_schema,
        object_name,
        lock_type: lock_type.to_owned(),
        lock_status: lock_status.to_owned(),
        id: Some(id),
    }
}

fn verb(statement: &str) -> String {
    let first = statement.split_whitespace().next().unwrap_or_default();
    first.to_ascii_uppercase()
}

fn changes_definition(statement: &str) -> bool {
    matches!(
        verb(statement).as_str(),
        "ALTER" | "DROP" | "CREATE" | "TRUNCATE" | "RENAME" | "OPTIMIZE" | "REPAIR" | "FLUSH"
    )
}

fn mentions(statement: &str, name: &str) -> bool {
    !name.is_empty()
        && statement
            .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .any(|word| word.eq_ignore_ascii_case(name))
}
