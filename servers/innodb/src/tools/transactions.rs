//! `innodb_transactions`: what is open, for how long, what it holds, and which one keeps purge from
//! removing old row versions.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storex_sources::Flavour;
use storex_tool::{Answer, Call, Detail, Effect, Spec, Target, Tool, ToolError, Untrusted};

use super::gather::{gather, rows};
use crate::monitor;
use crate::open::{Open, Purge, findings, headline, join};
use crate::probes::{
    ENGINE_INNODB_STATUS, GLOBAL_STATUS, INNODB_METRICS, INNODB_TRX, LAST_STATEMENTS, PROCESSLIST,
    PROGRAMS, SESSIONS,
};
use crate::sessions::show_statement;
use crate::variables::{MonitorRow, Variables};

/// The tool.
pub(super) struct Transactions;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    #[serde(default)]
    detail: Detail,
    /// Transactions listed
    #[schemars(range(min = 1, max = 500))]
    limit: Option<usize>,
    /// Only those at least this old
    #[serde(default)]
    min_age_s: i64,
    /// Show literals (sensitive)
    #[serde(default)]
    literals: bool,
}

/// The tool's data.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Data {
    open: usize,
    /// Undo log records purge has still to remove
    #[serde(skip_serializing_if = "Option::is_none")]
    history_list_length: Option<u64>,
    /// Oldest first
    transactions: Vec<Transaction>,
}

/// One transaction.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct Transaction {
    connection: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    program: Option<Untrusted>,
    /// idle | running | lock wait | prepared | ...
    state: String,
    age_s: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle_s: Option<i64>,
    rows_locked: u64,
    rows_modified: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    isolation: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    holds_purge: bool,
    /// Running now, or last run
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<Untrusted>,
}

impl Tool for Transactions {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "innodb_transactions",
        title: "Open transactions",
        description: "Lists open transactions, oldest first: who runs them, whether they are idle, \
                      what they have locked and modified, and which one holds the oldest read view \
                      and so keeps purge back (history list growth). Prepared XA transactions \
                      without a connection are listed too.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(10),
        row_limit: 500,
        freshness: Duration::from_secs(1),
        probes: &[
            &INNODB_TRX,
            &SESSIONS,
            &PROCESSLIST,
            &PROGRAMS,
            &LAST_STATEMENTS,
            &ENGINE_INNODB_STATUS,
            &INNODB_METRICS,
            &GLOBAL_STATUS,
        ],
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &["literals"],
        runbook: include_str!("../../runbooks/innodb_transactions.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let gathered = gather(call).await?;
        let monitor: Vec<MonitorRow> = rows(call.want(&ENGINE_INNODB_STATUS).await?);
        let monitor = monitor.first().map(|row| monitor::parse(&row.status));
        let history = history_list_length(call, monitor.as_ref()).await?;
        let purge = Purge::of(monitor.as_ref(), &gathered.transactions, history);
        let open = join(
            &gathered.transactions,
            &gathered.sessions,
            monitor.as_ref(),
            &purge,
        );
        let answer_findings = findings(&open, &purge, &input.instance, input.literals);
        let headline = headline(&open, &purge);
        let limit = input.limit.unwrap_or(if full { 50 } else { 10 }).min(500);
        let wanted: Vec<&Open> = open
            .iter()
            .filter(|trx| trx.age_s >= input.min_age_s)
            .collect();
        let transactions = wanted
            .iter()
            .take(limit)
            .map(|trx| shown(trx, input.literals))
            .collect();
        let data = Data {
            open: open.len(),
            history_list_length: history,
            transactions,
        };
        let total = wanted.len();
        Ok(Answer::new(headline, answer_findings, data).cut(
            "transactions",
            limit.min(total),
            total,
        ))
    }
}

/// MySQL counts it among its metrics, MariaDB among its status variables; the monitor prints it on
/// both.
async fn history_list_length(
    call: &Call,
    monitor: Option<&monitor::Monitor>,
) -> Result<Option<u64>, ToolError> {
    let printed = monitor
        .and_then(|m| m.transactions.as_ref())
        .and_then(|t| t.history_list_length);
    if printed.is_some() {
        return Ok(printed);
    }
    let (probe, name) = match call.server().await?.flavour {
        Flavour::MySql => (&INNODB_METRICS, "trx_rseg_history_len"),
        Flavour::MariaDb => (&GLOBAL_STATUS, "innodb_history_list_length"),
    };
    Ok(Variables::of(rows(call.want(probe).await?)).count(name))
}

fn shown(trx: &Open, literals: bool) -> Transaction {
    Transaction {
        connection: trx.connection,
        user: trx.user.as_deref().map(Untrusted::name),
        program: trx.program.as_deref().map(Untrusted::name),
        state: trx.state.to_owned(),
        age_s: trx.age_s,
        idle_s: trx.idle_s,
        rows_locked: trx.rows_locked,
        rows_modified: trx.rows_modified,
        isolation: trx.isolation.as_deref().and_then(isolation),
        holds_purge: trx.holds_purge,
        statement: trx
            .statement
            .as_deref()
            .map(|sql| show_statement(sql, literals, 160)),
    }
}

/// The isolation levels there are: a name of ours, not the server's text.
fn isolation(level: &str) -> Option<&'static str> {
    const LEVELS: [&str; 4] = [
        "READ UNCOMMITTED",
        "READ COMMITTED",
        "REPEATABLE READ",
        "SERIALIZABLE",
    ];
    LEVELS.into_iter().find(|known| *known == level)
}
