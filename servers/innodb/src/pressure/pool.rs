//! The buffer pool: whether requests miss it, and whether a scan or a working set too large for it
//! makes them. Pure.

mod figures;

use serde_json::json;
use storex_tool::{Confidence, Finding, Severity};

pub use figures::{Figures, figures};

use super::culprit::{Blame, Measure};
use super::samples::{Pair, bytes_text};

const RUNBOOK: &str = "innodb_pressure";
/// Fewer pages than this a second are no pressure on any disk.
const PAGES_READ_PER_S: f64 = 100.0;
/// One page read for a hundred requests: a pool that holds the working set stays far below (MySQL
/// Reference Manual, "The InnoDB Buffer Pool": frequently used data is processed directly from
/// memory).
const READ_RATIO: f64 = 0.01;
/// A pool whose content is read anew within this time keeps nothing for those who come back.
const REFILL_S: f64 = 10.0;
/// While a pool warms up, pages read fill free ones; from here on they mostly throw others out.
/// (Free pages alone do not tell: MariaDB keeps `innodb_lru_scan_depth` of them.)
const EVICTED_SHARE: f64 = 0.5;
/// Linear read-ahead reads extents that are walked in order (MySQL Reference Manual, "Configuring
/// InnoDB Buffer Pool Prefetching"); point reads hardly cause it.
const READ_AHEAD_SHARE: f64 = 0.3;
/// A statement that reads most of all rows, this many at each run, walks through a table or index.
const SCAN_SHARE: f64 = 0.6;
const SCAN_ROWS_PER_RUN: f64 = 5_000.0;
/// A statement that has run this long and reads most pages is a scan, too.
const LONG_RUN_S: f64 = 2.0;

/// A pool that misses, and why.
pub fn findings(pair: &Pair) -> Vec<Finding> {
    let figures = figures(pair);
    let Some(read) = figures
        .pages_read_per_s
        .filter(|read| *read >= PAGES_READ_PER_S)
    else {
        return Vec::new();
    };
    let misses_often = figures
        .requests_per_s
        .is_some_and(|requests| read >= requests * READ_RATIO);
    let refilled = figures.refill_s.is_some_and(|refill| refill <= REFILL_S);
    let warming = figures
        .evicted_per_s
        .is_some_and(|evicted| evicted < read * EVICTED_SHARE);
    if warming || !(misses_often || refilled) {
        return Vec::new();
    }
    let finding = match scan(pair, &figures) {
        Some(blame) => scanned(pair, &figures, &blame, read),
        None => too_small(pair, &figures, read),
    };
    vec![with_figures(finding, pair, &figures)]
}

/// The statement that walks through more than the pool holds, if the evidence carries one.
fn scan(pair: &Pair, figures: &Figures) -> Option<Blame> {
    let by_pages = pair
        .culprits
        .top(Measure::PagesRead)
        .filter(|blame| blame.share >= SCAN_SHARE && reads_in_bulk(blame));
    // Rows read tell less: they may all come from memory.
    let by_rows = || {
        let by_thread = pair.culprits.works.iter().any(|work| work.pages_read > 0);
        pair.culprits
            .top(Measure::RowsExamined)
            .filter(|_| !by_thread)
            .filter(|blame| blame.share >= SCAN_SHARE && reads_in_bulk(blame))
    };
    let ahead = match (figures.read_ahead_per_s, figures.pages_read_per_s) {
        (Some(ahead), Some(read)) if read > 0.0 => ahead / read >= READ_AHEAD_SHARE,
        _ => false,
    };
    // What is walked in order and goes on for long is the scan, even when it has not ended yet and
    // its rows are not counted.
    let by_time = || {
        pair.culprits
            .top_of(Measure::Time, |work| work.longest_s >= LONG_RUN_S)
            .filter(|_| ahead)
    };
    by_pages.or_else(by_rows).or_else(by_time)
}

fn reads_in_bulk(blame: &Blame) -> bool {
    blame.work.as_ref().is_none_or(|work| {
        let runs = (work.runs + work.running).max(1) as f64;
        work.rows_examined as f64 / runs >= SCAN_ROWS_PER_RUN || work.longest_s >= LONG_RUN_S
    })
}

