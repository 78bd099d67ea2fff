//! `slowlog_errors`: what the error log of a window says, grouped, and what of it matters.

mod read;
mod shown;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use storex_tool::{Answer, Call, Detail, Effect, Spec, Target, Tool, ToolError, WindowArgs};

use self::shown::Data;
use crate::error_log::findings::{findings, headline};
use crate::probes::logs::ERROR_LOG;

/// The window nobody named, in minutes.
const WINDOW_MINUTES: i64 = 60;

/// Findings of a concise answer.
const CONCISE_FINDINGS: usize = 5;

/// The tool.
pub(super) struct Errors;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    #[serde(default)]
    detail: Detail,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    #[serde(flatten)]
    window: WindowArgs,
}

impl Tool for Errors {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "slowlog_errors",
        title: "The error log",
        description: "Reads the error log of a window (default: the last hour), groups its messages by form \
                      and says which matter: crashes and restarts, corruption, full disks, memory, refused \
                      connections, replication errors. Works while the server is down.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(25),
        row_limit: 200,
        freshness: Duration::from_secs(5),
        probes: &[&ERROR_LOG],
        log_bytes: read::BOUNDS.bytes,
        metric_points: 0,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/slowlog_errors.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let limit = input.limit.unwrap_or(if full { 40 } else { 8 });
        let window = input.window.window(call.now(), WINDOW_MINUTES)?;
        let read = read::error_log(call, window).await?;
        let Some(tally) = read.tally else {
            return Ok(Answer::new(
                "no error log could be read",
                Vec::new(),
                Data::nothing(window),
            ));
        };
        if tally.beyond_forms > 0 {
            let why = format!(
                "{} entries are of forms beyond those kept apart",
                tally.beyond_forms
            );
            call.missing("messages of further forms", why, "ask for a shorter window");
        }
        let mut findings = findings(&tally, &input.instance);
        let headline = headline(&tally, &findings);
        findings.sort_by_key(|finding| finding.severity);
        let found = findings.len();
        findings.truncate(if full { found } else { CONCISE_FINDINGS });
        let told = findings.len();
        let (data, groups) = shown::shown(&tally, read.from, limit.clamp(1, 200), full);
        let shown = data.messages();
        Ok(Answer::new(headline, findings, data)
            .cut("findings", told, found)
            .cut("messages", shown, groups))
    }
}
