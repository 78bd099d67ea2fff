//! `innodb_pressure`: two samples apart, what presses on the server now and who drives it.

mod limits;
mod reads;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use storex_tool::{Answer, Call, Detail, Effect, Finding, Spec, Target, Tool, ToolError};

use crate::pressure::{FAMILIES, Pair, key, rank};
use crate::probes::{
    ENGINE_INNODB_STATUS, INNODB_TRX, LAST_STATEMENTS, PROCESSLIST, PROGRAMS, SESSIONS,
    limits as limit_probes, pressure,
};

const WINDOW_S: u64 = 5;
const WINDOW_MIN_S: u64 = 2;
const WINDOW_MAX_S: u64 = 20;
/// What a concise answer has room for.
const FINDINGS: usize = 4;

/// The tool.
pub(super) struct Pressure;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    /// full: figures of every family
    #[serde(default)]
    detail: Detail,
    /// Seconds between the samples, 5 by default
    #[schemars(range(min = 2, max = 20))]
    window_s: Option<u64>,
}

/// The tool's data.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Data {
    /// Seconds between the samples
    #[serde(skip_serializing_if = "Option::is_none")]
    window_s: Option<f64>,
    /// The most telling figures in a line
    key_figures: String,
    /// Figures by family
    figures: Map<String, Value>,
    /// What this kind of server does not have
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

impl Tool for Pressure {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "innodb_pressure",
        title: "What presses on the server",
        description: "Takes two samples some seconds apart and says what presses on the server now and \
                      which user, program and statement drives it: buffer pool misses, redo log and \
                      checkpoint, purge, flushing, latches, I/O latency, commits, temporary tables, table \
                      cache, connections. Use when the server is slow and locks do not explain it.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(30),
        row_limit: 100,
        freshness: Duration::from_secs(3),
        probes: &[
            &pressure::PRESSURE_STATUS,
            &pressure::PRESSURE_VARIABLES,
            &pressure::PRESSURE_METRICS,
            &pressure::FILE_SUMMARY,
            &pressure::DIGEST_COUNTERS,
            &pressure::DIGEST_RECENT,
            &pressure::STATEMENTS_CURRENT,
            &pressure::RUNNING_PROCESSES,
            &pressure::STATEMENTS_BY_USER,
            &pressure::USER_STATISTICS,
            &pressure::SETTING_ORIGINS_MYSQL,
            &pressure::SETTING_ORIGINS_MARIADB,
            &pressure::REDO_WARNINGS,
            &pressure::SYNCH_WAITS,
            &pressure::THREAD_FILE_READS,
            &limit_probes::CONNECTIONS_HELD,
            &limit_probes::CONNECTIONS_HELD_PROCESSLIST,
            &limit_probes::LONG_STATEMENTS,
            &limit_probes::LONG_STATEMENTS_PROCESSLIST,
            &limit_probes::LIMIT_ERRORS,
            &limit_probes::DISK_FAULTS,
            &limit_probes::FAILED_WRITES,
            &limit_probes::SESSION_TEMP_SPACES,
            &limit_probes::TEMPTABLE_MEMORY,
            &limit_probes::THREAD_POOL_GROUPS,
            &limit_probes::TP_THREAD_GROUP_STATE,
            &ENGINE_INNODB_STATUS,
            &INNODB_TRX,
            &SESSIONS,
            &PROCESSLIST,
            &PROGRAMS,
            &LAST_STATEMENTS,
        ],
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/innodb_pressure.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let window = input.window_s.unwrap_or(WINDOW_S);
        if !(WINDOW_MIN_S..=WINDOW_MAX_S).contains(&window) {
            return Err(ToolError::bad_input("`window_s` must be from 2 to 20"));
        }
        let first = reads::sample(call, true).await?;
        let (before, after) = if call.pass(Duration::from_secs(window)).await? {
            (Some(first), reads::sample(call, false).await?)
        } else {
            (None, first)
        };
        let once = reads::once(call, &after).await?;
        let server = call.server().await?;
        let pair = Pair::of(&input.instance, &server, before, after, once);
        Ok(answer(&pair, input.detail))
    }
}

fn answer(pair: &Pair, detail: Detail) -> Answer<Data> {
    let full = detail == Detail::Full;
    let mut figures = Map::new();
    let mut findings: Vec<Finding> = Vec::new();
    for family in FAMILIES {
        let found = (family.findings)(pair);
        if full || !found.is_empty() {
            figures.insert(family.name.to_owned(), (family.figures)(pair));
        }
        findings.extend(found);
    }
    let mut findings = rank::rank(findings);
    let key_figures = key::line(pair);
    let headline = findings.first().map_or_else(
        || format!("nothing unusual in what was read: {key_figures}"),
        |worst| worst.statement.clone(),
    );
    let total = findings.len();
    if !full {
        findings.truncate(FINDINGS);
    }
    let kept = findings.len();
    let data = Data {
        window_s: pair.window_s.map(|window| (window * 10.0).round() / 10.0),
        key_figures,
        figures,
        note: pair.is_aurora().then_some(
            "Aurora keeps redo and pages in its storage: no redo log, checkpoint, page flushing or \
             doublewrite here; watch VolumeWriteIOPs and CommitLatency in CloudWatch",
        ),
    };
    Answer::new(headline, findings, data).cut("findings", kept, total)
}
