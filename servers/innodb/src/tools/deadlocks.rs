//! `innodb_deadlocks`: how often, between whom, over which rows, and why.

mod samples;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storex_sources::{Flavour, Vendor};
use storex_tool::{Answer, Call, Detail, Effect, Spec, Target, Tool, ToolError, Untrusted};

use self::samples::{Change, Counter, sample, seen};
use super::gather::rows;
use crate::deadlock::{History, LogRow, Picture, Programs, Seen, findings, headline, history};
use crate::deadlock_view::{Printed, printed};
use crate::probes::ENGINE_INNODB_STATUS;
use crate::probes::deadlocks::{
    CONNECTION_PROGRAMS, DEADLOCK_COUNTER, DEADLOCK_ERRORS_BY_USER, DEADLOCK_LOG, DEADLOCK_SETTINGS,
};
use crate::sessions::ProgramRow;
use crate::variables::Variables;

/// A deadlock each few hundred milliseconds shows as more than one.
const WINDOW: Duration = Duration::from_secs(2);
/// From so many in the window on, the server's table of its error log holds seconds only, and is
/// long to read: the counter tells more.
const FLOOD: u64 = 10;
/// MySQL prints deadlocks at the third level of `log_error_verbosity`: notes.
const NOTES: u64 = 3;

/// The tool.
pub(super) struct Deadlocks;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    #[serde(default)]
    detail: Detail,
    /// Transactions listed per deadlock
    #[schemars(range(min = 1, max = 50))]
    limit: Option<usize>,
    /// Show literals (sensitive)
    #[serde(default)]
    literals: bool,
}

/// The tool's data.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Data {
    /// Seconds between the two samples
    #[serde(skip_serializing_if = "Option::is_none")]
    window_s: Option<f64>,
    /// Of the window
    #[serde(skip_serializing_if = "Option::is_none")]
    deadlocks_per_s: Option<f64>,
    /// Counted over `counted_s`
    #[serde(skip_serializing_if = "Option::is_none")]
    counted: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counted_s: Option<u64>,
    /// The error log's last hour
    #[serde(skip_serializing_if = "Option::is_none")]
    error_log: Option<History>,
    /// As the monitor printed them, newest first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deadlocks: Vec<Printed>,
}

impl Tool for Deadlocks {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "innodb_deadlocks",
        title: "Deadlocks and their cause",
        description: "Explains deadlocks (error 1213): how many a second now, between whom, the latest \
                      as a cycle of locks held and wanted, and why they happen: opposite lock order, \
                      gap locks, upgraded shared locks and others.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(12),
        row_limit: 50,
        freshness: Duration::from_secs(2),
        probes: &[
            &DEADLOCK_COUNTER,
            &DEADLOCK_ERRORS_BY_USER,
            &ENGINE_INNODB_STATUS,
            &DEADLOCK_SETTINGS,
            &DEADLOCK_LOG,
            &CONNECTION_PROGRAMS,
        ],
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &["literals"],
        runbook: include_str!("../../runbooks/innodb_deadlocks.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let settings = Variables::of(rows(call.want(&DEADLOCK_SETTINGS).await?));
        let before = sample(call).await?;
        let after = if call.pass(WINDOW).await? {
            Some(sample(call).await?)
        } else {
            None
        };
        let change = after.as_ref().map(|after| Change::between(&before, after));
        let latest = after.as_ref().unwrap_or(&before);
        let counted = latest.counter.as_ref().and_then(Counter::counted);
        let seen = seen(&before, after.as_ref());
        let flooded = change.as_ref().and_then(|change| change.deadlocks) >= Some(FLOOD);
        let counted_all = counted.map_or(0, |(count, _)| count);
        let history = error_log(call, &settings, counted_all, flooded).await?;
        let programs = programs(call, &seen).await?;
        let change = change.unwrap_or_default();
        let picture = Picture {
            instance: &input.instance,
            in_window: change.deadlocks,
            window_s: change.window_s,
            counted,
            seen: &seen,
            victims: &change.victims,
            history: history.as_ref(),
            programs: &programs,
            detection: settings.is_on("innodb_deadlock_detect") != Some(false),
        };
        let findings = findings(&picture);
        let headline = headline(&picture, &findings);
        let limit = input.limit.unwrap_or(if full { 20 } else { 4 }).min(50);
        let shown = if full { seen.len() } else { 1 };
        let deadlocks = seen.iter().take(shown);
        let data = Data {
            window_s: change.window_s.map(|window| (window * 10.0).round() / 10.0),
            deadlocks_per_s: picture.per_s(),
            counted: counted.map(|(count, _)| count),
            counted_s: counted.and_then(|(_, since)| since),
            deadlocks: deadlocks
                .map(|seen| printed(seen, &programs, limit, input.literals))
                .collect(),
            error_log: history,
        };
        let listed: usize = data.deadlocks.iter().map(Printed::listed).sum();
        let members = seen
            .iter()
            .take(shown)
            .map(|seen| seen.deadlock.transactions.len());
        let members: usize = members.sum();
        Ok(Answer::new(headline, findings, data)
            .cut("deadlocks", shown, seen.len())
            .cut("transactions", listed, members))
    }
}

