//! Tables that InnoDB does not keep.
//!
//! Source: MySQL Reference Manual, "Alternative Storage Engines": `MyISAM` and MEMORY lock whole tables and
//! know no transactions; only InnoDB recovers after a crash. MariaDB's Aria recovers, and locks tables.

use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::RUNBOOK;
use super::name::TableName;

/// Tells a table of an engine that locks it as a whole.
pub fn not_innodb(table: &TableName, engine: Option<&str>) -> Option<Finding> {
    const LOCKS_TABLES: [&str; 5] = ["MyISAM", "MEMORY", "Aria", "MRG_MyISAM", "CSV"];
    let engine = engine?;
    LOCKS_TABLES
        .iter()
        .find(|known| known.eq_ignore_ascii_case(engine))?;
    Some(
        Finding::new(
            "engine_locks_tables",
            Severity::Warning,
            Confidence::Certain,
            format!(
                "{} is kept by {}: each write locks the whole table, nothing can be rolled back, and nothing \
                 of this server's InnoDB figures covers it",
                table.shown(),
                Untrusted::name(engine)
            ),
        )
        .evidence(
            "engine",
            Untrusted::name(engine).as_str(),
            "",
            "information_schema.TABLES",
        )
        .remedy(
            format!("ALTER TABLE {} ENGINE=InnoDB", table.shown()),
            "safe where nothing relies on the engine (FULLTEXT options, a second-place AUTO_INCREMENT)",
            "copies the table and blocks writes meanwhile",
            RUNBOOK,
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_that_lock_tables_are_told_and_innodb_is_not() {
        let table = TableName::of(None, "shop.t").unwrap();
        assert!(not_innodb(&table, Some("MyISAM")).is_some());
        assert!(not_innodb(&table, Some("InnoDB")).is_none());
        assert!(not_innodb(&table, None).is_none());
    }
}
