//! Sorts that merge from disk.

use storex_tool::{Confidence, Finding, Severity};

use super::super::culprit::Measure;
use super::super::samples::{Pair, bytes_text, round};
use super::{BUSY_SESSIONS, Figures, RUNBOOK, changed};

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
