//! Statements that fail, rather than hang, because a disk has no room: that of the data or `tmpdir`.

use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::super::limits::FailedRow;
use super::super::samples::Pair;
use super::super::work::Who;
use super::RUNBOOK;
use crate::sessions::show_statement;

/// A failed write this long ago still belongs to what goes on now.
const FAILED_S: f64 = 120.0;
/// `EE_WRITE`, `ER_TEMP_FILE_WRITE_FAILURE`: writes of temporary files.
const OF_TEMPORARY_FILES: [u64; 2] = [3, 1878];

/// What most of them lack room for.
pub(super) fn no_room(pair: &Pair) -> Option<Finding> {
    let failed = || {
        let failed = pair.once.seen.failed.iter();
        failed.filter(|row| row.age_ps / 1e12 <= FAILED_S && tells_no_room(row))
    };
    let (temporary, data): (Vec<&FailedRow>, Vec<&FailedRow>) =
        failed().partition(|row| is_temporary(pair, row));
    let count = |rows: &[&FailedRow]| rows.iter().map(|row| row.statements).sum::<u64>();
    if count(&data) >= count(&temporary) {
        let first = data.first()?;
        Some(for_data(pair, first, count(&data)))
    } else {
        let first = temporary.first()?;
        Some(for_temporary_files(pair, first, count(&temporary)))
    }
}

fn for_data(pair: &Pair, row: &FailedRow, failed: u64) -> Finding {
    let datadir = Untrusted::text(pair.once.settings.text("datadir").unwrap_or_default(), 80);
    let fault = pair.once.seen.faults.first();
    // A table is full as well when its tablespace may not grow, or when it lives in memory.
    let (confidence, cause) = match fault {
        Some(_) => (Confidence::Certain, "the disk of the data is full"),
        None => (
            Confidence::Likely,
            "the disk of the data is full, or its tablespace may not grow",
        ),
    };
    let statement = format!(
        "{cause} (datadir is {datadir}): {}",
        told(pair, row, failed)
    );
    let mut finding = finding("no_room_for_data", confidence, statement, row, failed);
    if let Some(fault) = fault {
        let text = Untrusted::text(&fault.text, 200).to_string();
        finding = finding.evidence("error_log", text, "", "performance_schema.error_log");
    }
    finding.remedy(
        "free space on that disk (grow the volume, move files of others away)",
        "safe; deleting rows frees none, and never remove a file of the server by hand",
        "none",
        RUNBOOK,
    )
}

fn for_temporary_files(pair: &Pair, row: &FailedRow, failed: u64) -> Finding {
    let tmpdir = Untrusted::text(pair.once.settings.text("tmpdir").unwrap_or_default(), 80);
    let statement = format!("tmpdir {tmpdir} is full: {}", told(pair, row, failed));
    let id = "no_room_for_temporary_files";
    finding(id, Confidence::Certain, statement, row, failed).remedy(
        "free space in tmpdir, or end the statement that fills it",
        "safe; the server removes its own files when their statement ends",
        "none",
        RUNBOOK,
    )
}

/// `12 statements failed, the latest 3 s ago: ⟦The table 'orders' is full⟧, ... running ⟦INSERT ...⟧`.
fn told(pair: &Pair, row: &FailedRow, failed: u64) -> String {
    let who = Who {
        user: row.user.clone(),
        host: row.host.clone(),
        program: pair.program_of(row.user.as_deref()),
        connections: Vec::new(),
    };
    let message = Untrusted::text(row.message.as_deref().unwrap_or_default(), 160);
    let text = show_statement(row.sql_text.as_deref().unwrap_or_default(), false, 120);
    let many = match failed {
        1 => "a statement failed".to_owned(),
        _ => format!("{failed} statements or more failed"),
    };
    let age = row.age_ps / 1e12;
    format!(
        "{many}, the latest {age:.0} s ago: {message}, {} running {text}",
        who.phrase()
    )
}

fn finding(
    id: &'static str,
    confidence: Confidence,
    statement: String,
    row: &FailedRow,
    failed: u64,
) -> Finding {
    let from = "events_statements_history";
    Finding::new(id, Severity::Critical, confidence, statement)
        .evidence("failed_statements", failed, "statements", from)
        .evidence("error", row.number, "", from)
}

fn tells_no_room(row: &FailedRow) -> bool {
    let message = row.message.as_deref().unwrap_or_default().to_lowercase();
    [
        "no space left",
        "errno 28",
        "errno: 28",
        "errcode: 28",
        "disk full",
        "is full",
    ]
    .iter()
    .any(|part| message.contains(part))
}

/// Temporary files are in `tmpdir`, or named `#sql...` or `(temporary)`.
fn is_temporary(pair: &Pair, row: &FailedRow) -> bool {
    let message = row.message.as_deref().unwrap_or_default();
    let tmpdir = pair.once.settings.text("tmpdir").unwrap_or_default();
    OF_TEMPORARY_FILES.contains(&row.number)
        || !tmpdir.is_empty() && message.contains(tmpdir)
        || message.contains("#sql")
        || message.contains("(temporary)")
}
