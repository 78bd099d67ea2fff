//! `innodb_config`: the settings that matter, where they came from, who changed them, what is dangerous
//! about them, and how they differ from another server's.

mod read;
mod shown;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storex_tool::{Answer, Call, Detail, Effect, Finding, Severity, Spec, Target, Tool, ToolError};

use crate::config::compare::differences;
use crate::config::plan_switch;
use crate::config::restart;
use crate::config::rules::{self, View};
use crate::config::story;
use crate::probes::config::{
    CONFIG_STATUS, PERSISTED_SETTINGS, PLAN_DIGESTS, REPLICATION_ORIGINS, SETTING_CHANGES,
    SETTING_SOURCES, SETTINGS, STATEMENT_CONSUMERS, SYSTEM_VARIABLES,
};
use shown::{Differing, Row, differing, rows_of};

/// Findings told in concise.
const FINDINGS: usize = 6;

/// The tool.
pub(super) struct Config;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    /// Second instance
    compare_to: Option<String>,
    /// Part of names, % for any text
    name: Option<String>,
    /// full: every setting that matters
    #[serde(default)]
    detail: Detail,
    /// Settings listed
    #[schemars(range(min = 1, max = 500))]
    limit: Option<usize>,
}

/// The tool's data.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Data {
    read: usize,
    /// Not as by default, or all
    settings: Vec<Row>,
    /// From those of the second instance
    #[serde(skip_serializing_if = "Option::is_none")]
    differing: Option<Vec<Differing>>,
}

impl Tool for Config {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "innodb_config",
        title: "Settings, their origin and their dangers",
        description: "Reads the server's settings: dangerous and unusual values with consequence and way \
                      back, what is not as by default, origin, who changed it when, what a restart will \
                      lose, and plans an optimizer setting made worse. compare_to shows how another \
                      instance or a recorded baseline differs.",
        effect: Effect::Read,
        target: Target::InstanceAnd("compare_to"),
        deadline: Duration::from_secs(15),
        row_limit: 500,
        freshness: Duration::from_secs(2),
        probes: &[
            &SETTINGS,
            &SETTING_SOURCES,
            &PERSISTED_SETTINGS,
            &SYSTEM_VARIABLES,
            &CONFIG_STATUS,
            &REPLICATION_ORIGINS,
            &STATEMENT_CONSUMERS,
            &SETTING_CHANGES,
            &PLAN_DIGESTS,
        ],
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/innodb_config.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let settings = read::settings(call).await?;
        let status = read::status(call).await?;
        let channels = read::channels(call, &settings, &status).await?;
        let consumers_off = read::consumers_off(call, full).await?;
        let changes = read::changes(call, &settings).await?;
        let samples = read::plan_samples(call, &settings).await?;
        let view = View {
            settings: &settings,
            status: &status,
            channels,
            consumers_off: &consumers_off,
        };
        let (mut findings, alone) = plan_switch::findings(&settings, &changes, &samples);
        findings.extend(rules::findings(&view, &changes, &input.instance));
        findings.extend(alone);
        findings.extend(restart::finding(&settings));
        if settings.are_managed() {
            findings.iter_mut().for_each(story::for_managed);
        }
        findings.sort_by_key(|finding| finding.severity);

        let compared = match (call.other(), &input.compare_to) {
            (Some(other), Some(name)) => {
                let there = read::settings(other).await?;
                Some((name.as_str(), differences(&settings, &there)))
            }
            _ => None,
        };
        let limit = input.limit.unwrap_or(if full { 250 } else { 10 }).min(500);
        let wanted = rows_of(&settings, &changes, input.name.as_deref(), full);
        let headline = headline(
            &input,
            &settings,
            &findings,
            wanted.len(),
            compared.as_ref(),
        );
        let told = if full { findings.len() } else { FINDINGS };
        let (found, total) = (findings.len(), wanted.len());
        findings.truncate(told);
        let differ = compared.as_ref().map_or(0, |(_, all)| all.len());
        let shown_differences = if full { 200 } else { 15 }.min(differ);
        let data = Data {
            read: settings.all().count(),
            settings: wanted.into_iter().take(limit).collect(),
            differing: compared.map(|(_, all)| differing(&all, shown_differences)),
        };
        Ok(Answer::new(headline, findings, data)
            .cut("findings", told.min(found), found)
            .cut("settings", limit.min(total), total)
            .cut("differing", shown_differences, differ))
    }
}

fn headline(
    input: &Input,
    settings: &crate::config::settings::Settings,
    findings: &[Finding],
    wanted: usize,
    compared: Option<&(&str, Vec<crate::config::compare::Difference>)>,
) -> String {
    let changed = settings
        .all()
        .filter(|current| current.known.is_some() && current.is_changed())
        .count();
    let worst = findings
        .iter()
        .filter(|finding| finding.severity != Severity::Info)
        .min_by_key(|finding| finding.severity);
    let own = match worst {
        Some(worst) => worst.statement.clone(),
        None => format!(
            "nothing dangerous in the settings; {changed} that matter are not as by default"
        ),
    };
    if let Some((with, differences)) = compared {
        let first: Vec<&str> = differences
            .iter()
            .filter(|difference| difference.chosen)
            .take(3)
            .map(|difference| difference.name.as_str())
            .collect();
        let first = if first.is_empty() {
            String::new()
        } else {
            format!(", first {}", first.join(", "))
        };
        let (count, here) = (differences.len(), &input.instance);
        return format!("{count} settings of {here} differ from those of {with}{first}; {own}");
    }
    if input.name.is_some() {
        return match wanted {
            0 => "no setting of this server has such a name, or its value is withheld as a possible secret".to_owned(),
            wanted => format!("{wanted} settings match; {own}"),
        };
    }
    own
}
