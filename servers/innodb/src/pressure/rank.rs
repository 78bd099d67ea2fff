//! Puts causes before their symptoms: a tiny redo log floods the disk with page writes, not the other
//! way round. Pure.

use storex_tool::Finding;

/// Each cause with the symptoms it explains when both are found.
const EXPLAINS: &[(&str, &[&str])] = &[
    (
        "redo_log_too_small",
        &[
            "free_page_waits",
            "dirty_pages_high",
            "io_capacity_limits_flushing",
            "latch_waits",
            "slow_disk",
            "disk_saturated",
            "commits_slow",
        ],
    ),
    (
        "temptable_max_ram_full",
        &[
            "scan_floods_buffer_pool",
            "buffer_pool_too_small",
            "free_page_waits",
            "dirty_pages_high",
            "io_capacity_limits_flushing",
            "disk_saturated",
        ],
    ),
    (
        "temporary_tables_spill",
        &[
            "buffer_pool_too_small",
            "free_page_waits",
            "dirty_pages_high",
            "io_capacity_limits_flushing",
            "disk_saturated",
        ],
    ),
    (
        "slow_disk",
        &[
            "io_capacity_limits_flushing",
            "dirty_pages_high",
            "free_page_waits",
        ],
    ),
    (
        "disk_full",
        &["connections_used_up", "no_room_for_temporary_files"],
    ),
    (
        "io_capacity_limits_flushing",
        &["checkpoint_age_high", "dirty_pages_high", "free_page_waits"],
    ),
    (
        "scan_floods_buffer_pool",
        &[
            "checkpoint_age_high",
            "free_page_waits",
            "latch_waits",
            "latch_contention",
        ],
    ),
    (
        "buffer_pool_too_small",
        &[
            "checkpoint_age_high",
            "free_page_waits",
            "latch_waits",
            "latch_contention",
        ],
    ),
    (
        "adaptive_hash_contention",
        &["latch_waits", "latch_contention"],
    ),
];

/// Of findings equally severe these stand first, in this order: what ends the incident when it is put
/// right, before what only makes it bearable.
const FIRST: &[&str] = &[
    "purge_held_by_read_view",
    "redo_log_too_small",
    "io_capacity_limits_flushing",
    "scan_floods_buffer_pool",
    "buffer_pool_too_small",
    "purge_cannot_keep_up",
];

/// Orders findings: causes first, then by severity. A cause is at least as severe as what it
/// explains, for it hurts by its symptoms.
pub fn rank(mut findings: Vec<Finding>) -> Vec<Finding> {
    for (cause, symptoms) in EXPLAINS {
        let worst = findings
            .iter()
            .filter(|finding| symptoms.contains(&finding.id))
            .map(|finding| finding.severity)
            .min();
        if let (Some(worst), Some(cause)) = (
            worst,
            findings.iter_mut().find(|finding| finding.id == *cause),
        ) {
            cause.severity = cause.severity.min(worst);
        }
    }
    let explained = |findings: &[Finding], id: &str| {
        EXPLAINS.iter().any(|(cause, symptoms)| {
            symptoms.contains(&id) && findings.iter().any(|finding| finding.id == *cause)
        })
    };
    let all = findings.clone();
    let place = |id: &str| {
        let known = FIRST.iter().position(|first| *first == id);
        known.unwrap_or(FIRST.len())
    };
    findings.sort_by_key(|finding| {
        let id = finding.id;
        (finding.severity, explained(&all, id), place(id))
    });
    findings
}

#[cfg(test)]
mod tests {
    use storex_tool::{Confidence, Severity};

    use super::*;

    #[test]
    fn a_cause_stands_before_a_symptom_that_looks_worse() {
        let finding = |id, severity| Finding::new(id, severity, Confidence::Certain, "");
        let ranked = rank(vec![
            finding("free_page_waits", Severity::Critical),
            finding("redo_log_too_small", Severity::Warning),
            finding("latch_contention", Severity::Warning),
        ]);
        let ids: Vec<&str> = ranked.iter().map(|finding| finding.id).collect();
        assert_eq!(
            ids,
            ["redo_log_too_small", "free_page_waits", "latch_contention"]
        );
        assert_eq!(ranked[0].severity, Severity::Critical);
    }

    #[test]
    fn flushing_that_a_scan_holds_up_stands_behind_the_scan() {
        let finding = |id, severity| Finding::new(id, severity, Confidence::Certain, "");
        let ranked = rank(vec![
            finding("checkpoint_age_high", Severity::Critical),
            finding("scan_floods_buffer_pool", Severity::Warning),
        ]);
        assert_eq!(ranked[0].id, "scan_floods_buffer_pool");
        assert_eq!(ranked[0].severity, Severity::Critical);
    }
}