/// Programs of the connections that deadlocked, where any did.
async fn programs(call: &Call, seen: &[Seen]) -> Result<Programs, ToolError> {
    if !call.server().await?.performance_schema {
        call.missing(
            "programs of connections",
            "performance_schema is off: parties are named by user, and by comments of their statements",
            CONNECTION_PROGRAMS.needs.remedy,
        );
        return Ok(Programs::new());
    }
    if seen.is_empty() {
        return Ok(Programs::new());
    }
    let programs: Vec<ProgramRow> = rows(call.want(&CONNECTION_PROGRAMS).await?);
    let named = programs
        .into_iter()
        .filter_map(|row| Some((row.id, row.program?)));
    Ok(named.collect())
}

/// Earlier deadlocks, where this server shows its error log; says what to enable otherwise, once
/// there was more than the one the monitor prints.
async fn error_log(
    call: &Call,
    settings: &Variables,
    counted: u64,
    flooded: bool,
) -> Result<Option<History>, ToolError> {
    let what = "deadlocks before the latest one";
    let server = call.server().await?;
    if server.flavour == Flavour::MariaDb {
        let report = settings.text("innodb_deadlock_report").unwrap_or("full");
        if counted > 0 && !report.eq_ignore_ascii_case("full") {
            call.missing(
                "locks of deadlocks",
                format!("innodb_deadlock_report is {}", Untrusted::name(report)),
                "SET GLOBAL innodb_deadlock_report = full: dynamic, costs nothing between deadlocks",
            );
        }
        if counted > 1 {
            call.missing(
                what,
                "MariaDB prints them to its error log file only, which is not read here",
                "ask again: each call reads the latest one twice",
            );
        }
        return Ok(None);
    }
    let printed = settings.is_on("innodb_print_all_deadlocks") == Some(true);
    let noted = settings
        .count("log_error_verbosity")
        .is_none_or(|level| level >= NOTES);
    if printed && noted && flooded {
        return Ok(None);
    }
    if printed && noted {
        let log: Vec<LogRow> = rows(call.want(&DEADLOCK_LOG).await?);
        let history = history(&log);
        if let Some(lines) = history.as_ref().map(|history| history.not_understood)
            && lines > 0
        {
            call.missing(
                "part of the error log",
                format!("{lines} lines were not understood"),
                "",
            );
        }
        return Ok(history);
    }
    if counted > 1 {
        let why = if printed {
            "innodb_print_all_deadlocks is ON, but notes are left out of the error log"
        } else {
            "innodb_print_all_deadlocks is OFF: only the latest is kept"
        };
        let managed = matches!(
            server.vendor,
            Vendor::Aurora | Vendor::Rds | Vendor::Azure | Vendor::CloudSql
        );
        let set = if managed {
            "in the provider's parameters, set"
        } else {
            "SET GLOBAL"
        };
        let fix = format!(
            "{set} innodb_print_all_deadlocks = ON, log_error_verbosity = 3: dynamic; costs 2 to 5 KiB of \
             error log per deadlock, statements with their literals"
        );
        call.missing(what, why, fix);
    }
    Ok(None)
}
