//! Detectors: one transaction that everything later waits for. Pure.

use storex_tool::{Confidence, Finding, Untrusted};

use super::applying::{Applying, Table};
use super::behind::{Context, behind, severity, with_lag};
use super::progress::Progress;
use super::stopped::RUNBOOK;
use crate::sessions::show_statement;

/// A transaction at work in both samples and for longer than this is what the others wait for.
const LONG_TRANSACTION_S: f64 = 1.0;

/// The transaction the others wait for: at work in both samples.
fn longest(progress: &Progress) -> Option<&Applying> {
    let mut at_work = progress.channel.applying.iter();
    at_work.find(|applying| {
        applying.long && applying.age_s >= LONG_TRANSACTION_S && !applying.waits_its_turn()
    })
}

pub(super) fn long_transaction(progress: &Progress, context: &Context<'_>) -> Option<Finding> {
    let applying = longest(progress)?;
    let rows = applying
        .rows
        .map_or_else(String::new, |rows| format!(", {rows} rows so far"));
    let rate = applying
        .rows_per_s
        .map_or_else(String::new, |rate| format!(" at {rate}/s"));
    let tables = match table_names(&applying.tables) {
        names if names.is_empty() => String::new(),
        names => format!(" on {names}"),
    };
    let change = applying.schema_change();
    let (id, what) = match &change {
        Some(change) => ("schema_change_applying", change.as_str()),
        None => ("big_transaction_applying", "transaction"),
    };
    let finding = Finding::new(
        id,
        severity(progress),
        Confidence::Certain,
        format!(
            "this replica is {}: it has applied one {what}{tables} for {:.0} s{rows}{rate}; all later ones \
             wait for it",
            behind(progress),
            applying.age_s
        ),
    );
    let finding = with_evidence(finding, progress, applying, context);
    Some(
        with_lag(finding, progress)
            .remedy(
                "let it finish; send reads that need fresh data to another server meanwhile",
                "safe: stopping the replica rolls it back, to begin again from its first row",
                "lag until it is applied",
                RUNBOOK,
            )
            .remedy(
                "on the source, change rows in chunks of a few thousand with a commit each",
                "safe where the job can be cut",
                "a change to the job",
                RUNBOOK,
            ),
    )
}

/// What is known of the transaction.
fn with_evidence(
    mut finding: Finding,
    progress: &Progress,
    applying: &Applying,
    context: &Context<'_>,
) -> Finding {
    if let Some(gtid) = &applying.gtid {
        let gtid = Untrusted::name(gtid);
        finding = finding.evidence(
            "transaction",
            gtid.as_str(),
            "",
            "replication_applier_status_by_worker",
        );
    }
    if let Some(rows) = applying.rows {
        finding = finding.evidence("rows_modified", rows, "rows", "innodb_trx");
    }
    if let Some(bytes) = progress.channel.gap_bytes.filter(|bytes| *bytes > 0) {
        finding = finding.evidence(
            "size_at_most",
            bytes,
            "bytes",
            "SHOW REPLICA STATUS, read - executed position",
        );
    }
    if let Some(sql) = &applying.statement {
        if let Some(application) = applying.application() {
            let application = Untrusted::name(application);
            finding = finding.evidence(
                "application",
                application.as_str(),
                "",
                "comment of the statement",
            );
        }
        let sql = show_statement(sql, context.literals, 200);
        finding = finding.evidence("statement", sql.as_str(), "", "process list");
    }
    finding
}

/// `shop.orders` or `shop.a, shop.b and 2 more`.
fn table_names(tables: &[Table]) -> String {
    let names: Vec<String> = tables
        .iter()
        .take(3)
        .map(|table| Untrusted::name(&format!("{}.{}", table.schema, table.name)).to_string())
        .collect();
    let more = match tables.len().saturating_sub(3) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", names.join(", "))
}

/// Without a key each changed row is searched by reading the table (MySQL Reference Manual,
/// "Replication and Row Searches"; MariaDB Knowledge Base, "Row-Based Replication With No Primary
/// Key").
pub(super) fn without_key(progress: &Progress) -> Option<Finding> {
    let applying = longest(progress)?;
    let table = applying
        .tables
        .iter()
        .find(|table| table.has_key == Some(false))?;
    let name = Untrusted::name(&format!("{}.{}", table.schema, table.name)).to_string();
    let mut finding = Finding::new(
        "table_without_primary_key",
        severity(progress),
        Confidence::Certain,
        format!("{name} has no primary key: for each changed row the applier searches the table"),
    );
    if let Some(rate) = applying.rows_per_s {
        finding = finding.evidence("rows_applied", rate, "per_s", "innodb_trx, two samples");
    }
    Some(finding.remedy(
        format!("on the source, add a primary key to {name} (an invisible column will do)"),
        "online on most versions; rehearse it on a copy",
        "the table is rebuilt once on the source and once on each replica",
        RUNBOOK,
    ))
}
