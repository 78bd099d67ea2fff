//! What of a statement an index could serve: its tables, conditions, order and groups, block by block.

mod read;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::column::Scope;
use super::suggest::quote;

pub use read::outline;

/// A statement's query blocks, the outermost first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// The blocks.
    pub blocks: Vec<Block>,
}

/// One `SELECT`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// Its tables; derived ones and common table expressions are not among them.
    pub tables: Vec<TableRef>,
    /// What is joined by `AND` in `WHERE` and in the conditions of its joins.
    pub conditions: Vec<Condition>,
    /// Whether it asks for an order.
    pub ordered: bool,
    /// The columns it is ordered by, where they are bare and in one direction.
    pub order: Vec<ColumnRef>,
    /// The columns it is grouped by, where they are bare.
    pub group: Vec<ColumnRef>,
    /// Whether only the first rows are asked for.
    pub limited: bool,
}

/// A table of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableRef {
    /// The name it goes by.
    pub alias: String,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
}

impl TableRef {
    /// Schema and name in back quotes.
    pub fn quoted(&self) -> String {
        format!("{}.{}", quote(&self.schema), quote(&self.name))
    }
}

/// A column as the statement names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRef {
    /// What stands before the dot.
    pub qualifier: Option<String>,
    /// Its name.
    pub name: String,
}

/// What kind of value a column is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// A number.
    Number,
    /// Text.
    Text,
    /// A computation, a subquery, another block's column.
    Other,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// A column is one value, or NULL.
    Equal {
        /// The column.
        column: ColumnRef,
        /// The value's kind.
        with: Literal,
    },
    /// A column is one of several values.
    In {
        /// The column.
        column: ColumnRef,
        /// The values' kind.
        with: Literal,
    },
    /// Two columns are the same.
    Join {
        /// One.
        left: ColumnRef,
        /// The other.
        right: ColumnRef,
    },
    /// A column is between, above or below, or begins with.
    Range {
        /// The column.
        column: ColumnRef,
    },
    /// A column is like a pattern that begins with a wildcard.
    Wildcard {
        /// The column.
        column: ColumnRef,
    },
    /// A column stands inside a function or a computation that is held against a value.
    Wrapped {
        /// The column.
        column: ColumnRef,
        /// What it stands inside, in words of ours: `DATE(...)`, `a computation`.
        by: String,
    },
    /// Anything else; the columns in it.
    Other {
        /// The columns.
        columns: Vec<ColumnRef>,
    },
}

impl Condition {
    /// The columns it is about.
    pub fn columns(&self) -> Vec<&ColumnRef> {
        match self {
            Self::Equal { column, .. }
            | Self::In { column, .. }
            | Self::Range { column }
            | Self::Wildcard { column }
            | Self::Wrapped { column, .. } => vec![column],
            Self::Join { left, right } => vec![left, right],
            Self::Other { columns } => columns.iter().collect(),
        }
    }
}

impl Block {
    /// Whether a condition is about the table at this place and no other of this block.
    pub fn narrows_alone(&self, scope: Scope<'_>, table: usize) -> bool {
        let alone = |condition: &Condition| {
            let mut columns = condition.columns();
            columns.retain(|column| !scope.is_from_outside(column));
            let mut owners = columns.iter().map(|column| scope.owner(column));
            !columns.is_empty() && owners.all(|owner| owner == Some(table))
        };
        self.conditions.iter().any(alone)
    }

    /// Conditions that hold a column of the table at this place against values.
    pub fn constants(&self, scope: Scope<'_>, table: usize) -> usize {
        let constant = |condition: &&Condition| match condition {
            Condition::Equal { column, .. }
            | Condition::In { column, .. }
            | Condition::Range { column } => scope.owner(column) == Some(table),
            _ => false,
        };
        self.conditions.iter().filter(constant).count()
    }

    /// Whether a condition ties the table at this place to another one, or may: of a column whose
    /// table is not known nobody can tell.
    pub fn is_tied(&self, scope: Scope<'_>, table: usize) -> bool {
        let ties = |condition: &Condition| {
            let owners: Vec<Option<usize>> = condition
                .columns()
                .into_iter()
                .map(|column| scope.owner(column))
                .collect();
            owners.contains(&Some(table)) && owners.iter().any(|owner| *owner != Some(table))
                || owners.len() > 1 && owners.contains(&None)
        };
        self.tables.len() < 2 || self.conditions.iter().any(ties)
    }
}
