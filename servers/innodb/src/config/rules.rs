//! What is dangerous or unusual about settings, with the consequence and the way back. Each rule is a
//! function of its area's file and names in its docstring what its threshold rests on. Pure.

mod durability;
mod limits;
mod locks;
mod memory;
mod optimizer;
mod redo;
mod replication;
mod watching;
mod writes;

use serde_json::{Value, json};
use storex_sources::{Flavour, Server};
use storex_tool::{Confidence, Finding, Severity};

use super::changes::GlobalChanges;
use super::settings::Settings;
use super::story;
use crate::variables::Variables;

const RUNBOOK: &str = "innodb_config";

/// What rules look at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The settings.
    pub settings: &'a Settings,
    /// Counters since the server started.
    pub status: &'a Variables,
    /// Sources the server is set to replicate from, where that could be read.
    pub channels: Option<usize>,
    /// Consumers of the performance schema that are on by default and off here.
    pub consumers_off: &'a [String],
}

impl View<'_> {
    fn server(&self) -> &Server {
        self.settings.server()
    }

    fn is_mysql(&self) -> bool {
        self.server().flavour == Flavour::MySql
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.settings.number(name)
    }

    fn on(&self, name: &str) -> bool {
        self.settings.is_on(name) == Some(true)
    }

    fn off(&self, name: &str) -> bool {
        self.settings.is_on(name) == Some(false)
    }

    /// The value in capitals; empty where there is none.
    fn word(&self, name: &str) -> String {
        self.settings
            .text(name)
            .unwrap_or_default()
            .to_ascii_uppercase()
    }

    fn changed(&self, name: &str) -> bool {
        self.settings.is_changed(name)
    }

    /// A counter since the server started.
    fn counted(&self, name: &str) -> Option<f64> {
        self.status.count(name).map(|count| count as f64)
    }

    fn uptime_s(&self) -> f64 {
        self.counted("uptime").unwrap_or(0.0)
    }

    fn is_replica(&self) -> bool {
        self.channels.is_some_and(|channels| channels > 0)
    }
}

/// A figure that shows how much a setting hurts.
#[derive(Debug, Clone)]
struct Figure {
    what: &'static str,
    value: f64,
    limit: Option<f64>,
    unit: &'static str,
    from: &'static str,
}

/// What a rule has found.
#[derive(Debug, Clone)]
struct Breach {
    severity: Severity,
    confidence: Confidence,
    consequence: String,
    figures: Vec<Figure>,
}

impl Breach {
    fn new(severity: Severity, consequence: impl Into<String>) -> Self {
        Self {
            severity,
            confidence: Confidence::Certain,
            consequence: consequence.into(),
            figures: Vec::new(),
        }
    }

    /// Users are being hurt now.
    fn critical(consequence: impl Into<String>) -> Self {
        Self::new(Severity::Critical, consequence)
    }

    /// Users will be hurt.
    fn warning(consequence: impl Into<String>) -> Self {
        Self::new(Severity::Warning, consequence)
    }

    /// Worth knowing.
    fn info(consequence: impl Into<String>) -> Self {
        Self::new(Severity::Info, consequence)
    }

    /// The setting is certain, that it hurts is not.
    fn possible(mut self) -> Self {
        self.confidence = Confidence::Possible;
        self
    }

    fn figure(
        mut self,
        what: &'static str,
        value: f64,
        limit: impl Into<Option<f64>>,
        unit: &'static str,
        from: &'static str,
    ) -> Self {
        self.figures.push(Figure {
            what,
            value,
            limit: limit.into(),
            unit,
            from,
        });
        self
    }
}

/// The way back, how safe it is and what it costs.
struct Way {
    step: &'static str,
    safety: &'static str,
    cost: &'static str,
}

/// One rule.
struct Rule {
    id: &'static str,
    /// The setting it is about.
    setting: &'static str,
    check: fn(&View<'_>) -> Option<Breach>,
    way: Way,
}

const DYNAMIC: &str = "dynamic, and can be set back";
const NEW_SESSIONS: &str = "dynamic, and can be set back; reaches new connections only";
const RESTART: &str = "needs a restart; can be set back";

const fn rule(
    id: &'static str,
    setting: &'static str,
    check: fn(&View<'_>) -> Option<Breach>,
    (step, safety, cost): (&'static str, &'static str, &'static str),
) -> Rule {
    Rule {
        id,
        setting,
        check,
        way: Way { step, safety, cost },
    }
}

static ALL: [&[Rule]; 9] = [
    durability::RULES,
    writes::RULES,
    redo::RULES,
    replication::RULES,
    optimizer::RULES,
    locks::RULES,
    limits::RULES,
    memory::RULES,
    watching::RULES,
];

/// What is dangerous or unusual about the settings of `instance`, in the order of the areas.
pub fn findings(view: &View<'_>, changes: &GlobalChanges, instance: &str) -> Vec<Finding> {
    ALL.iter()
        .flat_map(|rules| rules.iter())
        .filter_map(|rule| {
            let finding = finding(rule, view, changes)?;
            Some(match looks_further(rule.id) {
                Some(tool) => finding.next(tool, json!({ "instance": instance })),
                None => finding,
            })
        })
        .collect()
}

/// The tool that shows whether a setting hurts at this moment.
fn looks_further(id: &str) -> Option<&'static str> {
    match id {
        "redo_capacity_small" | "buffer_pool_small" | "io_capacity_low" | "log_buffer_small" => {
            Some("innodb_status")
        }
        "row_lock_wait_long" | "row_lock_wait_short" | "deadlocks_not_detected" => {
            Some("innodb_lock_waits")
        }
        "connections_at_limit" | "autocommit_off" | "idle_sessions_stay" => {
            Some("innodb_transactions")
        }
        _ => None,
    }
}

fn finding(rule: &Rule, view: &View<'_>, changes: &GlobalChanges) -> Option<Finding> {
    let breach = (rule.check)(view)?;
    let current = view.settings.get(rule.setting)?;
    let statement = format!(
        "{}: {}{}",
        story::is(current),
        breach.consequence,
        story::origin(current, changes)
    );
    let kind = current.kind();
    let value = Value::from(story::value(current));
    let mut finding = Finding::new(rule.id, breach.severity, breach.confidence, statement);
    finding = match &current.default {
        Some(default) => finding.against(
            rule.setting,
            value,
            default.as_str(),
            kind.unit(),
            "global variables",
        ),
        None => finding.evidence(rule.setting, value, kind.unit(), "global variables"),
    };
    for figure in breach.figures {
        let Figure {
            what,
            value,
            limit,
            unit,
            from,
        } = figure;
        finding = match limit {
            Some(limit) => finding.against(what, value, limit, unit, from),
            None => finding.evidence(what, value, unit, from),
        };
    }
    let Way { step, safety, cost } = &rule.way;
    Some(finding.remedy(*step, *safety, *cost, RUNBOOK))
}

#[cfg(test)]
mod tests;
