//! `innodb_status`: the monitor read for you. What is unusual first; every section in full.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use storex_sources::Flavour;
use storex_tool::{
    Answer, Call, Detail, Effect, Finding, Spec, Target, Tool, ToolError, Untrusted,
};

use super::gather::rows;
use crate::condition::{Counters, Gauges, Rates, gauges, rates};
use crate::monitor::{self, Monitor};
use crate::probes::{ENGINE_INNODB_STATUS, GLOBAL_STATUS, INNODB_METRICS};
use crate::shown::sections;
use crate::unusual::findings;
use crate::variables::{MonitorRow, Variables};

/// Long enough for figures, short enough for someone who waits.
const WINDOW: Duration = Duration::from_millis(1_500);
/// The monitor's text is at most 1 MiB on the server; a client's window is smaller.
const RAW_CHARS: usize = 16_000;

/// The tool.
pub(super) struct Status;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    /// full: every section
    #[serde(default)]
    detail: Detail,
    /// The monitor's own text, with literals (sensitive; needs detail full)
    #[serde(default)]
    raw: bool,
}

/// The tool's data.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Data {
    /// Seconds between the two samples of `rates`
    #[serde(skip_serializing_if = "Option::is_none")]
    window_s: Option<f64>,
    rates: Rates,
    now: Gauges,
    /// Every section, parsed
    #[serde(skip_serializing_if = "Option::is_none")]
    sections: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<Untrusted>,
}

impl Tool for Status {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "innodb_status",
        title: "InnoDB monitor, read for you",
        description: "Reads SHOW ENGINE INNODB STATUS for you: semaphores, latest deadlock, transactions, \
                      file I/O, redo log, buffer pool and row operations, with rates from two samples of \
                      its own. Concise shows only what is unusual; full shows every section. Start here \
                      for a health check of one server.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(12),
        row_limit: 1,
        freshness: Duration::from_secs(2),
        probes: &[&ENGINE_INNODB_STATUS, &GLOBAL_STATUS, &INNODB_METRICS],
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &["raw"],
        runbook: include_str!("../../runbooks/innodb_status.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        if input.raw && input.detail != Detail::Full {
            return Err(ToolError::bad_input("`raw` needs `detail`: \"full\""));
        }
        let before = counters(call).await?;
        let (window, after) = if call.pass(WINDOW).await? {
            let after = counters(call).await?;
            let window = (after.1.duration_since(before.1)).as_secs_f64();
            (Some(window).filter(|window| *window > 0.0), after)
        } else {
            (None, before.clone())
        };
        let text: Vec<MonitorRow> = rows(call.want(&ENGINE_INNODB_STATUS).await?);
        let text = text.first().map(|row| row.status.as_str());
        let monitor = text.map(monitor::parse).unwrap_or_default();
        tell_what_was_not_read(call, text, &monitor);
        let rates = window
            .map(|window| rates(&before.0, &after.0, window))
            .unwrap_or_default();
        let now = gauges(&monitor, &after.0);
        let findings = findings(&rates, &now, &monitor, &input.instance);
        let headline = headline(&findings, &now);
        let full = input.detail == Detail::Full;
        let data = Data {
            window_s: window.map(|window| (window * 10.0).round() / 10.0),
            rates,
            now,
            sections: full.then(|| sections(&monitor)),
            raw: text
                .filter(|_| input.raw)
                .map(|text| Untrusted::text(text, RAW_CHARS)),
        };
        Ok(Answer::new(headline, findings, data))
    }
}

type Sampled = (Counters, jiff::Timestamp);

async fn counters(call: &Call) -> Result<Sampled, ToolError> {
    let status = call.want(&GLOBAL_STATUS).await?;
    let read_at = status
        .as_ref()
        .map_or_else(|| call.now(), |sample| sample.read_at);
    let metrics = match call.server().await?.flavour {
        Flavour::MySql => rows(call.want(&INNODB_METRICS).await?),
        Flavour::MariaDb => Vec::new(),
    };
    let counters = Counters {
        status: Variables::of(rows(status)),
        metrics: Variables::of(metrics),
    };
    Ok((counters, read_at))
}

/// What the monitor left out, or we did not understand, is not healthy: it is unknown.
fn tell_what_was_not_read(call: &Call, text: Option<&str>, monitor: &Monitor) {
    if text.is_none() {
        return;
    }
    if monitor.truncated {
        call.missing(
            "end of the InnoDB monitor",
            "the server cut its text, as it does beyond 1 MiB",
            "",
        );
    }
    if monitor.lock_info_skipped {
        call.missing(
            "lock information",
            "the monitor could not take the lock system's latch in time",
            "",
        );
    }
    if !monitor.unparsed.is_empty() {
        let why = format!("{} lines were not understood", monitor.unparsed.len());
        call.missing(
            "part of the InnoDB monitor",
            why,
            "they are in `sections.unparsed` of detail full",
        );
    }
}

fn headline(findings: &[Finding], now: &Gauges) -> String {
    if let Some(worst) = findings.iter().min_by_key(|finding| finding.severity) {
        return worst.statement.clone();
    }
    let history = now.history_list_length.map_or_else(String::new, |length| {
        format!(", history list length {length}")
    });
    let share = match (now.checkpoint_age_bytes, now.checkpoint_age_limit_bytes) {
        (Some(age), Some(limit)) if limit > 0 => {
            format!(
                ", checkpoint age {:.0} % of its limit",
                age as f64 / limit as f64 * 100.0
            )
        }
        _ => String::new(),
    };
    format!("nothing unusual in what was read{history}{share}")
}
