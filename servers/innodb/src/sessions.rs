//! Sessions and transactions as typed rows, and one view of a connection joined from them.

use std::collections::HashMap;

use serde::Deserialize;
use storex_tool::{Untrusted, without_literals};

/// One row of the process list or of `performance_schema.threads`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SessionRow {
    /// Connection id.
    pub id: u64,
    /// Account.
    pub user: Option<String>,
    /// Client host.
    pub host: Option<String>,
    /// `Sleep`, `Query`, ...
    pub command: Option<String>,
    /// Seconds in that command.
    pub time_s: Option<i64>,
    /// State in the server's words.
    pub state: Option<String>,
    /// The statement running.
    pub info: Option<String>,
    /// The `program_name` the client gave.
    pub program: Option<String>,
}

/// One row of `innodb_trx`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TrxRow {
    /// Transaction id.
    pub trx_id: String,
    /// `RUNNING`, `LOCK WAIT`, `ROLLING BACK`, `COMMITTING`.
    pub state: String,
    /// Connection id; 0 for a transaction without one.
    pub id: u64,
    /// Seconds since it began.
    pub age_s: Option<i64>,
    /// Seconds it has waited for its present lock.
    pub wait_s: Option<i64>,
    /// The statement running, cut at 1,024 bytes by the server.
    pub query: Option<String>,
    /// Row locks held, about.
    pub rows_locked: u64,
    /// Rows changed and not yet committed.
    pub rows_modified: u64,
    /// `REPEATABLE READ`, ...
    pub isolation: Option<String>,
}

/// One statement an idle session ran.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StatementRow {
    /// Connection id.
    pub id: u64,
    /// Order within the session.
    pub event_id: u64,
    /// Its text.
    pub sql_text: String,
    /// Rows it changed.
    pub rows_affected: u64,
}

/// One `program_name`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProgramRow {
    /// Connection id.
    pub id: u64,
    /// What the client says it is.
    pub program: Option<String>,
}

/// Everything known about connections, joined by their ids.
#[derive(Debug, Clone, Default)]
pub struct Sessions {
    by_id: HashMap<u64, SessionRow>,
    transactions: HashMap<u64, TrxRow>,
    last: HashMap<u64, StatementRow>,
}

impl Sessions {
    /// Joins the rows. Of a session's last statements the latest that changed rows is kept, because
    /// that is what holds locks; otherwise the latest.
    pub fn join(
        sessions: Vec<SessionRow>,
        transactions: Vec<TrxRow>,
        statements: Vec<StatementRow>,
        programs: Vec<ProgramRow>,
    ) -> Self {
        let mut joined = Self::default();
        for session in sessions {
            joined.by_id.insert(session.id, session);
        }
        for ProgramRow { id, program } in programs {
            if let Some(session) = joined.by_id.get_mut(&id) {
                session.program = program;
            }
        }
        for transaction in transactions.into_iter().filter(|trx| trx.id != 0) {
            joined.transactions.insert(transaction.id, transaction);
        }
        for statement in statements {
            let rank = |row: &StatementRow| (row.rows_affected > 0, row.event_id);
            match joined.last.get(&statement.id) {
                Some(kept) if rank(kept) >= rank(&statement) => {}
                _ => {
                    joined.last.insert(statement.id, statement);
                }
            }
        }
        joined
    }

    /// The session of a connection.
    pub fn session(&self, id: u64) -> Option<&SessionRow> {
        self.by_id.get(&id)
    }

    /// All sessions, in no order.
    pub fn all(&self) -> impl Iterator<Item = &SessionRow> {
        self.by_id.values()
    }

    /// The transaction of a connection.
    pub fn transaction(&self, id: u64) -> Option<&TrxRow> {
        self.transactions.get(&id)
    }

    /// What an idle connection ran last that matters.
    pub fn last_statement(&self, id: u64) -> Option<&str> {
        self.last.get(&id).map(|row| row.sql_text.as_str())
    }

    /// What a connection runs now.
    pub fn statement(&self, id: u64) -> Option<&str> {
        let running = self.session(id).and_then(|session| session.info.as_deref());
        running.or_else(|| self.transaction(id).and_then(|trx| trx.query.as_deref()))
    }

    /// Whether the connection holds a transaction and runs nothing.
    pub fn is_idle(&self, id: u64) -> bool {
        self.session(id)
            .is_some_and(|session| session.command.as_deref() == Some("Sleep"))
    }
}

impl SessionRow {
    /// The host without the port MariaDB's process list adds.
    pub fn client_host(&self) -> &str {
        without_port(self.host.as_deref().unwrap_or_default())
    }

    /// `program (user@host)`, marked where needed, for a sentence.
    pub fn who(&self) -> String {
        let user = Untrusted::name(self.user.as_deref().unwrap_or("?"));
        let host = Untrusted::name(self.client_host());
        match &self.program {
            Some(program) => format!("{}, user {user}@{host}", Untrusted::name(program)),
            None => format!("user {user}@{host}"),
        }
    }
}

/// A client host without the port the process list adds.
pub fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.contains(':') => {
            name
        }
        _ => host,
    }
}

/// A statement as it may be shown: without literals unless the caller may see them and asked, cut to
/// `cap` characters, marked.
pub fn show_statement(sql: &str, literals: bool, cap: usize) -> Untrusted {
    if literals {
        Untrusted::text(sql, cap)
    } else {
        Untrusted::text(&without_literals(sql), cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(event_id: u64, sql_text: &str, rows_affected: u64) -> StatementRow {
        StatementRow {
            id: 91,
            event_id,
            sql_text: sql_text.into(),
            rows_affected,
        }
    }

    #[test]
    fn the_last_statement_that_changed_rows_is_the_one_that_matters() {
        let statements = vec![
            statement(1, "BEGIN", 0),
            statement(2, "UPDATE inventory SET qty = 1", 1),
            statement(3, "SELECT 1", 0),
        ];
        let joined = Sessions::join(vec![], vec![], statements, vec![]);
        assert_eq!(
            joined.last_statement(91),
            Some("UPDATE inventory SET qty = 1")
        );
    }

    #[test]
    fn a_client_is_named_without_its_port() {
        let session = SessionRow {
            user: Some("batch".into()),
            host: Some("10.0.0.7:51234".into()),
            program: Some("nightly-batch".into()),
            ..SessionRow::default()
        };
        assert_eq!(session.who(), "nightly-batch, user batch@10.0.0.7");
    }
}
