//! Where no slow log can be read: what the server itself counts of statements, in the seconds of the
//! call.

use std::time::Duration;

use serde::Serialize;
use storex_tool::{Answer, Call, ToolError, Untrusted};

use super::{CONCISE_FINDINGS, Data, Input, Order, Statements};
use crate::costs::findings_of_counters;
use crate::form::share;
use crate::ledger::{LedgerStatement, read};
use crate::tools::shown::{is_none, is_zero};
use crate::words::{percent, rounded, three_digits, time};

/// Between the two samples.
const GAP: Duration = Duration::from_secs(5);
const CONCISE_CHARS: usize = 160;
const FULL_CHARS: usize = 1_000;

/// A statement by the server's own digest; figures that are zero or unknown are left out.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// For `slowlog_explain`.
    digest: String,
    share_pct: f64,
    count: u64,
    time_s: f64,
    mean_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    p95_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    p99_ms: Option<f64>,
    #[serde(skip_serializing_if = "is_zero")]
    lock_s: f64,
    #[serde(skip_serializing_if = "is_none")]
    rows_examined: u64,
    #[serde(skip_serializing_if = "is_none")]
    rows_sent: u64,
    #[serde(skip_serializing_if = "is_none")]
    rows_affected: u64,
    #[serde(skip_serializing_if = "is_none")]
    tmp_disk_tables: u64,
    #[serde(skip_serializing_if = "is_none")]
    full_scans: u64,
    #[serde(skip_serializing_if = "is_none")]
    no_index: u64,
    #[serde(skip_serializing_if = "is_none")]
    failed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    database: Option<Untrusted>,
    /// Seen in the server's short history.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clients: Vec<Untrusted>,
    statement: Untrusted,
}

impl Row {
    fn of(one: &LedgerStatement, share: f64, full: bool) -> Self {
        let ms = |us: u64| three_digits(us as f64 / 1e3);
        let seconds = |us: u64| three_digits(us as f64 / 1e6);
        let seen = one.seen.iter().take(if full { 6 } else { 2 });
        Self {
            digest: one.digest.clone(),
            share_pct: rounded(share * 100.0, 1),
            count: one.count,
            time_s: seconds(one.time_us),
            mean_ms: three_digits(one.time_us as f64 / 1e3 / one.count.max(1) as f64),
            p95_ms: one.times.map(|times| ms(times.p95_us)),
            p99_ms: one.times.map(|times| ms(times.p99_us)),
            lock_s: seconds(one.lock_us),
            rows_examined: one.rows_examined,
            rows_sent: one.rows_sent,
            rows_affected: one.rows_affected,
            tmp_disk_tables: one.tmp_disk_tables,
            full_scans: one.full_scans + one.full_joins,
            no_index: one.no_index,
            failed: one.failed,
            database: one.database.as_deref().map(Untrusted::name),
            clients: seen
                .map(|seen| Untrusted::name(&format!("{}@{}", seen.user, seen.host)))
                .collect(),
            statement: Untrusted::text(&one.text, if full { FULL_CHARS } else { CONCISE_CHARS }),
        }
    }
}

/// What the server counts, where it does.
pub(super) async fn answer(
    input: &Input,
    call: &Call,
    full: bool,
    limit: usize,
) -> Result<Answer<Data>, ToolError> {
    let name = Untrusted::name(&input.instance);
    let Some(ledger) = read(call, GAP).await? else {
        let headline =
            format!("there is neither a slow log of {name} to read nor do its own counters tell");
        return Ok(Answer::new(headline, Vec::new(), Data::default()));
    };
    let key = |one: &LedgerStatement| match input.by {
        Order::Time => one.time_us,
        Order::LockTime => one.lock_us,
        Order::RowsExamined => one.rows_examined,
        Order::RowsSent | Order::Bytes => one.rows_sent,
        Order::Calls => one.count,
    };
    let mut statements: Vec<&LedgerStatement> = ledger.statements.iter().collect();
    statements.sort_by_key(|one| std::cmp::Reverse(key(one)));
    let all: u64 = statements.iter().map(|one| key(one)).sum();
    let rows = statements.iter().take(limit);
    let rows: Vec<Row> = rows
        .map(|one| Row::of(one, share(key(one), all), full))
        .collect();
    let seconds = ledger.to.duration_since(ledger.from).as_secs_f64();
    let took: u64 = statements.iter().map(|one| one.time_us).sum();
    let counted: u64 = statements.iter().map(|one| one.count).sum();
    let headline = match rows.first() {
        None => format!("no slow log of {name} can be read, and nothing ended in {seconds:.0} s"),
        Some(first) => format!(
            "no slow log of {name} can be read; in {seconds:.0} s {counted} statements took {}, {} of what the \
             order is by went into {}",
            time(took as f64 / 1e6),
            percent(first.share_pct / 100.0),
            first.statement,
        ),
    };
    let mut findings = findings_of_counters(&input.instance, &ledger.statements);
    let found = findings.len();
    findings.truncate(if full { found } else { CONCISE_FINDINGS });
    let shown = findings.len();
    let (kept, total) = (rows.len(), statements.len());
    let data = Data {
        sampled_s: Some(rounded(seconds, 1)),
        statements: Statements::Counted(rows),
        ..Data::default()
    };
    Ok(Answer::new(headline, findings, data)
        .cut("findings", shown, found)
        .cut("statements", kept, total))
}
