//! Conditions that keep an index unused although there is one.

use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::{At, MANY_ROWS, RUNBOOK};
use crate::explain::definition::{Definition, Index};
use crate::explain::outline::{ColumnRef, Condition, Literal};
use crate::explain::plan::Access;

/// Where conditions are read.
const FROM: &str = "statement";

/// What in the statement itself keeps an index unused. Told only where the step reads many rows
/// without it.
pub(super) fn findings(at: &At<'_>) -> Vec<Finding> {
    let poor = matches!(at.step.access, Some(Access::All | Access::Index));
    let rows = at.step.rows.unwrap_or(0) as f64;
    let known = at.scope.definition(at.table).and_then(Definition::rows);
    if !poor || rows.max(known.unwrap_or(0) as f64) < MANY_ROWS {
        return Vec::new();
    }
    let conditions = at.scope.block.conditions.iter();
    conditions.filter_map(|one| judge(at, one)).collect()
}

fn judge(at: &At<'_>, condition: &Condition) -> Option<Finding> {
    match condition {
        Condition::Wrapped { column, by } => {
            let (name, index) = indexed(at, column)?;
            let statement = format!(
                "{name} stands inside {by}, so index {index} on it cannot be used",
                index = Untrusted::name(&index.name)
            );
            Some(remedied(
                Finding::new(
                    "function_on_column",
                    Severity::Warning,
                    Confidence::Certain,
                    statement,
                ),
                "compare the bare column: move the computation to the other side, as a range \
                 (`created >= '2026-01-01' AND created < '2026-02-01'`), or index the expression",
            ))
        }
        Condition::Wildcard { column } => {
            let (name, index) = indexed(at, column)?;
            let statement = format!(
                "{name} is matched against a pattern that begins with a wildcard, so index {} on it cannot be \
                 used",
                Untrusted::name(&index.name)
            );
            Some(remedied(
                Finding::new(
                    "leading_wildcard",
                    Severity::Warning,
                    Confidence::Certain,
                    statement,
                ),
                "match from the beginning (`LIKE 'abc%'`), or use a full-text index",
            ))
        }
        Condition::Equal { column, with } | Condition::In { column, with } => {
            type_mismatch(at, column, *with)
        }
        Condition::Join { left, right } => collation_mismatch(at, left, right),
        Condition::Range { .. } | Condition::Other { .. } => None,
    }
}

/// Text compared with a number: each row's text is turned into a number first.
fn type_mismatch(at: &At<'_>, column: &ColumnRef, with: Literal) -> Option<Finding> {
    let (name, index) = indexed(at, column)?;
    let definition = at.scope.column(column)?;
    if with != Literal::Number || !definition.is_text() {
        return None;
    }
    let statement = format!(
        "{name} holds text and is compared with a number, so index {} on it cannot be used",
        Untrusted::name(&index.name)
    );
    Some(remedied(
        Finding::new(
            "type_mismatch",
            Severity::Warning,
            Confidence::Certain,
            statement,
        ),
        "pass the value as text: quote it, or bind it as a string",
    ))
}

/// Two columns joined whose text sorts differently, or of which one holds text and the other numbers.
fn collation_mismatch(at: &At<'_>, left: &ColumnRef, right: &ColumnRef) -> Option<Finding> {
    let (own, other) = if at.scope.owner(left) == Some(at.table) {
        (left, right)
    } else {
        (right, left)
    };
    let (name, index) = indexed(at, own)?;
    let (own, other) = (at.scope.column(own)?, at.scope.column(other)?);
    let collations = own.is_text() && other.is_text() && own.collation != other.collation;
    let types = own.is_text() && other.is_number();
    if !(collations || types) {
        return None;
    }
    let why = if types {
        "a column of numbers".to_owned()
    } else {
        let told = |one: &Option<String>| Untrusted::name(one.as_deref().unwrap_or_default());
        format!(
            "one of another collation ({}, {})",
            told(&own.collation),
            told(&other.collation)
        )
    };
    let statement = format!(
        "{name} is joined to {why}, so index {} on it cannot be used",
        Untrusted::name(&index.name)
    );
    let id = if types {
        "type_mismatch"
    } else {
        "collation_mismatch"
    };
    Some(remedied(
        Finding::new(id, Severity::Warning, Confidence::Likely, statement),
        "give both columns one type and collation, the smaller table first",
    ))
}

/// The column as an engineer would name it, and the index that begins with it and is not used.
fn indexed<'a>(at: &At<'a>, column: &ColumnRef) -> Option<(String, &'a Index)> {
    if at.scope.owner(column)? != at.table {
        return None;
    }
    let definition = at.scope.definition(at.table)?;
    let index = definition.index_on(&column.name)?;
    let name = format!("{}.{}", at.name(), Untrusted::name(&column.name));
    Some((name, index))
}

fn remedied(finding: Finding, step: &str) -> Finding {
    finding
        .evidence("condition", "kept from an index", "", FROM)
        .remedy(
            step,
            "changes the statement, not the data",
            "a release of the application",
            RUNBOOK,
        )
}
