//! How tables are put together: order, products, merged indexes, subqueries run again and again.

use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::{At, Explained, FROM, MANY_ROWS, RUNBOOK, TOO_MANY_ROWS, count, whole};
use crate::explain::plan::{Access, Block, Note, Step};

/// What else this step is the cause of.
pub(super) fn findings(all: &Explained<'_>, at: &At<'_>) -> Vec<Finding> {
    [
        cartesian(all, at),
        index_merge(at),
        dependent(all, at),
        range_checked(all, at),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn severity(rows: f64) -> Severity {
    if rows >= TOO_MANY_ROWS {
        Severity::Warning
    } else {
        Severity::Info
    }
}

/// A table that no condition ties to those read before it: every row of it meets every row so far.
fn cartesian(all: &Explained<'_>, at: &At<'_>) -> Option<Finding> {
    let before = all.plan.times(at.place);
    let rows = before * at.step.rows_kept();
    let tied = at.scope.block.is_tied(at.scope, at.table);
    let few = matches!(at.step.access, Some(Access::System | Access::Const));
    if !at.is_inner(all) || tied || few || rows < MANY_ROWS {
        return None;
    }
    let statement = format!(
        "no condition ties {} to the other tables: its rows are paired with each of about {} rows, {} in all",
        at.name(),
        count(before),
        count(rows)
    );
    let finding = Finding::new(
        "cartesian_product",
        Severity::Warning,
        Confidence::Likely,
        statement,
    )
    .against("pairs", whole(rows), whole(MANY_ROWS), "rows", FROM);
    Some(finding.remedy(
        format!("add the condition that joins {}", at.name()),
        "changes the statement's result, which is most likely wrong now",
        "a release of the application",
        RUNBOOK,
    ))
}

/// A join that begins with all of a table while another one is narrowed by a constant.
pub(super) fn wide_start(all: &Explained<'_>, at: &At<'_>) -> Option<Finding> {
    let kept = at.step.rows_kept();
    let others = at.constant_others(all);
    let other = *others.first()?;
    if kept < MANY_ROWS {
        return None;
    }
    let other = Untrusted::name(&at.scope.block.tables.get(other)?.alias);
    let statement = format!(
        "the join starts with all {} rows of {}, although a condition narrows {other}",
        count(kept),
        at.name()
    );
    let finding = Finding::new("wide_start", severity(kept), Confidence::Likely, statement)
        .against("rows", whole(kept), whole(MANY_ROWS), "rows", FROM);
    Some(finding.remedy(
        format!(
            "let the join start with {other}: an index of it on that condition, and one of the other table \
             on the columns that join them"
        ),
        "an index changes no result; it can be dropped again",
        "room on disk, and work at each write to the table",
        RUNBOOK,
    ))
}

/// Several indexes read and their rows put together, where one over all columns would do.
fn index_merge(at: &At<'_>) -> Option<Finding> {
    if at.step.access != Some(Access::IndexMerge) {
        return None;
    }
    let keys = Untrusted::text(at.step.key.as_deref().unwrap_or_default(), 200);
    let statement = format!(
        "{} is read through several indexes whose rows are then put together: {keys}",
        at.name()
    );
    let finding = Finding::new(
        "index_merge",
        Severity::Info,
        Confidence::Certain,
        statement,
    )
    .evidence("rows", at.step.rows.unwrap_or(0), "rows", FROM);
    Some(finding.remedy(
        "for conditions joined by AND one index over those columns reads less; for OR, a UNION of two \
         statements does",
        "an index changes no result; it can be dropped again",
        "room on disk, and work at each write to that table",
        RUNBOOK,
    ))
}

/// A subquery run again for each row around it.
fn dependent(all: &Explained<'_>, at: &At<'_>) -> Option<Finding> {
    let first = all.plan.steps.iter().find(|step| step.id == at.step.id)?;
    if at.step.block != Block::Dependent || !std::ptr::eq(first, at.step) {
        return None;
    }
    let outer = |step: &&Step| step.block == Block::Outer;
    // Rows of the outer block are the most it can be run for; an outer block is one that is read.
    let times: f64 = all
        .plan
        .steps
        .iter()
        .filter(outer)
        .map(|step| step.rows.unwrap_or(1) as f64)
        .product();
    let rows = times * at.step.rows.unwrap_or(1) as f64;
    if rows < MANY_ROWS {
        return None;
    }
    let statement = format!(
        "the subquery on {} is run again for each of up to {} rows, about {} rows in all",
        at.name(),
        count(times),
        count(rows)
    );
    let finding = Finding::new(
        "dependent_subquery",
        severity(rows),
        Confidence::Likely,
        statement,
    )
    .against("rows_read", whole(rows), whole(MANY_ROWS), "rows", FROM);
    Some(finding.remedy(
        "join a derived table that is grouped by the columns the subquery is tied by, or give the \
         subquery's table an index on them",
        "the statement must give the same result; check it for rows without a match",
        "a release of the application",
        RUNBOOK,
    ))
}

/// No index is good for all rows before: the server looks anew at each.
fn range_checked(all: &Explained<'_>, at: &At<'_>) -> Option<Finding> {
    let times = all.plan.times(at.place);
    if !at.step.does(Note::RangeChecked) {
        return None;
    }
    let statement = format!(
        "which index of {} to use is decided anew for each of about {} rows before it",
        at.name(),
        count(times)
    );
    let finding = Finding::new(
        "range_checked",
        severity(times),
        Confidence::Certain,
        statement,
    );
    Some(finding.evidence("times", whole(times), "rows", FROM))
}
