//! One statement under examination, by what a run of it does, whether a log or the server's counters tell
//! it. Pure.

use serde_json::{Value, json};
use storex_tool::Untrusted;

use crate::form::{Form, gathers, share};
use crate::ledger::LedgerStatement;
use crate::scene::{IN_A_SENTENCE, Scene};

/// What all runs of one statement did, and each of them on average.
pub(crate) struct Case<'a> {
    /// The instance's name.
    pub(super) instance: &'a str,
    /// Where its figures were read.
    pub(super) source: &'static str,
    /// `⟦select ...⟧ of checkout@10.0.0.7`.
    pub(super) named: String,
    /// Arguments that ask for it.
    pub(super) about: Value,
    /// The tool that looks closer at it, beside its plan.
    pub(super) closer: Option<&'static str>,
    /// Whether one row of its result may stand for many that were read.
    pub(super) gathers: bool,
    pub(super) runs: u64,
    /// Runs that failed or were killed.
    pub(super) failed: u64,
    pub(super) time_share: f64,
    pub(super) runs_share: f64,
    pub(super) bytes_share: f64,
    pub(super) lock_s: f64,
    /// Of its own time.
    pub(super) lock_share: f64,
    pub(super) p95_s: Option<f64>,
    /// Rows, each run.
    pub(super) examined: f64,
    pub(super) changed: f64,
    pub(super) sent: f64,
    /// For each row it gives to a client or changes.
    pub(super) examined_per_row: f64,
    /// Bytes each run, where they are counted.
    pub(super) sent_bytes: Option<f64>,
    /// Share of its runs that read a table whole.
    pub(super) full_scans: f64,
    /// Temporary tables on disk, each run.
    pub(super) tmp_disk_tables: f64,
    /// Runs in a row on one connection, where it is read row by row.
    pub(super) runs_in_a_row: Option<f64>,
}

impl<'a> Case<'a> {
    /// A form of a log.
    pub(crate) fn of_log(scene: &Scene<'a>, form: Form<'_>) -> Self {
        let (figures, all) = (form.figures(), scene.totals());
        let p95 = form.group.times.quantile(0.95);
        let bytes = figures.bytes_sent.sum;
        Self {
            instance: scene.instance,
            source: "slow log",
            named: scene.named(form),
            about: scene.about(form),
            closer: Some("slowlog_query"),
            gathers: form.gathers(),
            runs: figures.count,
            failed: figures.failed.max(figures.killed),
            time_share: share(figures.query_us.sum, all.query_us.sum),
            runs_share: share(figures.count, all.count),
            bytes_share: share(bytes, all.bytes_sent.sum),
            lock_s: figures.lock_us.sum as f64 / 1e6,
            lock_share: form.lock_share(),
            p95_s: p95.map(|us| us as f64 / 1e6),
            examined: form.each(figures.rows_examined.sum),
            changed: form.each(figures.rows_affected.sum),
            sent: form.each(figures.rows_sent.sum),
            examined_per_row: form.examined_per_row(),
            sent_bytes: (bytes > 0).then(|| form.each(bytes)),
            full_scans: form.each(figures.full_scans),
            tmp_disk_tables: form.each(figures.tmp_disk_tables),
            runs_in_a_row: form.is_row_by_row().then(|| form.run_length()),
        }
    }

    /// A statement the server counted; `all_us` and `all_runs` are those of all statements. Counters tell
    /// neither bytes nor what follows what on a connection.
    pub(crate) fn of_counters(
        instance: &'a str,
        one: &LedgerStatement,
        all_us: u64,
        all_runs: u64,
    ) -> Self {
        let each = |sum: u64| sum as f64 / one.count.max(1) as f64;
        let rows = one.rows_sent.saturating_add(one.rows_affected);
        // The server writes words apart: `COUNT ( * )`.
        let text = one.text.replace(" (", "(");
        let statement = Untrusted::text(&one.text, IN_A_SENTENCE);
        let client = one.seen.first().map(|seen| {
            let client = Untrusted::name(&format!("{}@{}", seen.user, seen.host));
            format!("{statement} of {client}")
        });
        Self {
            instance,
            source: "performance_schema",
            named: client.unwrap_or_else(|| statement.to_string()),
            about: json!({ "instance": instance, "digest": one.digest }),
            closer: None,
            gathers: gathers(text.as_bytes()),
            runs: one.count,
            failed: one.failed,
            time_share: share(one.time_us, all_us),
            runs_share: share(one.count, all_runs),
            bytes_share: 0.0,
            lock_s: one.lock_us as f64 / 1e6,
            lock_share: share(one.lock_us, one.time_us),
            p95_s: one.times.map(|times| times.p95_us as f64 / 1e6),
            examined: each(one.rows_examined),
            changed: each(one.rows_affected),
            sent: each(one.rows_sent),
            examined_per_row: one.rows_examined as f64 / rows.max(1) as f64,
            sent_bytes: None,
            full_scans: each(one.full_scans + one.full_joins),
            tmp_disk_tables: each(one.tmp_disk_tables),
            runs_in_a_row: None,
        }
    }

    pub(super) fn failing_share(&self) -> f64 {
        share(self.failed, self.runs)
    }

    pub(super) fn here(&self) -> Value {
        json!({ "instance": self.instance })
    }
}
