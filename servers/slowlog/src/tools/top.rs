//! `slowlog_top`: which statements a window of the slow log spent its time on, and what is wrong with
//! them.

mod counted;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use storex_digest::Options;
use storex_digest::report::{By, top};
use storex_tool::{
    Answer, Call, Detail, Effect, LogBounds, Spec, Target, Tool, ToolError, WindowArgs,
};

use super::shown::{Covered, Row};
use crate::costs::findings;
use crate::form::Form;
use crate::probes::ledger;
use crate::reading::{Reading, read};
use crate::scene::Scene;
use crate::words::{percent, time};

/// Read at most.
pub(super) const BOUNDS: LogBounds = LogBounds {
    bytes: 2 << 30,
    time: Duration::from_secs(22),
};
/// The window where the caller names none.
pub(super) const MINUTES: i64 = 60;
const CONCISE_FINDINGS: usize = 4;

/// The tool.
pub(super) struct Top;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    #[serde(flatten)]
    window: WindowArgs,
    #[serde(default)]
    by: Order,
    #[serde(default)]
    detail: Detail,
    #[schemars(range(min = 1, max = 100))]
    limit: Option<usize>,
}

/// What statements are put in order by.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Order {
    #[default]
    Time,
    LockTime,
    RowsExamined,
    RowsSent,
    Bytes,
    Calls,
}

impl Order {
    fn by(self) -> (By, &'static str) {
        match self {
            Self::Time => (By::Time, "statement time"),
            Self::LockTime => (By::LockTime, "time waiting for locks"),
            Self::RowsExamined => (By::RowsExamined, "rows examined"),
            Self::RowsSent => (By::RowsSent, "rows sent"),
            Self::Bytes => (By::BytesSent, "bytes sent"),
            Self::Calls => (By::Count, "calls"),
        }
    }
}

/// The tool's data.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Data {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Map<String, Value>>")]
    window: Option<Covered>,
    /// Seconds of the server's own counters, where no log can be read
    #[serde(skip_serializing_if = "Option::is_none")]
    sampled_s: Option<f64>,
    /// Literals are replaced by `?`
    #[serde(skip_serializing_if = "Statements::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    statements: Statements,
}

/// By where they come from.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Statements {
    /// The slow log.
    Logged(Vec<Row>),
    /// The server's counters.
    Counted(Vec<counted::Row>),
}

impl Default for Statements {
    fn default() -> Self {
        Self::Logged(Vec::new())
    }
}

impl Statements {
    fn is_empty(&self) -> bool {
        match self {
            Self::Logged(rows) => rows.is_empty(),
            Self::Counted(rows) => rows.is_empty(),
        }
    }
}

impl Tool for Top {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "slowlog_top",
        title: "Statements that cost most",
        description: "Digests a window of the slow log (default: the last hour): statements by share of \
                      time, lock time, rows, bytes or calls, with quantiles, clients and tags, and what \
                      is wrong: missing index, N+1, retries, large results, locks.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(30),
        row_limit: 100,
        freshness: Duration::from_secs(10),
        probes: &ledger::ALL,
        log_bytes: BOUNDS.bytes,
        metric_points: 0,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/slowlog_top.md"),
        aliases: &["slow_queries", "top_queries", "query_digest"],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let window = input.window.window(call.now(), MINUTES)?;
        let limit = input.limit.unwrap_or(if full { 25 } else { 6 }).min(100);
        let Some(reading) = read(call, window, Options::default(), BOUNDS).await? else {
            return counted::answer(&input, call, full, limit).await;
        };
        let scene = Scene {
            instance: &input.instance,
            window,
            digest: &reading.digest,
        };
        let (by, what) = input.by.by();
        let ranked = top(&reading.digest, by, limit);
        let statements = ranked
            .iter()
            .map(|ranked| Row::of(&reading.digest, Form::of(ranked.group), ranked.share, full));
        let statements: Vec<Row> = statements.collect();
        let first = ranked.first();
        let headline = headline(
            &reading,
            &scene,
            first.map(|first| (Form::of(first.group), first.share)),
            what,
        );
        let mut findings = findings(&scene);
        let found = findings.len();
        findings.truncate(if full { found } else { CONCISE_FINDINGS });
        let (kept, total) = (statements.len(), reading.digest.groups().len());
        let shown = findings.len();
        let data = Data {
            window: Some(Covered::of(&reading)),
            sampled_s: None,
            statements: Statements::Logged(statements),
        };
        Ok(Answer::new(headline, findings, data)
            .cut("findings", shown, found)
            .cut("statements", kept, total))
    }
}

fn headline(
    reading: &Reading,
    scene: &Scene<'_>,
    first: Option<(Form<'_>, f64)>,
    what: &str,
) -> String {
    let totals = scene.totals();
    let minutes = reading.covered_s() / 60.0;
    let Some((form, share)) = first else {
        return format!("nothing was logged in the slow log in {minutes:.0} min");
    };
    format!(
        "{} statements took {} in {minutes:.0} min; {} of the {what} went into {}",
        totals.count,
        time(totals.query_us.sum as f64 / 1e6),
        percent(share),
        scene.named(form),
    )
}
