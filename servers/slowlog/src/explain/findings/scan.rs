//! All of a table, or of an index, read for a part of it.

use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::{At, Explained, FROM, MANY_ROWS, TOO_MANY_ROWS, count, whole};
use crate::explain::plan::{Access, Block, Note, Step};

/// A step that reads all and keeps a part. Reading all that is asked for is no fault.
pub(super) fn finding(all: &Explained<'_>, at: &At<'_>) -> Option<Finding> {
    let step = at.step;
    if !step.reads_all() || !narrowed(all, at) {
        return None;
    }
    let kept = |finding: Finding| match step.filtered_pct {
        Some(kept) => finding.evidence("rows_kept", kept, "%", FROM),
        None => finding,
    };
    if stops_early(all, at) {
        return walk(at).map(kept);
    }
    let read = all.plan.rows_read(at.place);
    if read < MANY_ROWS {
        return None;
    }
    let (name, rows) = (at.name(), count(step.rows.unwrap_or(0) as f64));
    let times = all.plan.times(at.place);
    let again = if times >= 2.0 && !step.does(Note::JoinBuffer) {
        format!(", once for each of about {} rows before it", count(times))
    } else {
        String::new()
    };
    let statement = match step.access {
        Some(Access::Index) => format!(
            "all {rows} entries of index {} of {name} are read{again}, to keep those that match",
            key(step)
        ),
        _ => format!("all {rows} rows of {name} are read{again}, to keep those that match"),
    };
    let severity = if read >= TOO_MANY_ROWS || step.block == Block::Dependent {
        Severity::Warning
    } else {
        Severity::Info
    };
    let access = step.access.map_or("", Access::as_str);
    let finding = Finding::new("full_scan", severity, Confidence::Certain, statement)
        .against("rows_read", whole(read), whole(MANY_ROWS), "rows", FROM)
        .evidence("access", access, "", FROM);
    Some(kept(finding))
}

/// An index read in the order asked for until enough rows match: fast where many do, and all of the
/// table where few do, which the plan cannot tell. So an index that was dropped shows.
fn walk(at: &At<'_>) -> Option<Finding> {
    let definition = at.scope.definition(at.table)?;
    let rows = definition.rows()? as f64;
    if rows < MANY_ROWS {
        return None;
    }
    let severity = if rows >= TOO_MANY_ROWS {
        Severity::Warning
    } else {
        Severity::Info
    };
    let statement = format!(
        "{} is read along index {} in the order asked for until enough rows match; where few do, that is \
         all of its {} rows",
        at.name(),
        key(at.step),
        count(rows)
    );
    let finding = Finding::new("ordered_walk", severity, Confidence::Possible, statement);
    Some(finding.against(
        "rows_of_table",
        whole(rows),
        whole(MANY_ROWS),
        "rows",
        "information_schema",
    ))
}

/// Whether only a part of what is read is kept: by conditions of its own, or by what the tables read
/// before it in the join ask for.
fn narrowed(all: &Explained<'_>, at: &At<'_>) -> bool {
    let block = at.scope.block;
    let inner = at.is_inner(all) && block.tables.len() > 1 && block.is_tied(at.scope, at.table);
    inner || block.narrows_alone(at.scope, at.table)
}

/// Whether an index gives the order asked for, and only the first rows are.
fn stops_early(all: &Explained<'_>, at: &At<'_>) -> bool {
    let block = at.scope.block;
    let of_block = |step: &&Step| step.id == at.step.id;
    let mut steps = all.plan.steps.iter().filter(of_block);
    at.step.access == Some(Access::Index)
        && block.limited
        && !block.order.is_empty()
        && !steps.any(|step| step.does(Note::Filesort) || step.does(Note::Temporary))
}

fn key(step: &Step) -> Untrusted {
    Untrusted::name(step.key.as_deref().unwrap_or_default())
}
