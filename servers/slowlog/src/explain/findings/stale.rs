//! Statistics that have not kept up with the table.

use storex_tool::{Confidence, Finding, Severity};

use super::{At, FROM, MANY_ROWS, RUNBOOK, count};

/// Statistics are gathered anew after a tenth of the rows has changed (MySQL Reference Manual,
/// "Configuring Automatic Statistics Calculation for Persistent Optimizer Statistics"). A table twice or
/// half as large as they say was not looked at when it should have been.
const FACTOR: f64 = 2.0;

/// A full scan's estimate is the engine's count of rows, kept at each change; what its statistics
/// say is as old as they are, and so is what the optimizer knows of each index.
pub(super) fn finding(at: &At<'_>) -> Option<Finding> {
    let statistics = at.scope.definition(at.table)?.statistics.as_ref()?;
    let rows = at.step.rows.filter(|_| at.step.reads_all())? as f64;
    let told = statistics.row_count as f64;
    let apart = rows.max(told) / rows.min(told).max(1.0);
    if rows.max(told) < MANY_ROWS || apart < FACTOR || at.scope.block.limited {
        return None;
    }
    let age = statistics.age_s.unwrap_or(0).max(0);
    let statement = format!(
        "statistics of {} say {} rows, the engine counts {}: what the optimizer knows of its indexes is old",
        at.name(),
        count(told),
        count(rows)
    );
    let finding = Finding::new(
        "stale_statistics",
        Severity::Warning,
        Confidence::Likely,
        statement,
    )
    .against(
        "rows_counted",
        at.step.rows.unwrap_or(0),
        statistics.row_count,
        "rows",
        FROM,
    )
    .evidence("statistics_age", age, "s", "mysql.innodb_table_stats");
    let table = at.scope.block.tables.get(at.table)?;
    Some(finding.remedy(
        format!("ANALYZE TABLE {}", table.quoted()),
        "changes no row; plans of other statements on it may change too",
        "reads some pages of each index, in about a second",
        RUNBOOK,
    ))
}
