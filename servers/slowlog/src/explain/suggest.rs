//! Which index would help a step: columns held against one value first, then one range or the order.
//!
//! Source: MySQL Reference Manual, "Multiple-Column Indexes", "Range Optimization", "ORDER BY
//! Optimization"; B-tree indexes of MariaDB work alike.

use serde::Serialize;
use storex_tool::{Finding, Untrusted};

use super::column::Scope;
use super::definition::Definition;
use super::outline::{ColumnRef, Condition, TableRef};

/// Columns of one index at most: more widen every entry and rarely narrow what is left.
const MOST_COLUMNS: usize = 5;

/// An index that would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    table: TableRef,
    /// Its columns in order.
    pub columns: Vec<String>,
    /// Why these, in this order.
    pub reason: String,
}

impl Suggestion {
    /// The statement that makes it.
    pub fn statement(&self) -> String {
        let columns = self.columns.iter().map(|column| quote(column));
        let columns: Vec<String> = columns.collect();
        format!(
            "ALTER TABLE {} ADD INDEX ({})",
            self.table.quoted(),
            columns.join(", ")
        )
    }

    /// Adds it to a finding as a step a person could take.
    pub(super) fn remedy(&self, finding: Finding) -> Finding {
        finding.remedy(
            self.statement(),
            "changes no result; can be dropped again; made online by InnoDB, though it waits for open \
             transactions on the table at its beginning and end",
            "room on disk, and work at each write to that table",
            super::findings::RUNBOOK,
        )
    }
}

/// An identifier in back quotes, as it may stand in a statement shown to people: what is no plain name
/// is marked instead.
pub(super) fn quote(name: &str) -> String {
    format!("`{}`", Untrusted::name(name))
}

/// The index that would help to read the table at this place of the block, when those at `before`
/// have been read. None where there is nothing to narrow it by, or an index has these columns already.
pub fn suggest(scope: Scope<'_>, table: usize, before: &[usize]) -> Option<Suggestion> {
    let definition = scope.definition(table)?;
    let wanted = Wanted::of(scope, table, before, definition);
    let tail = wanted.tail();
    let columns: Vec<String> = wanted
        .equal
        .iter()
        .chain(tail)
        .take(MOST_COLUMNS)
        .cloned()
        .collect();
    if columns.is_empty()
        || definition
            .indexes
            .iter()
            .any(|index| has(&index.columns, &wanted, tail))
    {
        return None;
    }
    Some(Suggestion {
        table: scope.block.tables.get(table)?.clone(),
        reason: wanted.reason(),
        columns,
    })
}

/// Whether an index serves the same already: the equal columns in any order, then the others in theirs.
fn has(index: &[String], wanted: &Wanted, tail: &[String]) -> bool {
    let equal = wanted.equal.len();
    let (Some(front), Some(rest)) = (index.get(..equal), index.get(equal..)) else {
        return false;
    };
    wanted.equal.iter().all(|column| front.contains(column)) && rest.starts_with(tail)
}

/// What of the statement an index on one table could serve.
#[derive(Default)]
struct Wanted {
    /// Held against one value: constants first, then columns of tables read before.
    equal: Vec<String>,
    /// Held against several values, of which the index is read in turn.
    listed: Vec<String>,
    range: Vec<String>,
    order: Vec<String>,
    /// Whether the order is that of groups.
    grouped: bool,
}

impl Wanted {
    fn of(scope: Scope<'_>, table: usize, before: &[usize], definition: &Definition) -> Self {
        let mut wanted = Self::default();
        let own = |column: &ColumnRef| own(scope, table, definition, column);
        let mut joined = Vec::new();
        for condition in &scope.block.conditions {
            match condition {
                Condition::Equal { column, .. } => add(&mut wanted.equal, own(column)),
                Condition::In { column, .. } => add(&mut wanted.listed, own(column)),
                Condition::Range { column } => add(&mut wanted.range, own(column)),
                Condition::Join { left, right } => {
                    for (here, there) in [(left, right), (right, left)] {
                        let read = scope
                            .owner(there)
                            .is_none_or(|other| before.contains(&other));
                        if read && scope.owner(here) == Some(table) {
                            add(&mut joined, own(here));
                        }
                    }
                }
                Condition::Wrapped { .. }
                | Condition::Wildcard { .. }
                | Condition::Other { .. } => {}
            }
        }
        for column in joined {
            add(&mut wanted.equal, Some(column));
        }
        // Only of the first table does the join keep the order.
        if before.is_empty() {
            wanted.order = order(&scope, table, definition, &wanted.equal);
            wanted.grouped = !scope.block.ordered;
        }
        wanted
            .listed
            .retain(|column| !wanted.equal.contains(column));
        wanted.range.retain(|column| !wanted.equal.contains(column));
        wanted
    }

    /// What follows the equal columns: the order, unless a list of values breaks it; else the list;
    /// else one range, behind which nothing narrows.
    fn tail(&self) -> &[String] {
        let one = |columns: &'_ [String]| columns.len().min(1);
        if self.listed.is_empty() && self.range.is_empty() && !self.order.is_empty() {
            &self.order
        } else if !self.listed.is_empty() {
            self.listed.get(..one(&self.listed)).unwrap_or_default()
        } else {
            self.range.get(..one(&self.range)).unwrap_or_default()
        }
    }

    fn reason(&self) -> String {
        let names = |columns: &[String]| -> String {
            let shown = columns
                .iter()
                .map(|column| Untrusted::name(column).to_string());
            shown.collect::<Vec<_>>().join(", ")
        };
        let mut parts = Vec::new();
        if !self.equal.is_empty() {
            parts.push(format!("equality on {}", names(&self.equal)));
        }
        let tail = self.tail();
        if !tail.is_empty() {
            let what = if std::ptr::eq(tail, self.order.as_slice()) {
                if self.grouped {
                    "the groups of"
                } else {
                    "the order by"
                }
            } else if tail.first() == self.listed.first() {
                "the list of values of"
            } else {
                "the range of"
            };
            parts.push(format!("{what} {}", names(tail)));
        }
        parts.join(", then ")
    }
}

/// The columns rows are ordered or grouped by, where all of them are of this table and are told in one
/// direction; without those that have one value anyway, and without the primary key at their end, which
/// every index of InnoDB ends with.
fn order(
    scope: &Scope<'_>,
    table: usize,
    definition: &Definition,
    equal: &[String],
) -> Vec<String> {
    let block = scope.block;
    let asked = if block.ordered {
        &block.order
    } else {
        &block.group
    };
    let mut columns: Vec<String> = Vec::new();
    for column in asked {
        match own(*scope, table, definition, column) {
            Some(column) => add(&mut columns, Some(column)),
            None => return Vec::new(),
        }
    }
    columns.retain(|column| !equal.contains(column));
    let primary = definition
        .indexes
        .iter()
        .find(|index| index.name == "PRIMARY");
    if primary.is_some_and(|primary| primary.columns == columns) && !equal.is_empty() {
        columns.clear();
    }
    columns
}

/// A column of this table that an index takes whole, in lower case.
fn own(
    scope: Scope<'_>,
    table: usize,
    definition: &Definition,
    column: &ColumnRef,
) -> Option<String> {
    let owned = scope.owner(column)? == table;
    let known = definition.column(&column.name)?;
    (owned && known.is_indexable()).then(|| known.name.to_lowercase())
}

fn add(columns: &mut Vec<String>, column: Option<String>) {
    if let Some(column) = column
        && !columns.contains(&column)
    {
        columns.push(column);
    }
}
