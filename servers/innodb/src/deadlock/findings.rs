//! What a window's deadlocks mean: the findings of `innodb_deadlocks`.

use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::explained::Explained;
use super::headline::span;
use super::history::History;
use super::parties::Programs;
use super::pattern::Pattern;
use super::remedies::with_remedies;
use crate::monitor::Deadlock;

/// One deadlock can happen to any program; a second within seconds is a pattern of the programs
/// (MySQL Reference Manual, "Deadlocks in InnoDB": "not dangerous unless they are so frequent that
/// you cannot run certain transactions at all").
const STORM_IN_WINDOW: u64 = 2;
/// Ten transactions rolled back a second: clients that retry do most of their work in vain.
const CRITICAL_PER_S: f64 = 10.0;
/// In the error log's last five minutes: one a minute is no accident.
const RECURRING_IN_5_MIN: usize = 5;
/// A printed deadlock this old says nothing about the present.
const RECENT_S: i64 = 300;
/// Within the last minute: what someone who asks now has just seen.
const JUST_NOW_S: i64 = 60;

/// A deadlock the monitor printed.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The deadlock.
    pub deadlock: Deadlock,
    /// Seconds since then.
    pub age_s: Option<i64>,
}

/// Everything a verdict is made of.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// The instance's name, for the arguments of next steps.
    pub instance: &'a str,
    /// Deadlocks between the two samples; none where there is one sample, or the counter was reset.
    pub in_window: Option<u64>,
    /// Seconds between the two samples.
    pub window_s: Option<f64>,
    /// Deadlocks counted, and over how many seconds.
    pub counted: Option<(u64, Option<u64>)>,
    /// Printed deadlocks, newest first.
    pub seen: &'a [Seen],
    /// Rolled back in the window, by user.
    pub victims: &'a [(String, u64)],
    /// The error log's.
    pub history: Option<&'a History>,
    /// Programs of connections.
    pub programs: &'a Programs,
    /// `innodb_deadlock_detect` is on.
    pub detection: bool,
}

impl Picture<'_> {
    /// Deadlocks a second within the window.
    pub fn per_s(&self) -> Option<f64> {
        let window = self.window_s.filter(|window| *window > 0.0)?;
        Some((self.in_window? as f64 / window * 10.0).round() / 10.0)
    }
}

/// The findings, worst first.
pub fn findings(picture: &Picture<'_>) -> Vec<Finding> {
    let deadlocks = now(picture)
        .or_else(|| recurring(picture))
        .or_else(|| latest(picture));
    [deadlocks, elsewhere(picture), undetected(picture)]
        .into_iter()
        .flatten()
        .collect()
}

/// Deadlocks in the window.
fn now(picture: &Picture<'_>) -> Option<Finding> {
    let in_window = picture.in_window.filter(|count| *count > 0)?;
    let per_s = picture.per_s()?;
    let (id, severity) = if in_window < STORM_IN_WINDOW {
        ("deadlock_now", Severity::Info)
    } else if per_s >= CRITICAL_PER_S {
        ("deadlock_storm", Severity::Critical)
    } else {
        ("deadlock_storm", Severity::Warning)
    };
    let what = if in_window < STORM_IN_WINDOW {
        "a deadlock just now".to_owned()
    } else {
        format!("{per_s} deadlocks a second")
    };
    let from = "difference of two samples";
    let finding = explained(picture, id, severity, &what)
        .evidence("deadlocks", per_s, "per_s", from)
        .against("deadlocks_in_window", in_window, STORM_IN_WINDOW, "", from);
    Some(with_victims(finding, picture))
}

/// More in the error log than accidents, though none at this moment.
fn recurring(picture: &Picture<'_>) -> Option<Finding> {
    let history = picture
        .history
        .filter(|history| history.last_5_min >= RECURRING_IN_5_MIN)?;
    let what = format!("{} deadlocks in the last five minutes", history.last_5_min);
    Some(
        explained(picture, "deadlocks_recurring", Severity::Warning, &what).against(
            "deadlocks_last_5_min",
            history.last_5_min,
            RECURRING_IN_5_MIN,
            "",
            "performance_schema.error_log",
        ),
    )
}

/// None in the window, and one just before it: worth knowing, no alarm.
fn latest(picture: &Picture<'_>) -> Option<Finding> {
    let age = picture.seen.first().and_then(|seen| seen.age_s)?;
    if age > JUST_NOW_S {
        return None;
    }
    let what = format!("a deadlock {} ago, none since", span(age));
    Some(
        explained(picture, "deadlock_recent", Severity::Info, &what).evidence(
            "latest_deadlock_age",
            age,
            "s",
            "innodb monitor, deadlock",
        ),
    )
}

