//! What an error log tells that somebody should know.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::classes::{Class, KNOWN};
use super::{ClassTally, How, Level, Tally};

/// Where its figures come from.
const LOG: &str = "error log";
/// The runbook.
const RUNBOOK: &str = "slowlog_errors";
/// Names shown of a class.
const NAMES: usize = 3;
/// Characters of a name or form in a finding.
const CHARS: usize = 100;

/// The findings, those that matter most first.
pub fn findings(tally: &Tally, instance: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(killed(tally));
    findings.extend(down(tally));
    findings.extend(
        tally
            .classes()
            .filter_map(|class| of_class(class, tally, instance)),
    );
    findings.extend(other_errors(tally));
    findings.extend(restarted(tally));
    findings
}

/// One sentence.
pub fn headline(tally: &Tally, findings: &[Finding]) -> String {
    let worst = findings.iter().min_by_key(|finding| finding.severity);
    let span = format!("{:.0} to {:.0}", tally.window().from, tally.window().to);
    match worst {
        Some(worst) if worst.severity != Severity::Info => match findings.len() - 1 {
            0 => worst.statement.clone(),
            more => format!("{}; {more} more findings", worst.statement),
        },
        _ if tally.entries == 0 => format!("the error log is silent from {span}"),
        _ => format!(
            "nothing that matters among the {} entries of the error log from {span}",
            tally.entries
        ),
    }
}

fn of_class(tally: &ClassTally, all: &Tally, instance: &str) -> Option<Finding> {
    let class = KNOWN.get(tally.class)?;
    if class.from == 0 || tally.count < class.from {
        return None;
    }
    let count = match class.id {
        // An assertion and the signal that follows it are one crash.
        "crash" => all.restarts.crashes.max(1),
        _ => tally.count,
    };
    let mut statement = format!("{}: {}", class.what, times(count, tally.first, tally.last));
    let mut names: Vec<(&String, &u64)> = tally.names.iter().collect();
    names.sort_by(|one, other| other.1.cmp(one.1).then(one.0.cmp(other.0)));
    for (place, (name, count)) in names.iter().take(NAMES).enumerate() {
        let lead = if place == 0 { ": " } else { ", " };
        let _infallible = write!(statement, "{lead}{} ({count})", Untrusted::name(name));
    }
    let mut finding = Finding::new(class.id, class.severity, Confidence::Certain, statement)
        .evidence("entries", tally.count, "", LOG)
        .evidence("most_in_a_minute", tally.most_a_minute, "", LOG);
    if let Some(tool) = class.next {
        finding = finding.next(tool, json!({ "instance": instance }));
    }
    Some(remedied(finding, class))
}

fn remedied(finding: Finding, class: &Class) -> Finding {
    let [step, safety, cost] = class.remedy;
    finding.remedy(step, safety, cost, RUNBOOK)
}

fn times(count: u64, first: Timestamp, last: Timestamp) -> String {
    if count == 1 {
        return format!("once, at {last:.0}");
    }
    format!("{count} times, first at {first:.0}, last at {last:.0}")
}

/// Starts that nothing announced.
fn killed(tally: &Tally) -> Option<Finding> {
    let killed = tally.restarts.all().iter();
    let killed: Vec<_> = killed.filter(|one| one.how == How::Killed).collect();
    let last = killed.last()?;
    let recovered = if last.recovered { " and recovered" } else { "" };
    let statement = format!(
        "the server ended without a word {} and started again{recovered}, last at {:.0}: it was killed \
         (kill -9, the host's out-of-memory killer) or the host went down",
        if killed.len() == 1 {
            "once".to_owned()
        } else {
            format!("{} times", killed.len())
        },
        last.at
    );
    let mut finding = Finding::new(
        "killed",
        Severity::Critical,
        if last.down_since.is_some() {
            Confidence::Likely
        } else {
            Confidence::Possible
        },
        statement,
    )
    .evidence("restarts", killed.len() as u64, "", LOG);
    if let Some(since) = last.down_since {
        finding = finding.evidence("last_heard_of", format!("{since:.0}"), "", LOG);
    }
    Some(finding.remedy(
        "look in the host's kernel log of that moment for the out-of-memory killer, and in the service \
         manager's journal for a kill after a time-out",
        "reading only",
        "nothing",
        RUNBOOK,
    ))
}

/// A stop or crash that no start followed.
fn down(tally: &Tally) -> Option<Finding> {
    let stopped = tally.restarts.stopped_at?;
    let statement =
        format!("the server was shut down at {stopped:.0} and did not start again in the window");
    let finding = Finding::new(
        "stopped",
        Severity::Critical,
        Confidence::Certain,
        statement,
    )
    .evidence("stopped_at", format!("{stopped:.0}"), "", LOG);
    Some(finding.remedy(
        "ask who stopped it; start it",
        "it was stopped cleanly",
        "a start with a cold buffer pool",
        RUNBOOK,
    ))
}

/// Clean restarts.
fn restarted(tally: &Tally) -> Option<Finding> {
    let clean = tally.restarts.all().iter();
    let clean: Vec<_> = clean.filter(|one| one.how == How::Clean).collect();
    let (first, last) = (clean.first()?, clean.last()?);
    let statement = format!(
        "the server was shut down and started again: {}",
        times(clean.len() as u64, first.at, last.at)
    );
    Some(
        Finding::new("restarted", Severity::Info, Confidence::Certain, statement).evidence(
            "restarts",
            clean.len() as u64,
            "",
            LOG,
        ),
    )
}

/// Errors of no class.
fn other_errors(tally: &Tally) -> Option<Finding> {
    let groups = tally.groups();
    let others: Vec<_> = groups
        .iter()
        .filter(|group| group.class.is_none() && group.level == Level::Error)
        .collect();
    let most = others.iter().max_by_key(|group| group.count)?;
    let count: u64 = others.iter().map(|group| group.count).sum();
    let statement = format!(
        "{count} errors of {} forms that are in no class known here, most often {}",
        others.len(),
        Untrusted::text(&most.form, CHARS)
    );
    Some(
        Finding::new(
            "other_errors",
            Severity::Warning,
            Confidence::Possible,
            statement,
        )
        .evidence("entries", count, "", LOG)
        .remedy(
            "look the code up in the server's error message reference",
            "reading only",
            "nothing",
            RUNBOOK,
        ),
    )
}
