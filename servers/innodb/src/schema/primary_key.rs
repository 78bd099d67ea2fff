//! The clustered index: missing, hidden, or copied wide into every other index.
//!
//! Source: MySQL Reference Manual, "Clustered and Secondary Indexes", "Creating Tables Using Invisible
//! Primary Keys", "Replication and Row Searches"; MariaDB Knowledge Base, "InnoDB and Row IDs".

use storex_sources::Flavour;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::RUNBOOK;
use super::column::Column;
use super::index::{Index, Key};
use super::name::TableName;

/// From here on searching the whole table for each row a replica applies hurts.
const ROWS_THAT_HURT: u64 = 1_000;
/// A wide key is a matter of size: below this many rows it is none.
const ROWS_THAT_WEIGH: u64 = 100_000;
/// Four 16-byte identifiers: beyond this a secondary index of a small column is mostly primary key.
const WIDE_BYTES: u64 = 64;

/// The index rows are kept in.
pub fn clustered(indexes: &[Index]) -> Option<&Index> {
    indexes
        .iter()
        .find(|index| index.is_primary())
        .or_else(|| indexes.iter().find(|index| index.identifies_rows()))
}

/// Tells a table without a primary key. Where a unique key of columns that are never `NULL` stands in for
/// it, that is little harm.
pub fn missing(
    table: &TableName,
    flavour: Flavour,
    indexes: &[Index],
    rows: u64,
) -> Option<Finding> {
    if indexes.iter().any(Index::is_primary) {
        return None;
    }
    if let Some(index) = clustered(indexes) {
        let statement = format!(
            "{} declares no primary key; InnoDB keeps its rows in the unique index {} instead",
            table.shown(),
            Untrusted::name(&index.name)
        );
        return Some(
            Finding::new(
                "primary_key_undeclared",
                Severity::Info,
                Confidence::Certain,
                statement,
            )
            .evidence("rows_estimate", rows, "rows", "information_schema.TABLES"),
        );
    }
    let severity = if rows >= ROWS_THAT_HURT {
        Severity::Warning
    } else {
        Severity::Info
    };
    let statement = format!(
        "{} has no primary key: with row-based replication a replica searches it (about {rows} rows) for \
         each row changed, and InnoDB orders it by a hidden counter that all such tables share",
        table.shown()
    );
    Some(
        Finding::new(
            "no_primary_key",
            severity,
            Confidence::Certain,
            statement,
        )
        .against(
            "rows_estimate",
            rows,
            ROWS_THAT_HURT,
            "rows",
            "information_schema.TABLES",
        )
        .remedy(
            add_key(table, flavour),
            "safe where nothing reads columns by their place; try it on a replica first",
            "rebuilds the table: its size in disk space, and writes wait briefly at begin and end",
            RUNBOOK,
        ),
    )
}

fn add_key(table: &TableName, flavour: Flavour) -> String {
    let since = match flavour {
        Flavour::MySql => "INVISIBLE from 8.0.23",
        Flavour::MariaDb => "INVISIBLE",
    };
    format!(
        "ALTER TABLE {} ADD COLUMN id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY ({since}), or \
         declare a natural key",
        table.shown()
    )
}

/// Tells a primary key that is copied wide into secondary indexes: a UUID kept as text, or more than 64
/// bytes.
pub fn wide(
    table: &TableName,
    indexes: &[Index],
    columns: &[Column],
    rows: u64,
) -> Option<Finding> {
    let primary = indexes.iter().find(|index| index.is_primary())?;
    let copies = indexes.len() - 1;
    if copies == 0 || rows < ROWS_THAT_WEIGH {
        return None;
    }
    let of = |key: &Key| match key {
        Key::Column(name) => columns
            .iter()
            .find(|column| column.name.to_lowercase() == *name),
        Key::Expression(_) => None,
    };
    let parts: Vec<&Column> = primary
        .parts
        .iter()
        .filter_map(|part| of(&part.key))
        .collect();
    let is_uuid_text = matches!(parts.as_slice(), [only] if is_uuid_text(only));
    let bytes: u64 = if is_uuid_text {
        36
    } else {
        parts.iter().filter_map(|column| column.max_bytes()).sum()
    };
    if !is_uuid_text && bytes <= WIDE_BYTES {
        return None;
    }
    let (what, confidence) = if is_uuid_text {
        (
            "as long as a UUID in text: new rows land on random pages, and",
            Confidence::Likely,
        )
    } else {
        ("wide:", Confidence::Certain)
    };
    let statement = format!(
        "the primary key of {} ({}) is {what} up to {bytes} bytes of it are copied into each entry of its \
         {copies} secondary indexes",
        table.shown(),
        primary.shown()
    );
    Some(
        Finding::new("wide_primary_key", Severity::Info, confidence, statement)
            .against(
                "primary_key_bytes",
                bytes,
                WIDE_BYTES,
                "bytes",
                "information_schema.COLUMNS",
            )
            .remedy(
                "for new tables: BIGINT AUTO_INCREMENT with the identifier as a unique key, or a time-ordered \
                 UUID in BINARY(16) (MariaDB: UUID)",
                "an existing key is part of the application: change it with the application",
                "rebuilds the table and every table that refers to it",
                RUNBOOK,
            ),
    )
}

/// `CHAR(36)` or `CHAR(32)`, or the same with a varying length.
fn is_uuid_text(column: &Column) -> bool {
    let length = column
        .column_type
        .as_deref()
        .and_then(|text| text.split_once('('))
        .map(|(_, length)| length.trim_end_matches(')'));
    matches!(column.data_type.as_str(), "char" | "varchar") && matches!(length, Some("36" | "32"))
}

#[cfg(test)]
mod tests {
    use super::super::column::samples::column;
    use super::super::index::samples::{plain, primary, unique};
    use super::*;

    fn table() -> TableName {
        TableName::of(None, "shop.t").unwrap()
    }

    fn missing_id(indexes: &[Index], rows: u64) -> Option<(&'static str, Severity)> {
        missing(&table(), Flavour::MySql, indexes, rows)
            .map(|finding| (finding.id, finding.severity))
    }

    #[test]
    fn a_table_without_a_key_is_told_by_what_it_costs() {
        let none = [plain("a", &["a"]), unique("u", &["b?"])];
        assert_eq!(
            missing_id(&none, 1_000_000),
            Some(("no_primary_key", Severity::Warning))
        );
        assert_eq!(
            missing_id(&none, 3),
            Some(("no_primary_key", Severity::Info))
        );
        let other = [unique("u", &["b"])];
        assert_eq!(
            missing_id(&other, 1_000_000),
            Some(("primary_key_undeclared", Severity::Info))
        );
        assert_eq!(missing_id(&[primary(&["id"])], 1_000_000), None);
    }

    #[test]
    fn a_uuid_in_text_is_told_where_it_is_copied_often() {
        let uuid = [column("id", "char(36)"), column("a", "int")];
        let indexes = [primary(&["id"]), plain("a", &["a"])];
        assert!(wide(&table(), &indexes, &uuid, 1_000_000).is_some());
        assert!(wide(&table(), &indexes, &uuid, 1_000).is_none());
        assert!(wide(&table(), &indexes[..1], &uuid, 1_000_000).is_none());
        let number = [column("id", "bigint unsigned"), column("a", "int")];
        assert!(wide(&table(), &indexes, &number, 1_000_000).is_none());
    }
}
