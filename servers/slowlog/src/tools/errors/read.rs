//! Reads the error log: its files, or what the server keeps of it where they cannot be read.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use storex_sources::{LogKind, Window};
use storex_tool::{Call, LogBounds, ToolError};

use crate::error_log::{Entry, Level, Reader, Tally};
use crate::probes::logs::{ERROR_LOG, ERROR_LOG_ROWS};

/// The table MySQL keeps its latest entries in.
const TABLE: &str = "performance_schema.error_log";

/// Read at most.
pub(super) const BOUNDS: LogBounds = LogBounds {
    bytes: 128 << 20,
    time: Duration::from_secs(18),
};

/// What was read, and from where.
pub(super) struct Read {
    pub(super) from: &'static str,
    /// None where nothing could be read.
    pub(super) tally: Option<Tally>,
}

/// A row of the table.
#[derive(Debug, Deserialize)]
struct Row {
    age_s: f64,
    prio: String,
    code: Option<String>,
    subsystem: Option<String>,
    logged_message: String,
}

/// The error log of a window.
///
/// # Errors
/// When the call was stopped, or neither the log nor the server can be read.
pub(super) async fn error_log(call: &Call, window: Window) -> Result<Read, ToolError> {
    let logs = call.logs()?;
    if let Some(mut reading) = logs.read(LogKind::Error, Some(window), BOUNDS).await? {
        let mut reader = Reader::new(logs.time_zone());
        let mut tally = Tally::new(window);
        while let Some(chunk) = reading.next().await? {
            reader.feed(&chunk.bytes, chunk.joined, &mut |entry| tally.take(&entry));
        }
        reader.finish(&mut |entry| tally.take(&entry));
        let report = reading.finish();
        // A log none of which could be read is no quiet one.
        if report.bytes > 0 || report.unread.is_empty() {
            return Ok(Read {
                from: logs.source(),
                tally: Some(tally),
            });
        }
    }
    from_table(call, window).await
}

async fn from_table(call: &Call, window: Window) -> Result<Read, ToolError> {
    let Some(sample) = call.want::<Row>(&ERROR_LOG).await? else {
        return Ok(Read {
            from: "",
            tally: None,
        });
    };
    let read_at = sample.read_at;
    let full = sample.rows.len() >= ERROR_LOG_ROWS as usize;
    let oldest = sample.rows.last().and_then(|row| at(row, read_at));
    if oldest.is_none_or(|oldest| full && oldest > window.from) {
        let why = match oldest {
            Some(oldest) => format!("{ERROR_LOG_ROWS} entries were read, back to {oldest:.0}"),
            None => "the table is empty".to_owned(),
        };
        call.missing(
            "earlier entries of the error log",
            why,
            "name the error log's file under [instance.logs] of the inventory",
        );
    }
    let mut tally = Tally::new(window);
    // The table comes newest first.
    for row in sample.rows.iter().rev() {
        if let Some(entry) = at(row, read_at).map(|at| entry(row, at)) {
            tally.take(&entry);
        }
    }
    Ok(Read {
        from: TABLE,
        tally: Some(tally),
    })
}

fn at(row: &Row, read_at: Timestamp) -> Option<Timestamp> {
    let age = SignedDuration::try_from_secs_f64(row.age_s).ok()?;
    read_at.checked_sub(age).ok()
}

fn entry(row: &Row, at: Timestamp) -> Entry {
    let code = row
        .code
        .as_deref()
        .and_then(|code| code.strip_prefix("MY-"));
    Entry::new(
        at,
        Level::of(&row.prio).unwrap_or(Level::Other),
        code.and_then(|code| code.parse().ok()),
        row.subsystem.as_deref(),
        row.logged_message.lines().next().unwrap_or_default(),
    )
}
