//! `slowlog_files`: which log files there are, the times they cover, and what the server's settings
//! keep out of them.

mod read;
mod shown;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use storex_tool::{Answer, Call, Detail, Effect, Spec, Target, Tool, ToolError};

use self::shown::Data;
use crate::log_files::findings::findings;
use crate::probes::logs::{LOG_SETTINGS, LOG_STATUS, LOG_ZONE};

/// The tool.
pub(super) struct Files;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    #[expect(dead_code, reason = "the stack reads it from the JSON")]
    instance: String,
    #[serde(default)]
    detail: Detail,
    /// Files listed per log
    #[schemars(range(min = 1, max = 500))]
    limit: Option<usize>,
}

impl Tool for Files {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "slowlog_files",
        title: "Log files and log settings",
        description: "Lists an instance's slow and error log files with sizes and times covered, and says \
                      what is missing: logs switched off or written elsewhere, thresholds, gaps. Works while \
                      the server is down.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(15),
        row_limit: 500,
        freshness: Duration::from_secs(5),
        probes: &[&LOG_SETTINGS, &LOG_STATUS, &LOG_ZONE],
        // Listing reads the ends of files; no log is read through the call.
        log_bytes: 1,
        metric_points: 0,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/slowlog_files.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let limit = input.limit.unwrap_or(if full { 50 } else { 5 });
        let known = read::known(call).await?;
        let findings = findings(&known);
        let headline = shown::headline(&known, &findings);
        let (data, files) = shown::shown(&known, call.logs()?.source(), limit.clamp(1, 500));
        let listed = data.files();
        Ok(Answer::new(headline, findings, data).cut("files", listed, files))
    }
}