/// A finding that names parties, tables and pattern where the monitor printed a deadlock of now.
fn explained(picture: &Picture<'_>, id: &'static str, severity: Severity, what: &str) -> Finding {
    let recent = |seen: &&Seen| seen.age_s.is_none_or(|age| age <= RECENT_S);
    let recent: Vec<Explained> = picture
        .seen
        .iter()
        .filter(recent)
        .map(|seen| Explained::of(&seen.deadlock, picture.programs))
        .collect();
    let Some(newest) = recent.first() else {
        let statement = format!("{what}; the monitor prints none of them");
        let finding = Finding::new(id, severity, Confidence::Possible, statement);
        return with_remedies(finding, Pattern::Unclear);
    };
    let confidence = match newest.pattern {
        Pattern::Unclear => Confidence::Possible,
        _ => Confidence::Likely,
    };
    let why = newest.pattern.why();
    let statement = format!("{what} on {}: {why}: {}", newest.tables, newest.order);
    let alike = recent
        .iter()
        .filter(|one| one.key() == newest.key())
        .count();
    let finding = Finding::new(id, severity, confidence, statement)
        .evidence(
            "pattern",
            newest.pattern.as_str(),
            "",
            "innodb monitor, deadlock",
        )
        .against(
            "printed_alike",
            alike,
            recent.len(),
            "deadlocks",
            "innodb monitor, deadlock",
        );
    let finding = match &newest.victim {
        Some(victim) => finding.evidence(
            "rolled_back",
            victim.as_str(),
            "",
            "innodb monitor, deadlock",
        ),
        None => finding,
    };
    let finding = match recent.iter().find(|one| one.key() != newest.key()) {
        Some(other) => finding.evidence(
            "another_pattern",
            format!(
                "{} on {}: {}",
                other.pattern.why(),
                other.tables,
                other.order
            ),
            "",
            "innodb monitor, deadlock",
        ),
        None => finding,
    };
    with_remedies(finding, newest.pattern).next(
        "innodb_transactions",
        json!({ "instance": picture.instance }),
    )
}

fn with_victims(finding: Finding, picture: &Picture<'_>) -> Finding {
    let victims: Vec<String> = picture
        .victims
        .iter()
        .take(4)
        .map(|(user, count)| format!("{} {count}", Untrusted::name(user)))
        .collect();
    if victims.is_empty() {
        return finding;
    }
    let from = "events_errors_summary_by_user_by_error, two samples";
    finding.evidence(
        "rolled_back_by_user",
        victims.join(", "),
        "errors 1213",
        from,
    )
}

/// Clients get error 1213 for more than InnoDB's deadlocks: for a circle of metadata locks, and for
/// transactions a cluster aborts (MySQL Reference Manual, "Metadata Locking", "Group Replication";
/// MariaDB Knowledge Base, "Galera").
fn elsewhere(picture: &Picture<'_>) -> Option<Finding> {
    let errors: u64 = picture.victims.iter().map(|(_, count)| count).sum();
    // Counter and errors are read one after the other: a deadlock in between is in one of them only.
    let newest = picture.seen.first().and_then(|seen| seen.age_s);
    let between = newest.is_some_and(|age| age <= JUST_NOW_S);
    if picture.in_window != Some(0) || errors == 0 || between {
        return None;
    }
    let severity = if errors < STORM_IN_WINDOW {
        Severity::Info
    } else {
        Severity::Warning
    };
    let finding = Finding::new(
        "error_1213_without_deadlock",
        severity,
        Confidence::Possible,
        format!(
            "{errors} errors 1213 in the window and no InnoDB deadlock: metadata locks in a circle \
             (definition changes or LOCK TABLES against open transactions), or a cluster's aborts"
        ),
    );
    let next = json!({ "instance": picture.instance });
    Some(with_victims(finding, picture).next("innodb_lock_waits", next))
}

/// Deadlocks exist, and nobody looks for them.
fn undetected(picture: &Picture<'_>) -> Option<Finding> {
    if picture.detection {
        return None;
    }
    Some(
        Finding::new(
            "deadlock_detection_off",
            Severity::Info,
            Confidence::Certain,
            "innodb_deadlock_detect is OFF: deadlocks are neither counted nor printed, they last \
             until innodb_lock_wait_timeout (error 1205)",
        )
        .evidence("innodb_deadlock_detect", "OFF", "", "variables")
        .next("innodb_lock_waits", json!({ "instance": picture.instance }))
        .remedy(
            "SET GLOBAL innodb_deadlock_detect = ON",
            "dynamic, can be set back",
            "some CPU where hundreds of sessions wait for one row",
            "innodb_deadlocks",
        ),
    )
}