fn scanned(pair: &Pair, figures: &Figures, blame: &Blame, read: f64) -> Finding {
    let finding = Finding::new(
        "scan_floods_buffer_pool",
        Severity::Warning,
        Confidence::Likely,
        format!(
            "{} reads through more than the {} holds: {read:.0} pages/s come from disk{}, so that \
             everyone else's pages are pushed out",
            blame.phrase(),
            pool_text(pair, figures),
            refill_text(figures),
        ),
    );
    let finding = blame.evidence(finding);
    let killable = blame.who.as_ref().and_then(|who| who.connections.first());
    let finding = match (
        killable,
        blame.work.as_ref().is_some_and(|work| work.running > 0),
    ) {
        (Some(id), true) => finding.remedy(
            format!("KILL QUERY {id}"),
            "its client sees an error and may retry; a SELECT rolls nothing back",
            "its work so far is lost",
            RUNBOOK,
        ),
        _ => finding,
    };
    finding.remedy(
        "run it on a replica or at a quiet hour, or give it an index so that it reads less",
        "safe",
        "an index costs space and writes",
        RUNBOOK,
    )
}

fn too_small(pair: &Pair, figures: &Figures, read: f64) -> Finding {
    let most = pair
        .culprits
        .top(Measure::PagesRead)
        .or_else(|| pair.culprits.top(Measure::RowsExamined));
    let driver = most.as_ref().map_or_else(String::new, |blame| {
        format!("; most is read by {}", blame.phrase())
    });
    let finding = Finding::new(
        "buffer_pool_too_small",
        Severity::Warning,
        Confidence::Likely,
        format!(
            "the working set does not fit the {}: {read:.0} pages/s come from disk{}, and no scan \
             explains it{driver}",
            pool_text(pair, figures),
            refill_text(figures),
        ),
    );
    match most {
        Some(blame) => blame.evidence(finding),
        None => finding,
    }
}

fn with_figures(finding: Finding, pair: &Pair, figures: &Figures) -> Finding {
    let mut finding = finding.against(
        "pages_read",
        figures.pages_read_per_s,
        PAGES_READ_PER_S,
        "per_s",
        "difference of two samples, status Innodb_buffer_pool_read%",
    );
    if let Some(ratio) = figures.miss_ratio {
        let from = "Innodb_buffer_pool_reads of Innodb_buffer_pool_read_requests";
        finding = finding.against("miss_ratio", ratio, READ_RATIO, "", from);
    }
    if let Some(refill) = figures.refill_s {
        let from = "Innodb_buffer_pool_pages_total";
        finding = finding.against("refill", refill, REFILL_S, "s", from);
    }
    if let Some(evicted) = figures
        .read_ahead_evicted_per_s
        .filter(|evicted| *evicted > 0.0)
    {
        let from = "status Innodb_buffer_pool_read_ahead_evicted";
        finding = finding.evidence("read_ahead_evicted", evicted, "per_s", from);
    }
    let size = figures.size_bytes.unwrap_or(0);
    finding = match pair.changed_at_run_time("innodb_buffer_pool_size") {
        Some(changed) => finding
            .evidence("buffer_pool_size_was", changed, "", "variables_info or SYSTEM_VARIABLES")
            .remedy(
                "set innodb_buffer_pool_size back to what it was, if memory allows",
                "safe: dynamic, resized in the background and rounded to innodb_buffer_pool_chunk_size",
                format!("memory beyond the present {}", bytes_text(size as f64)),
                RUNBOOK,
            ),
        None => finding.remedy(
            "raise innodb_buffer_pool_size, if memory allows",
            "safe: dynamic, resized in the background and rounded to innodb_buffer_pool_chunk_size",
            format!("memory beyond the present {}", bytes_text(size as f64)),
            RUNBOOK,
        ),
    };
    finding.next(
        "innodb_status",
        json!({ "instance": pair.instance, "detail": "full" }),
    )
}

/// `24 MiB buffer pool (set at run time 43 s ago by root@localhost)`.
fn pool_text(pair: &Pair, figures: &Figures) -> String {
    let size = figures
        .size_bytes
        .map_or_else(String::new, |size| format!("{} ", bytes_text(size as f64)));
    let changed = pair
        .changed_at_run_time("innodb_buffer_pool_size")
        .map_or_else(String::new, |changed| format!(" ({changed})"));
    format!("{size}buffer pool{changed}")
}

fn refill_text(figures: &Figures) -> String {
    match figures.refill_s {
        Some(refill) if refill <= REFILL_S => format!(" (the whole pool anew every {refill} s)"),
        _ => String::new(),
    }
}
