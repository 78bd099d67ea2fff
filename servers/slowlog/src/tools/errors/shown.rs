//! The tool's data as it is shown: forms of messages, without a value of theirs.

use std::fmt::Write as _;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use storex_sources::Window;
use storex_tool::Untrusted;

use crate::error_log::classes::KNOWN;
use crate::error_log::{Group, Level, Restart, Tally};

const CONCISE_CHARS: usize = 140;
const FULL_CHARS: usize = 300;
/// Restarts of a concise answer.
const CONCISE_RESTARTS: usize = 3;
const FULL_RESTARTS: usize = 20;

/// The tool's data.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(in crate::tools) struct Data {
    /// Where it was read
    #[serde(skip_serializing_if = "str::is_empty")]
    read_from: &'static str,
    from: String,
    to: String,
    entries: u64,
    errors: u64,
    warnings: u64,
    /// Those that matter first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Message>,
    /// Latest first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    restarts: Vec<String>,
}

/// Messages of one form.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct Message {
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subsystem: Option<Untrusted>,
    form: Untrusted,
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_h: Option<f64>,
    /// Where there are several
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    last: String,
}

impl Data {
    /// Of a log that could not be read.
    pub(super) fn nothing(window: Window) -> Self {
        Self {
            from: moment(window.from),
            to: moment(window.to),
            ..Self::default()
        }
    }

    /// How many forms are shown.
    pub(super) fn messages(&self) -> usize {
        self.messages.len()
    }
}

/// The data, and how many forms there are.
pub(super) fn shown(
    tally: &Tally,
    read_from: &'static str,
    limit: usize,
    full: bool,
) -> (Data, usize) {
    let window = tally.window();
    let hours = window.to.duration_since(window.from).as_secs_f64() / 3_600.0;
    let (chars, restarts) = if full {
        (FULL_CHARS, FULL_RESTARTS)
    } else {
        (CONCISE_CHARS, CONCISE_RESTARTS)
    };
    let groups = tally.groups();
    let level = |level: Level| tally.levels.get(&level).copied().unwrap_or_default();
    let starts = tally.restarts.all().iter().rev().take(restarts);
    let data = Data {
        read_from,
        from: moment(window.from),
        to: moment(window.to),
        entries: tally.entries,
        errors: level(Level::Error),
        warnings: level(Level::Warning),
        messages: groups
            .iter()
            .take(limit)
            .map(|group| message(group, hours, chars))
            .collect(),
        restarts: starts.map(restart).collect(),
    };
    (data, groups.len())
}

fn message(group: &Group, hours: f64, chars: usize) -> Message {
    let class = group.class.and_then(|class| KNOWN.get(class));
    let several = group.count > 1;
    Message {
        class: class.map(|class| class.id),
        level: group.level.as_str(),
        code: group.code.map(|code| format!("MY-{code:06}")),
        subsystem: group.subsystem.as_deref().map(Untrusted::name),
        form: Untrusted::text(&group.form, chars),
        count: group.count,
        per_h: several.then(|| (group.count as f64 / hours * 10.0).round() / 10.0),
        first: several.then(|| moment(group.first)),
        last: moment(group.last),
    }
}

/// `2026-11-23T07:16:33Z after a crash, down for 3 s, ready in 2 s, recovered`.
fn restart(restart: &Restart) -> String {
    let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs();
    let mut told = format!("{} after {}", moment(restart.at), restart.how.as_str());
    if let Some(since) = restart.down_since {
        let _infallible = write!(told, ", down for {} s", seconds(since, restart.at));
    }
    match restart.ready_at {
        Some(ready) => {
            let _infallible = write!(told, ", ready in {} s", seconds(restart.at, ready));
        }
        None => told.push_str(", never ready"),
    }
    if restart.recovered {
        told.push_str(", recovered");
    }
    told
}

fn moment(at: Timestamp) -> String {
    format!("{at:.0}")
}
