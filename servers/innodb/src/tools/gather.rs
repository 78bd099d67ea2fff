//! What several tools read: sessions, transactions and what idle sessions ran last.

use storex_sources::Flavour;
use storex_tool::{Call, Sample, ToolError};

use crate::probes::{INNODB_TRX, LAST_STATEMENTS, PROCESSLIST, PROGRAMS, SESSIONS};
use crate::sessions::{ProgramRow, SessionRow, Sessions, StatementRow, TrxRow};

/// Open transactions and everything known about their connections.
pub(crate) struct Gathered {
    /// The transactions, oldest first, those without a connection included.
    pub(crate) transactions: Vec<TrxRow>,
    /// Their connections.
    pub(crate) sessions: Sessions,
}

/// Reads transactions, sessions, programs and last statements, whatever of it this server offers.
pub(crate) async fn gather(call: &Call) -> Result<Gathered, ToolError> {
    let server = call.server().await?;
    let transactions: Vec<TrxRow> = rows(call.want(&INNODB_TRX).await?);
    let statements: Vec<StatementRow> = rows(call.want(&LAST_STATEMENTS).await?);
    let in_performance_schema = server.flavour == Flavour::MySql && server.performance_schema;
    let (sessions, programs): (Vec<SessionRow>, Vec<ProgramRow>) = if in_performance_schema {
        (rows(call.want(&SESSIONS).await?), Vec::new())
    } else {
        let sessions = rows(call.want(&PROCESSLIST).await?);
        let programs = match server.flavour {
            Flavour::MariaDb => rows(call.want(&PROGRAMS).await?),
            Flavour::MySql => Vec::new(),
        };
        (sessions, programs)
    };
    if statements.is_empty()
        && server.performance_schema
        && has_idle_transaction(&sessions, &transactions)
    {
        call.missing(
            "last statements of idle sessions",
            "performance_schema holds no statement history for them",
            "enable the consumer events_statements_history: UPDATE performance_schema.setup_consumers \
             SET ENABLED = 'YES' WHERE NAME LIKE 'events_statements_%'",
        );
    }
    let sessions = Sessions::join(sessions, transactions.clone(), statements, programs);
    Ok(Gathered {
        transactions,
        sessions,
    })
}

pub(crate) fn rows<T>(sample: Option<Sample<T>>) -> Vec<T> {
    sample.map(|sample| sample.rows).unwrap_or_default()
}

/// One that has been idle for a second or more: a younger one may have become idle since the
/// statements were read.
fn has_idle_transaction(sessions: &[SessionRow], transactions: &[TrxRow]) -> bool {
    let idle = |trx: &TrxRow| {
        sessions.iter().any(|s| {
            s.id == trx.id && s.command.as_deref() == Some("Sleep") && s.time_s.unwrap_or(0) >= 1
        })
    };
    transactions.iter().any(idle)
}
