//! Rows of the probes, as they are decoded.

use serde::Deserialize;

/// The one row of settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SettingsRow {
    /// `innodb_stats_persistent`.
    pub is_persistent: bool,
    /// `innodb_stats_auto_recalc`.
    pub is_recalculated: bool,
    /// `innodb_page_size`.
    pub page_size_bytes: u64,
    /// `auto_increment_increment`.
    pub auto_increment_increment: u64,
    /// `use_stat_tables`, on MariaDB.
    pub use_stat_tables: Option<String>,
}

/// The table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct TableRow {
    /// Its schema, as the server spells it.
    pub table_schema: String,
    /// Its name, as the server spells it.
    pub table_name: String,
    /// `BASE TABLE`, `VIEW`, ...
    pub table_type: String,
    /// The storage engine; none for a view.
    pub engine: Option<String>,
    /// `Dynamic`, `Compressed`, ...
    pub row_format: Option<String>,
    /// Rows, estimated.
    pub rows_estimate: Option<u64>,
    /// Clustered index.
    pub data_bytes: Option<u64>,
    /// Secondary indexes.
    pub index_bytes: Option<u64>,
    /// Allocated and free.
    pub free_bytes: Option<u64>,
    /// What the next row gets.
    pub next_auto_increment: Option<u64>,
    /// Since it was made or last redefined.
    pub created_age_s: Option<i64>,
    /// Default collation.
    pub collation: Option<String>,
    /// `partitioned stats_persistent=0 ...`
    pub create_options: Option<String>,
}

impl TableRow {
    /// Whether its definition says so (`stats_persistent=0`).
    pub fn has_option(&self, option: &str) -> bool {
        let options = self.create_options.as_deref().unwrap_or_default();
        options
            .split_whitespace()
            .any(|each| each.eq_ignore_ascii_case(option))
    }

    /// Whether it is split into partitions.
    pub fn is_partitioned(&self) -> bool {
        self.has_option("partitioned")
    }

    /// What of its options says how it is stored: words known here, with plain values.
    pub fn storage_options(&self) -> Vec<&str> {
        const KNOWN: [&str; 7] = [
            "key_block_size=",
            "compression=",
            "page_compressed=",
            "encryption=",
            "encrypted=",
            "stats_persistent=",
            "stats_auto_recalc=",
        ];
        let plain = |c: char| c.is_ascii_alphanumeric() || "_=\"'`".contains(c);
        let options = self.create_options.as_deref().unwrap_or_default();
        options
            .split_whitespace()
            .filter(|each| {
                let lower = each.to_ascii_lowercase().replace('`', "");
                KNOWN.iter().any(|known| lower.starts_with(known)) && each.chars().all(plain)
            })
            .collect()
    }

    /// Bytes of a page, where the table is compressed into smaller ones.
    pub fn compressed_page_bytes(&self) -> Option<u64> {
        let is_compressed = self
            .row_format
            .as_deref()
            .is_some_and(|format| format.eq_ignore_ascii_case("compressed"));
        let kib: u64 = self.storage_options().iter().find_map(|each| {
            each.to_ascii_lowercase()
                .strip_prefix("key_block_size=")?
                .parse()
                .ok()
        })?;
        is_compressed.then_some(kib * 1024)
    }

    /// Whether it is no table but a counter (MariaDB).
    pub fn is_sequence(&self) -> bool {
        self.table_type == "SEQUENCE"
    }

    /// Whether InnoDB keeps it.
    pub fn is_innodb(&self) -> bool {
        self.engine
            .as_deref()
            .is_some_and(|engine| engine.eq_ignore_ascii_case("innodb"))
    }
}

/// One part of an index.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IndexRow {
    /// Its index.
    pub index_name: String,
    /// Whether a value may be there twice.
    pub non_unique: bool,
    /// The column; none for an expression.
    pub column_name: Option<String>,
    /// An expression, by its hash.
    pub expression_hash: Option<String>,
    /// `A` ascending, `D` descending, none where there is no order.
    pub direction: Option<String>,
    /// Characters or bytes indexed, where not all are.
    pub prefix: Option<u64>,
    /// Distinct values of the parts up to this one, estimated.
    pub cardinality: Option<u64>,
    /// `YES` where the part may be `NULL`.
    pub nullable: Option<String>,
    /// `BTREE`, `FULLTEXT`, ...
    pub index_type: String,
    /// Whether the optimizer may use it.
    pub visible: bool,
}

/// How often an index was used since counting began.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UsageRow {
    /// The index; none for reads and changes through no index.
    pub index_name: Option<String>,
    /// Rows fetched through it.
    pub fetches: u64,
    /// Rows inserted.
    pub inserts: u64,
    /// Rows updated.
    pub updates: u64,
    /// Rows deleted.
    pub deletes: u64,
}

