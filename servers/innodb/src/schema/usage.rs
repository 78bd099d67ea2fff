//! Which indexes are used, and since when that has been counted.
//!
//! Source: MySQL Reference Manual, "The `table_io_waits_summary_by_index_usage` Table" (a change of the
//! table's definition resets its counters), "The `schema_unused_indexes` View" (telling only where the
//! server has been up long enough for a representative workload).

use std::collections::HashMap;

use storex_sources::Flavour;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::RUNBOOK;
use super::foreign_key::ForeignKey;
use super::index::Index;
use super::name::TableName;
use super::redundant::{Bytes, hide};
use super::rows::UsageRow;

/// A week holds the nightly and the weekly jobs; a monthly one it may miss.
pub const REPRESENTATIVE_S: i64 = 7 * 86_400;

/// Use of each index of a table, by its name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Usage {
    /// Rows fetched through each since counting began.
    fetches: HashMap<String, u64>,
    /// Rows fetched a second, from two samples.
    per_s: HashMap<String, f64>,
    /// At most how long it has been counted.
    pub counted_s: Option<i64>,
}

impl Usage {
    /// What two samples, so many seconds apart, tell. A counter that went backwards was reset by a
    /// change of the definition: it gives no figure.
    pub fn of(now: &[UsageRow], earlier: Option<(&[UsageRow], f64)>) -> Self {
        let by_name = |rows: &[UsageRow]| -> HashMap<String, u64> {
            rows.iter()
                .filter_map(|row| Some((row.index_name.clone()?, row.fetches)))
                .collect()
        };
        let fetches = by_name(now);
        let mut per_s = HashMap::new();
        if let Some((rows, seconds)) = earlier.filter(|(_, seconds)| *seconds > 0.0) {
            let before = by_name(rows);
            for (name, now) in &fetches {
                let grown = before.get(name).and_then(|then| now.checked_sub(*then));
                if let Some(grown) = grown {
                    per_s.insert(name.clone(), (grown as f64 / seconds * 10.0).round() / 10.0);
                }
            }
        }
        Self {
            fetches,
            per_s,
            counted_s: None,
        }
    }

    /// Rows fetched through an index; none where it is not counted.
    pub fn fetches(&self, index: &str) -> Option<u64> {
        self.fetches.get(index).copied()
    }

    /// Rows fetched through it a second, now.
    pub fn per_s(&self, index: &str) -> Option<f64> {
        self.per_s.get(index).copied()
    }

    /// Whether nothing was fetched through it while the table was used.
    pub fn is_unused(&self, index: &Index) -> bool {
        let used = self.fetches.values().any(|fetches| *fetches > 0);
        used && index.ordered && !index.is_primary() && self.fetches(&index.name) == Some(0)
    }
}

/// Since when an index is counted at most: the server's start, or the last change of the definition.
pub fn counted_s(
    uptime_s: Option<i64>,
    created_age_s: Option<i64>,
    last_ddl_age_s: Option<i64>,
) -> Option<i64> {
    [uptime_s, created_age_s, last_ddl_age_s]
        .into_iter()
        .flatten()
        .min()
}

/// Tells indexes nobody used for a week: those that keep no value unique and no foreign key quick.
pub fn unused(
    table: &TableName,
    flavour: Flavour,
    indexes: &[Index],
    usage: &Usage,
    foreign_keys: &[ForeignKey],
    bytes: Bytes<'_>,
) -> Option<Finding> {
    let counted_s = usage
        .counted_s
        .filter(|counted| *counted >= REPRESENTATIVE_S)?;
    let serves_a_key = |index: &Index| {
        foreign_keys
            .iter()
            .any(|key| index.begins_with(&key.columns))
    };
    let unused: Vec<&Index> = indexes
        .iter()
        .filter(|index| {
            index.visible && !index.unique && usage.is_unused(index) && !serves_a_key(index)
        })
        .collect();
    let first = unused.first()?;
    let names: Vec<String> = unused
        .iter()
        .take(5)
        .map(|index| Untrusted::name(&index.name).to_string())
        .collect();
    let cost: u64 = unused.iter().filter_map(|index| bytes(&index.name)).sum();
    let days = counted_s / 86_400;
    Some(
        Finding::new(
            "unused_index",
            Severity::Info,
            Confidence::Likely,
            format!(
                "{} of {}: nobody read through {} in the {days} days counted on this server",
                names.join(", "),
                table.shown(),
                if unused.len() == 1 { "it" } else { "them" },
            ),
        )
        .against(
            "counted",
            counted_s,
            REPRESENTATIVE_S,
            "s",
            "performance_schema.table_io_waits_summary_by_index_usage",
        )
        .evidence("their_size", cost, "bytes", "mysql.innodb_index_stats")
        .remedy(
            hide(table, flavour, &first.name),
            "safe: undone at once; check replicas and monthly jobs before dropping it",
            "a brief metadata lock; a statement with FORCE INDEX on it fails",
            RUNBOOK,
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::super::index::samples::{plain, primary, unique};
    use super::*;

    fn row(name: &str, fetches: u64) -> UsageRow {
        UsageRow {
            index_name: Some(name.into()),
            fetches,
            inserts: 0,
            updates: 0,
            deletes: 0,
        }
    }

    fn told(usage: &Usage, keys: &[ForeignKey]) -> Option<String> {
        let table = TableName::of(None, "shop.t").unwrap();
        let indexes = [primary(&["id"]), plain("i", &["a"]), unique("u", &["b"])];
        unused(&table, Flavour::MySql, &indexes, usage, keys, &|_| None)
            .map(|finding| finding.statement)
    }

    #[test]
    fn an_index_nobody_used_is_told_once_counted_long_enough() {
        let rows = [row("PRIMARY", 5), row("i", 0), row("u", 0)];
        let mut usage = Usage::of(&rows, None);
        assert_eq!(told(&usage, &[]), None, "not known since when");
        usage.counted_s = Some(3_600);
        assert_eq!(told(&usage, &[]), None, "an hour tells nothing");
        usage.counted_s = Some(30 * 86_400);
        let statement = told(&usage, &[]).unwrap();
        assert!(statement.starts_with("i of shop.t"), "{statement}");
        let key = ForeignKey {
            name: "fk".into(),
            columns: vec!["a".into()],
            other: TableName::of(None, "shop.p").unwrap(),
            other_columns: vec!["id".into()],
            on_delete: None,
            on_update: None,
        };
        assert_eq!(told(&usage, &[key]), None, "the key needs it");
    }

    #[test]
    fn a_table_nobody_used_has_no_unused_index() {
        let mut usage = Usage::of(&[row("PRIMARY", 0), row("i", 0)], None);
        usage.counted_s = Some(30 * 86_400);
        assert_eq!(told(&usage, &[]), None);
    }

    #[test]
    fn a_counter_that_was_reset_gives_no_rate() {
        let (before, now) = (
            [row("PRIMARY", 100), row("i", 50)],
            [row("PRIMARY", 3), row("i", 70)],
        );
        let usage = Usage::of(&now, Some((&before, 2.0)));
        assert_eq!(usage.per_s("PRIMARY"), None);
        assert_eq!(usage.per_s("i"), Some(10.0));
    }

    #[test]
    fn counting_began_with_what_happened_last() {
        assert_eq!(counted_s(Some(1_000), Some(20), Some(300)), Some(20));
        assert_eq!(counted_s(Some(1_000), None, None), Some(1_000));
    }
}
