//! What is wrong with the statements of one window, each finding by the figures of one statement. Pure.

mod case;
mod rules;
#[cfg(test)]
mod tests;

use storex_digest::Group;
use storex_tool::Finding;

use crate::form::{Form, share};
use crate::ledger::LedgerStatement;
use crate::scene::Scene;

pub(crate) use case::Case;

/// Forms looked at, by time and by each figure a rule is about.
const LOOKED_AT: usize = 50;
/// Findings of one kind.
const OF_A_KIND: usize = 2;

/// What is wrong with the statements of a window: most severe first, of equals those that took more of
/// the time.
pub(crate) fn findings(scene: &Scene<'_>) -> Vec<Finding> {
    let mut groups: Vec<&Group> = scene.digest.groups().iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.figures.query_us.sum));
    let cases = groups
        .into_iter()
        .map(|group| Case::of_log(scene, Form::of(group)));
    of_all(cases)
}

/// What is wrong with the statements the server counted between two samples: as of a log, without what
/// only a log tells.
pub(crate) fn findings_of_counters(instance: &str, statements: &[LedgerStatement]) -> Vec<Finding> {
    let mut statements: Vec<&LedgerStatement> = statements.iter().collect();
    statements.sort_by_key(|one| std::cmp::Reverse(one.time_us));
    let all_us = statements.iter().map(|one| one.time_us).sum();
    let all_runs = statements.iter().map(|one| one.count).sum();
    let case = |one: &LedgerStatement| Case::of_counters(instance, one, all_us, all_runs);
    of_all(statements.into_iter().map(case))
}

/// Of cases, the longest first.
fn of_all<'a>(cases: impl Iterator<Item = Case<'a>>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for case in cases.take(LOOKED_AT) {
        for finding in findings_of(&case) {
            let same = findings.iter().filter(|known| known.id == finding.id);
            if same.count() < OF_A_KIND {
                findings.push(finding);
            }
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// What is wrong with one statement.
pub(crate) fn findings_of(case: &Case<'_>) -> impl Iterator<Item = Finding> {
    rules::RULES.iter().filter_map(move |rule| rule(case))
}

/// Share of the time of all statements.
pub(crate) fn time_share(scene: &Scene<'_>, form: Form<'_>) -> f64 {
    share(form.figures().query_us.sum, scene.totals().query_us.sum)
}
