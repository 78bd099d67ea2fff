//! The tables a statement reads: what they are, their columns, indexes and statistics.

use serde::Deserialize;

/// What a table is.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TableRow {
    /// `BASE TABLE`, `VIEW`, ...
    pub table_type: String,
    /// Its engine.
    pub engine: Option<String>,
    /// The engine's estimate of its rows.
    pub rows_estimate: Option<u64>,
}

/// A column, as far as comparisons depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ColumnRow {
    /// Its name.
    pub name: String,
    /// `bigint`, `varchar`, ...
    pub data_type: String,
    /// Its collation, of text.
    pub collation: Option<String>,
}

impl ColumnRow {
    /// Whether it holds text.
    pub fn is_text(&self) -> bool {
        let kinds = [
            "char",
            "varchar",
            "tinytext",
            "text",
            "mediumtext",
            "longtext",
        ];
        kinds.contains(&self.data_type.as_str()) || matches!(&*self.data_type, "enum" | "set")
    }

    /// Whether it holds numbers.
    pub fn is_number(&self) -> bool {
        let kinds = ["tinyint", "smallint", "mediumint", "int", "bigint"];
        kinds.contains(&self.data_type.as_str())
            || matches!(&*self.data_type, "decimal" | "float" | "double" | "year")
    }

    /// Whether an index takes it whole: long values need a prefix, others an expression.
    pub fn is_indexable(&self) -> bool {
        let long = [
            "blob", "text", "json", "geometry", "point", "polygon", "vector",
        ];
        !long.iter().any(|kind| self.data_type.ends_with(kind))
    }
}

/// A part of an index.
#[derive(Debug, Clone, Deserialize)]
pub struct IndexRow {
    index_name: String,
    /// None of an expression.
    column_name: Option<String>,
    prefix: Option<u64>,
    index_type: String,
    visible: bool,
}

/// An index that equality, ranges and order can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its columns in lower case, up to the first expression or prefix.
    pub columns: Vec<String>,
}

/// The indexes the optimizer may use, from their parts in order.
pub fn indexes(rows: &[IndexRow]) -> Vec<Index> {
    let mut all: Vec<(Index, bool)> = Vec::new();
    for row in rows
        .iter()
        .filter(|row| row.visible && row.index_type == "BTREE")
    {
        let known = all
            .last()
            .is_some_and(|(index, _)| index.name == row.index_name);
        if !known {
            let index = Index {
                name: row.index_name.clone(),
                columns: Vec::new(),
            };
            all.push((index, true));
        }
        if let Some((index, open)) = all.last_mut() {
            match &row.column_name {
                Some(column) if *open => {
                    index.columns.push(column.to_lowercase());
                    // What follows a prefix finds nothing more in order.
                    *open = row.prefix.is_none();
                }
                _ => *open = false,
            }
        }
    }
    all.into_iter().map(|(index, _)| index).collect()
}

/// What persistent statistics say of a table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StatisticsRow {
    /// Rows when they were gathered.
    pub row_count: u64,
    /// How long ago that was, s.
    pub age_s: Option<i64>,
}

/// One table of the statement.
#[derive(Debug, Clone, Default)]
pub struct Definition {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it is; none where the account does not see it.
    pub table: Option<TableRow>,
    /// Its columns.
    pub columns: Vec<ColumnRow>,
    /// The indexes the optimizer may use.
    pub indexes: Vec<Index>,
    /// What its persistent statistics say.
    pub statistics: Option<StatisticsRow>,
}

impl Definition {
    /// A column of it; names of columns do not depend on case.
    pub fn column(&self, name: &str) -> Option<&ColumnRow> {
        self.columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Its rows, as far as anything tells.
    pub fn rows(&self) -> Option<u64> {
        let statistics = self.statistics.as_ref().map(|one| one.row_count);
        self.table
            .as_ref()
            .and_then(|table| table.rows_estimate)
            .max(statistics)
    }

    /// The index that begins with this column, if any does.
    pub fn index_on(&self, column: &str) -> Option<&Index> {
        let begins = |index: &&Index| {
            let first = index.columns.first();
            first.is_some_and(|first| first.eq_ignore_ascii_case(column))
        };
        self.indexes.iter().find(begins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(index: &str, column: Option<&str>, prefix: Option<u64>, visible: bool) -> IndexRow {
        IndexRow {
            index_name: index.into(),
            column_name: column.map(str::to_owned),
            prefix,
            index_type: "BTREE".into(),
            visible,
        }
    }

    #[test]
    fn an_index_ends_at_its_first_expression_or_prefix_and_a_hidden_one_is_none() {
        let rows = [
            part("a", Some("X"), None, true),
            part("a", None, None, true),
            part("a", Some("y"), None, true),
            part("b", Some("long"), Some(20), true),
            part("b", Some("z"), None, true),
            part("c", Some("x"), None, false),
        ];
        let indexes = indexes(&rows);
        assert_eq!(indexes.len(), 2);
        assert_eq!(indexes[0].columns, ["x"]);
        assert_eq!(indexes[1].columns, ["long"]);
    }
}
