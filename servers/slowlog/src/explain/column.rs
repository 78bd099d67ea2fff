//! Which table a column of a query block belongs to.

use super::definition::{ColumnRow, Definition};
use super::outline::{Block, ColumnRef, TableRef};

/// A query block together with the definitions of the tables in it.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The block.
    pub block: &'a Block,
    definitions: &'a [Definition],
}

impl<'a> Scope<'a> {
    /// The scope of a block.
    pub fn of(block: &'a Block, definitions: &'a [Definition]) -> Self {
        Self { block, definitions }
    }

    /// What is known of the table at this place of the block.
    pub fn definition(&self, at: usize) -> Option<&'a Definition> {
        let TableRef { schema, name, .. } = self.block.tables.get(at)?;
        self.definitions
            .iter()
            .find(|one| one.schema == *schema && one.name == *name)
    }

    /// The place of the table with this alias.
    pub fn place(&self, alias: &str) -> Option<usize> {
        self.block
            .tables
            .iter()
            .position(|table| table.alias.eq_ignore_ascii_case(alias))
    }

    /// The place of the table a column belongs to: the one named before it, else the only one that
    /// has such a column.
    pub fn owner(&self, column: &ColumnRef) -> Option<usize> {
        if let Some(qualifier) = &column.qualifier {
            return self.place(qualifier);
        }
        let has = |at: &usize| {
            let definition = self.definition(*at);
            definition.is_some_and(|one| one.column(&column.name).is_some())
        };
        let mut owners = (0..self.block.tables.len()).filter(has);
        let owner = owners.next()?;
        owners.next().is_none().then_some(owner)
    }

    /// Whether a column is of a block around this one, and so the same for all rows of one run.
    pub fn is_from_outside(&self, column: &ColumnRef) -> bool {
        let qualifier = column.qualifier.as_deref();
        qualifier.is_some_and(|qualifier| self.place(qualifier).is_none())
    }

    /// The definition of a column.
    pub fn column(&self, column: &ColumnRef) -> Option<&'a ColumnRow> {
        self.definition(self.owner(column)?)?.column(&column.name)
    }
}
