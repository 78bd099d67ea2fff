//! The table `mysql.slow_log` as a slow log: a server with `log_output=TABLE` writes no file.
//!
//! The table is CSV without an index, so the server reads all of it for any window: of a CPU 0.8 s for
//! each 100 MB on MySQL 9.7, 1.2 s on MariaDB 10.11. What is read is bounded in rows, bytes and time; of a window
//! that holds more the latest part is read. No statement keeps the table for longer than its time limit:
//! a rotation would wait for it, and every session that logs for the rotation.

mod entry;
mod probes;
mod stream;
mod survey;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use storex_sources::{
    Compression, Covered, Limits, LogError, LogFile, LogKind, LogListing, LogName, LogRange,
    LogStream, Logs, LogsSource, MySqlSource, Probe, Rows, SourceError, Value, wall_clock,
};

use probes::HEAD;
pub use probes::LOG_TABLE_PROBES;
use stream::{Search, TableStream};

const NAME: &str = "mysql.slow_log";
/// How long a statement may wait for one of the instance's connections.
const WAIT: Duration = Duration::from_secs(3);
const NOT_LOGGED: &str = "SET GLOBAL slow_query_log = ON, and log_output to one that has TABLE";

/// The slow log of an instance that keeps it in a table. There is no error log.
#[derive(Clone)]
pub struct TableLogs(Arc<dyn MySqlSource>);

impl TableLogs {
    /// The table of this server. Nothing is read yet.
    pub fn new(server: Arc<dyn MySqlSource>) -> Self {
        Self(server)
    }
}

impl LogsSource for TableLogs {
    fn open(&self, limits: Limits) -> Box<dyn Logs> {
        Box::new(TableReader(Asker {
            server: Arc::clone(&self.0),
            limits,
        }))
    }

    fn kind(&self) -> &'static str {
        "table"
    }
}

/// Asks the server on behalf of one call, and holds no connection between two statements.
#[derive(Clone)]
struct Asker {
    server: Arc<dyn MySqlSource>,
    limits: Limits,
}

#[derive(Deserialize)]
struct HeadRow {
    is_on: bool,
    output: Option<String>,
    first_at: Option<String>,
}

impl Asker {
    async fn ask(&self, probe: &'static Probe, params: &[Value]) -> Result<Rows, SourceError> {
        let soon = Instant::now() + probe.timeout + WAIT;
        let limits = Limits {
            deadline: self.limits.deadline.min(soon),
            cancel: self.limits.cancel.clone(),
        };
        self.server.open(limits).read(probe, params).await
    }

    fn is_over(&self) -> bool {
        self.limits.cancel.is_cancelled() || self.limits.deadline <= Instant::now()
    }

    async fn head(&self) -> Result<HeadRow, LogError> {
        let rows = self.ask(&HEAD, &[]).await;
        let rows = rows.and_then(|rows| rows.decode::<HeadRow>(HEAD.name));
        let head = rows.map_err(|error| self.told(error))?;
        head.into_iter().next().ok_or(LogError::NotFound {
            kind: LogKind::Slow,
        })
    }

    /// What kept a statement from answering, in the terms of logs.
    fn told(&self, error: SourceError) -> LogError {
        let kind = LogKind::Slow;
        match error {
            SourceError::Denied { .. } => LogError::Denied {
                kind,
                remedy: "GRANT SELECT ON mysql.slow_log TO the monitoring account",
            },
            SourceError::Unsupported { .. } => LogError::NotFound { kind },
            SourceError::Cancelled { .. } if self.is_over() => LogError::Cancelled,
            SourceError::Query { .. } | SourceError::Decode { .. } => match name() {
                Some(file) => LogError::Failed {
                    file,
                    detail: error.internal_detail().unwrap_or_default().to_owned(),
                },
                None => LogError::NotFound { kind },
            },
            error => LogError::Unreachable {
                detail: error.to_string(),
            },
        }
    }
}

fn name() -> Option<LogName> {
    LogName::new(NAME)
}

/// The table as long as it begins with the same statement; emptied or rotated it is another.
fn id(first_at: Option<&str>) -> String {
    format!("{NAME} since {}", first_at.unwrap_or("its first statement"))
}

/// One call's view.
struct TableReader(Asker);

#[async_trait]
impl Logs for TableReader {
    async fn list(&self, kind: LogKind) -> Result<LogListing, LogError> {
        if kind != LogKind::Slow {
            return Err(LogError::NotConfigured { kind });
        }
        let head = self.0.head().await?;
        let to_table = |output: &str| output.to_ascii_uppercase().contains("TABLE");
        let is_written = head.is_on && head.output.as_deref().is_some_and(to_table);
        if !is_written && head.first_at.is_none() {
            let remedy = NOT_LOGGED;
            return Err(LogError::SwitchedOff { kind, remedy });
        }
        let mut listing = LogListing {
            in_turn: true,
            ..LogListing::default()
        };
        if !is_written {
            listing.leave_out("slow_query_log or log_output keeps new statements from the table");
        }
        listing.files.push(LogFile {
            name: name().ok_or(LogError::NotFound { kind })?,
            id: id(head.first_at.as_deref()),
            kind,
            size_bytes: None,
            compression: Compression::None,
            covered: Covered {
                first: head.first_at.as_deref().and_then(entry::moment),
                last: None,
            },
            modified_at: None,
        });
        Ok(listing)
    }

    async fn read(&self, file: &LogFile, range: &LogRange) -> Result<Box<dyn LogStream>, LogError> {
        let search = Search::of(file, range);
        Ok(Box::new(TableStream::new(self.0.clone(), search)))
    }

    fn now(&self) -> Timestamp {
        wall_clock()
    }

    /// Our sessions' zone: the statements that read the table make moments of its times.
    fn time_zone(&self) -> TimeZone {
        TimeZone::UTC
    }

    async fn pause(&self, how_long: Duration) -> Result<(), LogError> {
        let limits = &self.0.limits;
        tokio::select! {
            biased;
            () = limits.cancel.cancelled() => Err(LogError::Cancelled),
            () = tokio::time::sleep_until(limits.deadline.into()) => Err(LogError::Cancelled),
            () = tokio::time::sleep(how_long) => Ok(()),
        }
    }
}