/// One statement, by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct StatementRow {
    /// The schema in which it was run: a table named without one is of it.
    pub default_schema: Option<String>,
    /// The digest's hash.
    pub digest: Option<String>,
    /// Its text without literals.
    pub digest_text: Option<String>,
    /// Executions.
    pub calls: u64,
    /// Rows read.
    pub rows_examined: u64,
    /// Rows returned.
    pub rows_sent: u64,
    /// Rows changed.
    pub rows_affected: u64,
    /// Since the first execution counted.
    pub first_seen_age_s: Option<i64>,
    /// Since the last.
    pub last_seen_age_s: Option<i64>,
    /// Whether it changes a definition.
    pub is_ddl: bool,
}

impl StatementRow {
    /// Whether both are the same statement of the same schema.
    pub fn is(&self, other: &Self) -> bool {
        self.digest == other.digest && self.default_schema == other.default_schema
    }
}

/// One column of a foreign key, seen from the table asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ForeignKeyRow {
    /// The constraint.
    pub name: String,
    /// The column here.
    pub column_name: String,
    /// The other table's schema.
    pub other_schema: String,
    /// The other table.
    pub other_table: String,
    /// The other table's column.
    pub other_column: String,
    /// `ON UPDATE`.
    pub update_rule: String,
    /// `ON DELETE`.
    pub delete_rule: String,
}

/// All partitions, summed up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PartitionsRow {
    /// How many.
    pub partitions: u64,
    /// `RANGE`, ...
    pub method: Option<String>,
    /// Of subpartitions.
    pub submethod: Option<String>,
    /// Bytes of the largest.
    pub largest_bytes: Option<u64>,
    /// Partitions without a row, estimated.
    pub empty_partitions: Option<u64>,
}

/// One trigger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TriggerRow {
    /// Its name.
    pub name: String,
    /// `BEFORE`, `AFTER`.
    pub timing: String,
    /// `INSERT`, ...
    pub event: String,
}

/// Persistent statistics of the table or of one partition.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PersistentRow {
    /// Rows when they were taken.
    pub row_count: u64,
    /// Since they were taken.
    pub age_s: Option<i64>,
}

/// Pages of one index.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PagesRow {
    /// The index.
    pub index_name: String,
    /// Its pages.
    pub pages: u64,
}

/// What InnoDB counts of the table or of one partition.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ModifiedRow {
    /// Rows now.
    pub row_count: u64,
    /// Rows changed since statistics were taken.
    pub modified: u64,
}

/// The table's files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FilesRow {
    /// How many; none for a table in a shared tablespace.
    pub files: u64,
    /// Their length.
    pub file_bytes: Option<u64>,
    /// What they take on disk.
    pub allocated_bytes: Option<u64>,
}

/// How many tables there are.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ScaleRow {
    /// How many.
    pub tables: u64,
}

/// MySQL's histograms of the table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HistogramsRow {
    /// Columns that have one.
    pub columns_measured: u64,
    /// Since the oldest was taken.
    pub oldest_age_s: Option<i64>,
}

/// MariaDB's engine-independent statistics of the table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EngineIndependentRow {
    /// Rows when they were taken.
    pub row_count: Option<u64>,
    /// Entries for its indexes.
    pub index_entries: u64,
}

/// The name of a table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct NameRow {
    /// The name.
    pub name: String,
}

/// A table's file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LargestRow {
    /// `schema/table`, as InnoDB spells it.
    pub name: String,
    /// Its length.
    pub file_bytes: u64,
}

/// A table of any schema.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AnyTableRow {
    /// Its schema.
    pub table_schema: String,
    /// Its name.
    pub table_name: String,
}

/// A table whose counter may be nearly used up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CounterRow {
    /// Its schema.
    pub table_schema: String,
    /// Its name.
    pub table_name: String,
    /// What the next row gets.
    pub next_auto_increment: u64,
}

/// Use of indexes, summed up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UnusedRow {
    /// Indexes beside primary keys.
    pub indexes: u64,
    /// Of which nobody used.
    pub unused: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_told_by_known_words_only() {
        let row = TableRow {
            row_format: Some("Compressed".into()),
            create_options: Some(
                "row_format=COMPRESSED KEY_BLOCK_SIZE=8 stats_persistent=0 connection='secret' \
                 COMPRESSION=\"zlib\""
                    .into(),
            ),
            ..TableRow::default()
        };
        let expected = [
            "KEY_BLOCK_SIZE=8",
            "stats_persistent=0",
            "COMPRESSION=\"zlib\"",
        ];
        assert_eq!(row.storage_options(), expected);
        assert_eq!(row.compressed_page_bytes(), Some(8_192));
        assert!(row.has_option("STATS_PERSISTENT=0"));
        assert_eq!(TableRow::default().compressed_page_bytes(), None);
    }
}
