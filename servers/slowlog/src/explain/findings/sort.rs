//! Rows sorted or gathered in a temporary table.

use storex_tool::{Confidence, Finding, Severity};

use super::{At, Explained, FROM, MANY_ROWS, TOO_MANY_ROWS, count, whole};
use crate::explain::plan::{Block, Note, Step};

/// A sort or a temporary table of many rows, told at the step that says so.
pub(super) fn finding(all: &Explained<'_>, at: &At<'_>) -> Option<Finding> {
    of_step(all, at.step, at.place)
}

/// The same of steps that read no table of the statement: the sorted result of a derived table.
pub(super) fn unclaimed(all: &Explained<'_>) -> Vec<Finding> {
    let claimed: Vec<usize> = all.steps().iter().map(|at| at.place).collect();
    let steps = all.plan.steps.iter().enumerate();
    steps
        .filter(|(at, step)| !claimed.contains(at) && step.block != Block::UnionResult)
        .filter_map(|(at, step)| of_step(all, step, at))
        .collect()
}

fn of_step(all: &Explained<'_>, step: &Step, at: usize) -> Option<Finding> {
    let (sorts, gathers) = (step.does(Note::Filesort), step.does(Note::Temporary));
    // A sort said at the first step and without a temporary table sorts what that step keeps; with
    // one, what the whole join gives.
    let rows = if gathers {
        all.plan.rows_of_block(step.id)
    } else {
        step.rows_kept() * all.plan.times(at)
    };
    if !(sorts || gathers) || rows < MANY_ROWS {
        return None;
    }
    let severity = if rows >= TOO_MANY_ROWS {
        Severity::Warning
    } else {
        Severity::Info
    };
    let (id, doing) = match (sorts, gathers) {
        (true, true) => ("filesort", "gathered in a temporary table and sorted"),
        (true, false) => ("filesort", "sorted, because no index gives their order"),
        _ => ("temporary_table", "gathered in a temporary table"),
    };
    let statement = format!("about {} rows are {doing}, at each run", count(rows));
    let finding = Finding::new(id, severity, Confidence::Certain, statement);
    Some(finding.against("rows", whole(rows), whole(MANY_ROWS), "rows", FROM))
}
