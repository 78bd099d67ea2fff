//! Foreign keys, in both directions.
//!
//! Source: MySQL Reference Manual, "FOREIGN KEY Constraints": child and parent columns need similar types
//! and an index each; `foreign_key_checks=0` lets both be lost (MySQL 9.7 keeps the index even then).

use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::RUNBOOK;
use super::column::Column;
use super::index::Index;
use super::name::TableName;
use super::rows::ForeignKeyRow;

/// A foreign key, seen from the table asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// The constraint.
    pub name: String,
    /// The columns here.
    pub columns: Vec<String>,
    /// The other table.
    pub other: TableName,
    /// Its columns.
    pub other_columns: Vec<String>,
    /// `ON DELETE`, where it does more than refuse.
    pub on_delete: Option<String>,
    /// `ON UPDATE`, where it does more than refuse.
    pub on_update: Option<String>,
}

impl ForeignKey {
    /// The key in a line: `fk_customer (customer_id) -> shop.customers (id) on delete cascade`.
    pub fn shown(&self, arrow: &str) -> String {
        let mut line = format!(
            "{} ({}) {arrow} {} ({})",
            Untrusted::name(&self.name),
            listed(&self.columns),
            self.other.shown(),
            listed(&self.other_columns)
        );
        for (event, rule) in [("delete", &self.on_delete), ("update", &self.on_update)] {
            if let Some(rule) = rule {
                line = format!("{line} on {event} {}", rule.to_lowercase());
            }
        }
        line
    }
}

fn listed(columns: &[String]) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|name| Untrusted::name(name).to_string())
        .collect();
    names.join(", ")
}

/// The keys of rows that come in the order of their columns.
pub fn foreign_keys(rows: &[ForeignKeyRow]) -> Vec<ForeignKey> {
    let mut keys: Vec<ForeignKey> = Vec::new();
    for row in rows {
        let other = TableName {
            schema: row.other_schema.clone(),
            table: row.other_table.clone(),
        };
        match keys.last_mut() {
            Some(key) if key.name == row.name && key.other == other => {
                key.columns.push(row.column_name.clone());
                key.other_columns.push(row.other_column.clone());
            }
            _ => keys.push(ForeignKey {
                name: row.name.clone(),
                columns: vec![row.column_name.clone()],
                other,
                other_columns: vec![row.other_column.clone()],
                on_delete: active(&row.delete_rule),
                on_update: active(&row.update_rule),
            }),
        }
    }
    keys
}

/// A rule that changes rows of the child; the others refuse.
fn active(rule: &str) -> Option<String> {
    ["CASCADE", "SET NULL", "SET DEFAULT"]
        .into_iter()
        .find(|known| *known == rule)
        .map(str::to_owned)
}

/// Tells a key whose columns in the child begin no index: every delete in the parent reads the whole
/// child and locks what it reads.
pub fn without_index(
    child: &TableName,
    columns: &[String],
    name: &str,
    indexes: &[Index],
) -> Option<Finding> {
    if indexes.iter().any(|index| index.begins_with(columns)) {
        return None;
    }
    let statement = format!(
        "foreign key {} of {}: no index begins with ({}), so each delete or key change in the parent reads \
         and locks the whole child",
        Untrusted::name(name),
        child.shown(),
        listed(columns)
    );
    Some(
        Finding::new(
            "foreign_key_without_index",
            Severity::Warning,
            Confidence::Certain,
            statement,
        )
        .evidence(
            "indexes_that_serve",
            0,
            "indexes",
            "information_schema.STATISTICS",
        )
        .remedy(
            format!(
                "ALTER TABLE {} ADD INDEX ({})",
                child.shown(),
                listed(columns)
            ),
            "safe: in place, reads and writes go on; undone by DROP INDEX",
            "reads the table once; disk space of the index",
            RUNBOOK,
        ),
    )
}

/// Tells columns of a key whose types do not match.
pub fn mismatch(
    table: &TableName,
    key: &ForeignKey,
    columns: &[Column],
    other_columns: &[Column],
) -> Option<Finding> {
    let find = |columns: &[Column], name: &str| {
        let same = |column: &&Column| column.name.eq_ignore_ascii_case(name);
        columns.iter().find(same).cloned()
    };
    let pair = key
        .columns
        .iter()
        .zip(&key.other_columns)
        .find_map(|(own, other)| {
            let (own, other) = (find(columns, own)?, find(other_columns, other)?);
            differ(&own, &other).then_some((own, other))
        });
    let (own, other) = pair?;
    let statement = format!(
        "foreign key {} of {} joins {} with {} of {}: their types differ, which turns lookups by index into \
         scans",
        Untrusted::name(&key.name),
        table.shown(),
        own.shown(None),
        other.shown(None),
        key.other.shown()
    );
    Some(
        Finding::new(
            "foreign_key_type_mismatch",
            Severity::Warning,
            Confidence::Certain,
            statement,
        )
        .evidence(
            "columns_compared",
            2,
            "columns",
            "information_schema.COLUMNS",
        ),
    )
}

/// Integers by size and sign, texts by character set and collation, others by type.
fn differ(own: &Column, other: &Column) -> bool {
    if own.collation.is_some() && other.collation.is_some() {
        return own.collation != other.collation;
    }
    own.data_type != other.data_type || own.is_unsigned() != other.is_unsigned()
}

#[cfg(test)]
mod tests {
    use super::super::column::samples::column;
    use super::super::index::samples::{plain, primary};
    use super::*;

    fn rows() -> Vec<ForeignKeyRow> {
        let row = |column: &str, other: &str| ForeignKeyRow {
            name: "fk".into(),
            column_name: column.into(),
            other_schema: "shop".into(),
            other_table: "orders".into(),
            other_column: other.into(),
            update_rule: "NO ACTION".into(),
            delete_rule: "CASCADE".into(),
        };
        vec![row("order_id", "id"), row("line", "line")]
    }

    #[test]
    fn a_key_of_two_columns_is_one_line() {
        let keys = foreign_keys(&rows());
        assert_eq!(keys.len(), 1);
        assert_eq!(
            keys[0].shown("->"),
            "fk (order_id, line) -> shop.orders (id, line) on delete cascade"
        );
    }

    #[test]
    fn a_key_without_an_index_is_told_and_one_with_is_not() {
        let table = TableName::of(None, "shop.lines").unwrap();
        let columns = ["order_id".to_owned()];
        let told = |indexes: &[Index]| without_index(&table, &columns, "fk", indexes).is_some();
        assert!(told(&[primary(&["id"]), plain("i", &["line", "order_id"])]));
        assert!(!told(&[
            primary(&["id"]),
            plain("i", &["order_id", "line"])
        ]));
        assert!(!told(&[primary(&["order_id", "line"])]));
    }

    #[test]
    fn types_that_differ_are_told() {
        let table = TableName::of(None, "shop.lines").unwrap();
        let key = &foreign_keys(&rows())[0];
        let own = |kind: &str| vec![column("order_id", kind), column("line", "int")];
        let parent = |kind: &str| vec![column("id", kind), column("line", "int")];
        let told =
            |one: &str, other: &str| mismatch(&table, key, &own(one), &parent(other)).is_some();
        assert!(told("int", "bigint"));
        assert!(told("int", "int unsigned"));
        assert!(!told("bigint unsigned", "bigint unsigned"));
    }
}
