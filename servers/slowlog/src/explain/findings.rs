//! What is wrong with a plan.

mod join;
mod scan;
mod sort;
mod stale;
#[cfg(test)]
mod tests;
mod unusable;

use storex_tool::{Finding, Untrusted};

use super::column::Scope;
use super::definition::Definition;
use super::outline::Outline;
use super::plan::{Plan, Step};
use super::suggest::{Suggestion, suggest};

/// The page that explains all of this.
pub(super) const RUNBOOK: &str = "slowlog_explain";
/// Where figures of a plan are read.
const FROM: &str = "EXPLAIN";

/// Rows below which reading all of a table, sorting or gathering is no fault. A thousand rows of a
/// hundred bytes are half a dozen pages of 16 KiB: about what a few look-ups through an index read, and
/// sorted within the smallest useful `sort_buffer_size` (256 KiB is its default). The manual's own
/// advice ("Avoiding Full Table Scans") leaves small tables alone.
pub const MANY_ROWS: f64 = 1_000.0;
/// Rows above which it hurts users: at about a million rows a second and core, which sequential reads
/// of cached InnoDB pages reach, each run takes 0.1 s and one core serves ten a second.
pub const TOO_MANY_ROWS: f64 = 100_000.0;

/// A plan with all that is known about its statement and tables.
#[derive(Debug, Clone, Copy)]
pub struct Explained<'a> {
    /// The instance asked.
    pub instance: &'a str,
    /// The plan.
    pub plan: &'a Plan,
    /// The statement's blocks.
    pub outline: &'a Outline,
    /// Its tables.
    pub definitions: &'a [Definition],
}

/// A step together with the table of the statement it reads.
#[derive(Debug, Clone, Copy)]
struct At<'a> {
    /// Its place in the plan.
    place: usize,
    step: &'a Step,
    scope: Scope<'a>,
    /// The place of its table in the block.
    table: usize,
}

impl<'a> Explained<'a> {
    /// The steps that read a table of the statement, each with its table. Of aliases used in several
    /// blocks, each is taken by one step.
    fn steps(&self) -> Vec<At<'a>> {
        let mut taken: Vec<(usize, usize)> = Vec::new();
        let mut found = Vec::new();
        for (at, step) in self.plan.steps.iter().enumerate() {
            let Some(alias) = step.table.as_deref() else {
                continue;
            };
            for (number, block) in self.outline.blocks.iter().enumerate() {
                let scope = Scope::of(block, self.definitions);
                if let Some(table) = scope.place(alias)
                    && !taken.contains(&(number, table))
                {
                    taken.push((number, table));
                    found.push(At {
                        place: at,
                        step,
                        scope,
                        table,
                    });
                    break;
                }
            }
        }
        found
    }

    /// The index that would help this step, given the tables read before it.
    fn suggestion(&self, of: &At<'a>) -> Option<Suggestion> {
        let others = of.constant_others(self);
        if !others.is_empty() {
            // What would serve it if the join began with the tables that are narrowed.
            return suggest(of.scope, of.table, &others);
        }
        let before: Vec<usize> = self
            .plan
            .steps
            .iter()
            .take(of.place)
            .filter(|step| step.id == of.step.id)
            .filter_map(|step| of.scope.place(step.table.as_deref()?))
            .collect();
        suggest(of.scope, of.table, &before)
    }

    /// What is wrong, worst first, and the indexes that would help.
    pub fn judge(&self) -> (Vec<Finding>, Vec<Suggestion>) {
        let mut findings = Vec::new();
        let mut suggestions: Vec<Suggestion> = Vec::new();
        for at in self.steps() {
            let unusable = unusable::findings(&at);
            let mut poor: Vec<Finding> = Vec::new();
            poor.extend(scan::finding(self, &at));
            poor.extend(sort::finding(self, &at));
            poor.extend(join::wide_start(self, &at));
            // What keeps an index unused is the cause; another index would be kept unused as well.
            if let Some(suggestion) = self.suggestion(&at)
                && unusable.is_empty()
                && !poor.is_empty()
            {
                poor = poor.into_iter().map(|one| suggestion.remedy(one)).collect();
                if !suggestions.contains(&suggestion) {
                    suggestions.push(suggestion);
                }
            }
            findings.extend(
                poor.into_iter()
                    .map(|one| at.look_further(one, self.instance)),
            );
            findings.extend(unusable);
            findings.extend(join::findings(self, &at));
            findings.extend(stale::finding(&at));
        }
        findings.extend(sort::unclaimed(self));
        findings.sort_by_key(|finding| finding.severity);
        (findings, suggestions)
    }
}

impl At<'_> {
    /// Whether tables are read before it in its join.
    fn is_inner(&self, all: &Explained<'_>) -> bool {
        let mut before = all.plan.steps.iter().take(self.place);
        before.any(|step| step.id == self.step.id && step.table.is_some())
    }

    /// The other tables of the block that constants narrow, where this one is read whole, first, and
    /// without any condition of its own.
    fn constant_others(&self, all: &Explained<'_>) -> Vec<usize> {
        let (block, scope) = (self.scope.block, self.scope);
        if self.is_inner(all) || !self.step.reads_all() || block.narrows_alone(scope, self.table) {
            return Vec::new();
        }
        (0..block.tables.len())
            .filter(|other| *other != self.table && block.constants(scope, *other) > 0)
            .collect()
    }

    /// Adds where to see the table's indexes, if its name may stand in an argument.
    fn look_further(&self, finding: Finding, instance: &str) -> Finding {
        let Some(table) = self.scope.block.tables.get(self.table) else {
            return finding;
        };
        let name = format!("{}.{}", table.schema, table.name);
        if Untrusted::name(&name).as_str() != name {
            return finding;
        }
        let arguments = serde_json::json!({ "instance": instance, "table": name });
        finding.next("innodb_schema", arguments)
    }

    /// The table as an engineer would name it: `shop.orders`, and its alias where it has another.
    fn name(&self) -> String {
        let Some(table) = self.scope.block.tables.get(self.table) else {
            return String::new();
        };
        let (schema, name) = (Untrusted::name(&table.schema), Untrusted::name(&table.name));
        if table.alias.eq_ignore_ascii_case(&table.name) {
            format!("{schema}.{name}")
        } else {
            format!("{schema}.{name} ({})", Untrusted::name(&table.alias))
        }
    }
}

/// A number of rows as people write it.
fn count(rows: f64) -> String {
    if rows >= 1e6 {
        format!("{:.1} million", rows / 1e6)
    } else {
        format!("{rows:.0}")
    }
}

/// Rows as a figure of evidence.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a product of estimates, cut to what a figure holds"
)]
fn whole(rows: f64) -> u64 {
    rows.round().clamp(0.0, 9e15) as u64
}
