//! Sorts that merge from disk, and temporary files that found no room.

use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::super::culprit::Measure;
use super::super::samples::{Pair, bytes_text, round};
use super::super::work::Who;
use super::{BUSY_SESSIONS, Figures, RUNBOOK, changed};
use crate::sessions::show_statement;

/// A failed write this long ago still belongs to what goes on now.
const FAILED_S: f64 = 120.0;

/// Sorts that do not fit their buffer.
pub(super) fn sorts(pair: &Pair, figures: &Figures) -> Option<Finding> {
    let window = pair.window_s?;
    let merging = pair
        .culprits
        .works
        .iter()
        .filter(|work| work.sort_merge_passes > 0);
    let busy = merging.map(|work| work.time_s).sum::<f64>() / window;
    if busy < BUSY_SESSIONS {
        return None;
    }
    let blame = pair
        .culprits
        .top_of(Measure::Time, |work| work.sort_merge_passes > 0)
        .or_else(|| pair.culprits.top(Measure::SortMergePasses))
        .map(|blame| pair.with_program(blame))?;
    let size = pair.setting("sort_buffer_size").unwrap_or(0);
    let passes = figures.sort_merge_passes_per_s.unwrap_or(0.0);
    let origin = changed(pair, "sort_buffer_size");
    let finding = Finding::new(
        "sorts_spill",
        Severity::Warning,
        Confidence::Likely,
        format!(
            "sorts do not fit sort_buffer_size = {}{origin} and merge runs from disk ({passes} passes a \
             second): by {}",
            bytes_text(size as f64),
            blame.phrase(),
        ),
    )
    .evidence("sort_merge_passes", passes, "per_s", "status Sort_merge_passes")
    .against("busy_sessions", round(busy), BUSY_SESSIONS, "sessions", "time of statements that merge");
    Some(
        blame
            .evidence(finding)
            .remedy(
                "raise sort_buffer_size for that user's sessions; open sessions keep the old value",
                "safe: dynamic, and can be set back; not for everyone at once",
                "memory for each sort",
                RUNBOOK,
            )
            .remedy(
                "give the statement an index in its order, or sort fewer or narrower rows",
                "safe",
                "an index costs space and writes",
                RUNBOOK,
            ),
    )
}

/// Statements that failed because `tmpdir`, or another disk, has no room.
pub(super) fn no_room(pair: &Pair) -> Option<Finding> {
    let failed: Vec<_> = pair
        .once
        .seen
        .failed
        .iter()
        .filter(|row| row.age_ps / 1e12 <= FAILED_S && tells_no_room(row.message.as_deref()))
        .collect();
    let latest = failed.first()?;
    let who = Who {
        user: latest.user.clone(),
        host: latest.host.clone(),
        program: pair.program_of(latest.user.as_deref()),
        ..Who::default()
    };
    let message = Untrusted::text(latest.message.as_deref().unwrap_or_default(), 160);
    let statement = show_statement(latest.sql_text.as_deref().unwrap_or_default(), false, 120);
    let tmpdir = Untrusted::text(pair.once.settings.text("tmpdir").unwrap_or_default(), 80);
    let age = latest.age_ps / 1e12;
    Some(
        Finding::new(
            "no_room_for_temporary_files",
            Severity::Critical,
            Confidence::Certain,
            format!(
                "{} failed to write for want of room (tmpdir is {tmpdir}), the latest {age:.0} s ago: \
                 {message}, {} running {statement}",
                if failed.len() == 1 {
                    "a statement".to_owned()
                } else {
                    format!("{} statements", failed.len())
                },
                who.phrase(),
            ),
        )
        .evidence("failed_statements", failed.len(), "statements", "events_statements_history")
        .evidence("error", latest.number, "", "events_statements_history")
        .remedy(
            "free space in tmpdir, or end the statement that fills it",
            "safe; the server removes its own files when their statement ends",
            "none",
            RUNBOOK,
        ),
    )
}

fn tells_no_room(message: Option<&str>) -> bool {
    let message = message.unwrap_or_default().to_lowercase();
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
