//! A form as answers show it.

use serde::Serialize;
use storex_digest::{Digest, Histogram};
use storex_sources::Window;
use storex_tool::Untrusted;

use crate::form::Form;
use crate::reading::Reading;
use crate::scene::{clients, names, second, statement};
use crate::words::{rounded, three_digits};

/// Characters of a statement shown in a list.
const CONCISE_CHARS: usize = 160;
const FULL_CHARS: usize = 1_000;
/// Names of a kind shown.
const NAMES: usize = 2;

/// What was read.
#[derive(Debug, Serialize)]
pub(in crate::tools) struct Covered {
    from: String,
    to: String,
    statements: u64,
    time_s: f64,
    /// The quickest logged: `long_query_time` keeps out what is quicker
    quickest_ms: f64,
    p95_ms: f64,
    read_bytes: u64,
}

impl Covered {
    pub(in crate::tools) fn of(reading: &Reading) -> Self {
        let totals = reading.digest.totals();
        let Window { from, to } = reading.covered;
        Self {
            from: second(from),
            to: second(to),
            statements: totals.figures.count,
            time_s: three_digits(totals.figures.query_us.sum as f64 / 1e6),
            quickest_ms: quantile_ms(&totals.times, 0.0),
            p95_ms: quantile_ms(&totals.times, 0.95),
            read_bytes: reading.bytes,
        }
    }
}

/// A form; figures that are zero are left out.
#[derive(Debug, Serialize)]
pub(in crate::tools) struct Row {
    /// For `slowlog_query`
    id: String,
    /// Of what the order is by
    share_pct: f64,
    count: u64,
    time_s: f64,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    max_ms: f64,
    #[serde(skip_serializing_if = "is_zero")]
    lock_s: f64,
    #[serde(skip_serializing_if = "is_none")]
    rows_examined: u64,
    #[serde(skip_serializing_if = "is_none")]
    rows_sent: u64,
    #[serde(skip_serializing_if = "is_none")]
    rows_affected: u64,
    #[serde(skip_serializing_if = "is_none")]
    bytes_sent: u64,
    #[serde(skip_serializing_if = "is_none")]
    tmp_disk_tables: u64,
    #[serde(skip_serializing_if = "is_none")]
    full_scans: u64,
    #[serde(skip_serializing_if = "is_none")]
    failed: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    databases: Vec<Untrusted>,
    /// Most first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clients: Vec<Untrusted>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_seen: Option<String>,
    statement: Untrusted,
}

impl Row {
    pub(in crate::tools) fn of(digest: &Digest, form: Form<'_>, share: f64, full: bool) -> Self {
        let (group, figures) = (form.group, form.figures());
        let shown = if full { NAMES * 3 } else { NAMES };
        let ms = |q| quantile_ms(&group.times, q);
        let seen = |moment| Some(moment).filter(|_| full).and_then(moment_us);
        Self {
            id: form.id().to_string(),
            share_pct: rounded(share * 100.0, 1),
            count: figures.count,
            time_s: three_digits(figures.query_us.sum as f64 / 1e6),
            p50_ms: ms(0.5),
            p95_ms: ms(0.95),
            p99_ms: ms(0.99),
            max_ms: three_digits(figures.query_us.max as f64 / 1e3),
            lock_s: three_digits(figures.lock_us.sum as f64 / 1e6),
            rows_examined: figures.rows_examined.sum,
            rows_sent: figures.rows_sent.sum,
            rows_affected: figures.rows_affected.sum,
            bytes_sent: figures.bytes_sent.sum,
            tmp_disk_tables: figures.tmp_disk_tables,
            full_scans: figures.full_scans,
            failed: figures.failed.max(figures.killed),
            databases: names(digest, &group.databases, shown),
            clients: clients(digest, &group.clients, shown),
            tags: names(digest, &group.tags, shown),
            first_seen: seen(figures.first_us),
            last_seen: seen(figures.last_us),
            statement: statement(form, if full { FULL_CHARS } else { CONCISE_CHARS }),
        }
    }
}

/// A quantile in milliseconds.
pub(in crate::tools) fn quantile_ms(times: &Histogram, q: f64) -> f64 {
    three_digits(times.quantile(q).unwrap_or(0) as f64 / 1e3)
}

/// A moment in microseconds since 1970 UTC, to the second.
pub(in crate::tools) fn moment_us(moment: Option<i64>) -> Option<String> {
    let moment = jiff::Timestamp::from_microsecond(moment?).ok()?;
    Some(second(moment))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(in crate::tools) fn is_zero(figure: &f64) -> bool {
    figure.abs() < f64::EPSILON
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(in crate::tools) fn is_none(figure: &u64) -> bool {
    *figure == 0
}
