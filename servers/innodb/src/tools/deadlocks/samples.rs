//! What `innodb_deadlocks` reads twice, and the difference.

use jiff::Timestamp;
use serde::Deserialize;
use storex_sources::Flavour;
use storex_tool::{Call, ToolError};

use crate::condition::deadlock_age_s;
use crate::deadlock::Seen;
use crate::monitor::{self, Deadlock};
use crate::probes::ENGINE_INNODB_STATUS;
use crate::probes::deadlocks::{DEADLOCK_COUNTER, DEADLOCK_ERRORS_BY_USER};
use crate::tools::gather::rows;
use crate::variables::MonitorRow;

/// `lock_deadlocks` or `Innodb_deadlocks`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Counter {
    deadlocks: Option<u64>,
    since_s: Option<u64>,
    enabled: bool,
}

impl Counter {
    pub(super) fn counted(&self) -> Option<(u64, Option<u64>)> {
        Some((self.deadlocks.filter(|_| self.enabled)?, self.since_s))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct ErrorRow {
    user: Option<String>,
    raised: u64,
}

/// What is read twice.
pub(super) struct Sample {
    read_at: Timestamp,
    pub(super) counter: Option<Counter>,
    errors: Vec<ErrorRow>,
    printed: Option<Seen>,
}

pub(super) async fn sample(call: &Call) -> Result<Sample, ToolError> {
    let counter = call.want::<Counter>(&DEADLOCK_COUNTER).await?;
    let read_at = counter
        .as_ref()
        .map_or_else(|| call.now(), |counter| counter.read_at);
    let counter = rows(counter).into_iter().next();
    if counter.as_ref().is_some_and(|counter| !counter.enabled) {
        call.missing(
            "rate of deadlocks",
            "innodb_metrics does not count lock_deadlocks",
            "SET GLOBAL innodb_monitor_enable = 'lock_deadlocks'",
        );
    }
    // MariaDB has no error summary; the victims are told from what is printed.
    let errors = match call.server().await?.flavour {
        Flavour::MySql => rows(call.want(&DEADLOCK_ERRORS_BY_USER).await?),
        Flavour::MariaDb => Vec::new(),
    };
    let text: Vec<MonitorRow> = rows(call.want(&ENGINE_INNODB_STATUS).await?);
    let printed = text.first().and_then(|row| {
        let monitor = monitor::parse(&row.status);
        let age_s = deadlock_age_s(&monitor);
        monitor.deadlock.map(|deadlock| Seen { deadlock, age_s })
    });
    Ok(Sample {
        read_at,
        counter,
        errors,
        printed,
    })
}

/// The difference of two samples. What went backwards (a restart, a reset) gives no figure.
#[derive(Default)]
pub(super) struct Change {
    pub(super) window_s: Option<f64>,
    pub(super) deadlocks: Option<u64>,
    pub(super) victims: Vec<(String, u64)>,
}

impl Change {
    pub(super) fn between(before: &Sample, after: &Sample) -> Self {
        let window = after.read_at.duration_since(before.read_at).as_secs_f64();
        let count = |sample: &Sample| sample.counter.as_ref()?.counted().map(|(count, _)| count);
        let deadlocks = match (count(before), count(after)) {
            (Some(before), Some(after)) => after.checked_sub(before),
            _ => None,
        };
        let raised_before = |user: &Option<String>| {
            let known = before.errors.iter().find(|row| row.user == *user);
            known.map_or(0, |row| row.raised)
        };
        let mut victims: Vec<(String, u64)> = after
            .errors
            .iter()
            .filter_map(|row| {
                let raised = row.raised.checked_sub(raised_before(&row.user))?;
                let user = row.user.clone().unwrap_or_else(|| "background".to_owned());
                (raised > 0).then_some((user, raised))
            })
            .collect();
        victims.sort_by_key(|(user, raised)| (std::cmp::Reverse(*raised), user.clone()));
        Self {
            window_s: Some(window).filter(|window| *window > 0.0),
            deadlocks,
            victims,
        }
    }
}

/// The deadlocks of both monitors, newest first, each once.
pub(super) fn seen(before: &Sample, after: Option<&Sample>) -> Vec<Seen> {
    let newest = after.and_then(|after| after.printed.clone());
    let mut seen: Vec<Seen> = newest.into_iter().collect();
    let same = |one: &Deadlock, other: &Deadlock| {
        (&one.at, &one.thread, one.rolled_back) == (&other.at, &other.thread, other.rolled_back)
            && one.transactions == other.transactions
    };
    let older = before.printed.as_ref();
    let known =
        |seen: &[Seen], older: &Seen| seen.iter().any(|one| same(&one.deadlock, &older.deadlock));
    seen.extend(older.filter(|older| !known(&seen, older)).cloned());
    seen
}
