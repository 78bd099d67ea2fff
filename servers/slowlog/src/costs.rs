//! What is wrong with the statements of one window, each finding by the figures of one form. Pure.

mod rules;
#[cfg(test)]
mod tests;

use storex_digest::Group;
use storex_tool::Finding;

use crate::form::{Form, share};
use crate::scene::Scene;

/// Forms looked at, by time and by each figure a rule is about.
const LOOKED_AT: usize = 50;
/// Findings of one kind.
const OF_A_KIND: usize = 2;

/// What is wrong with the statements of a window: most severe first, of equals those that took more of
/// the time.
pub(crate) fn findings(scene: &Scene<'_>) -> Vec<Finding> {
    let mut groups: Vec<&Group> = scene.digest.groups().iter().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.figures.query_us.sum));
    let mut findings: Vec<Finding> = Vec::new();
    for group in groups.into_iter().take(LOOKED_AT) {
        for finding in findings_of(scene, Form::of(group)) {
            let same = findings.iter().filter(|known| known.id == finding.id);
            if same.count() < OF_A_KIND {
                findings.push(finding);
            }
        }
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// What is wrong with one form.
pub(crate) fn findings_of(scene: &Scene<'_>, form: Form<'_>) -> impl Iterator<Item = Finding> {
    rules::RULES
        .iter()
        .filter_map(move |rule| rule(scene, form))
}

/// Share of the time of all statements.
pub(crate) fn time_share(scene: &Scene<'_>, form: Form<'_>) -> f64 {
    share(form.figures().query_us.sum, scene.totals().query_us.sum)
}
