//! What the optimizer's statistics are worth.
//!
//! Sources: MySQL Reference Manual, "Configuring Persistent Optimizer Statistics Parameters" (taken again
//! after 10 % of the rows changed, where `innodb_stats_auto_recalc` is on), "ANALYZE TABLE Statement";
//! MariaDB Knowledge Base, "Engine-Independent Table Statistics" (never taken again by themselves).

use storex_tool::{Confidence, Finding, Severity};

use super::RUNBOOK;
use super::index::Index;
use super::name::TableName;

/// Twice the share at which InnoDB takes them again by itself.
const CHANGED_RATIO: f64 = 0.2;
/// Below this a wrong estimate costs nothing.
const ROWS_THAT_MATTER: u64 = 1_000;
/// Recalculation is asynchronous and at most every 10 s: it has had its chance.
const SETTLED_S: i64 = 60;
/// Estimates from 20 pages are off by some share, not by this factor.
const FACTOR: u64 = 10;

/// Statistics as they are kept and what has happened since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Whether they are kept on disk; otherwise taken again whenever the table is opened.
    pub persistent: bool,
    /// Whether InnoDB takes them again by itself.
    pub recalculated: bool,
    /// Rows when they were taken; none where there are no statistics.
    pub row_count: Option<u64>,
    /// Since they were taken (the oldest, of partitions).
    pub age_s: Option<i64>,
    /// Rows now, as InnoDB counts them.
    pub rows_now: Option<u64>,
    /// Rows changed since.
    pub modified: Option<u64>,
    /// Rows when MariaDB's own were taken; none where there are none or they are not used.
    pub engine_independent_rows: Option<u64>,
    /// Whether they could be read.
    pub readable: bool,
}

impl Statistics {
    /// Rows that changed since they were taken, as far as known.
    pub fn changed(&self) -> Option<u64> {
        let drift = self
            .rows_now
            .zip(self.row_count)
            .map(|(now, then)| now.abs_diff(then));
        self.modified.max(drift)
    }
}

/// What is wrong with them.
pub fn findings(table: &TableName, statistics: &Statistics, indexes: &[Index]) -> Vec<Finding> {
    let all = [
        absent(table, statistics),
        stale(table, statistics),
        engine_independent(table, statistics),
        contradictory(table, statistics, indexes),
    ];
    all.into_iter().flatten().collect()
}

fn analyze(finding: Finding, table: &TableName, more: &str) -> Finding {
    finding.remedy(
        format!("ANALYZE TABLE {}{more}", table.shown()),
        "plans of running applications may change; it cannot be undone",
        "reads 20 pages of each index; a query that runs long on the table makes others wait for it \
         (before MySQL 8.0.24)",
        RUNBOOK,
    )
}

fn absent(table: &TableName, statistics: &Statistics) -> Option<Finding> {
    let expected = statistics.persistent && statistics.readable;
    if !expected || statistics.row_count.is_some() {
        return None;
    }
    let finding = Finding::new(
        "statistics_absent",
        Severity::Warning,
        Confidence::Certain,
        format!(
            "{} has no persistent statistics: the optimizer guesses from what it samples at opening",
            table.shown()
        ),
    )
    .evidence("rows_in_statistics", 0, "rows", "mysql.innodb_table_stats");
    Some(analyze(finding, table, ""))
}

fn stale(table: &TableName, statistics: &Statistics) -> Option<Finding> {
    let (then, changed) = (statistics.row_count?, statistics.changed()?);
    let rows = then.max(statistics.rows_now.unwrap_or_default());
    let settled = !statistics.recalculated || statistics.age_s.is_some_and(|age| age >= SETTLED_S);
    let share = changed as f64 / rows.max(1) as f64;
    if rows < ROWS_THAT_MATTER || share < CHANGED_RATIO || !settled {
        return None;
    }
    let why = if statistics.recalculated {
        "InnoDB has not come to taking them again yet"
    } else {
        "innodb_stats_auto_recalc is off for it"
    };
    let age = statistics
        .age_s
        .map_or_else(String::new, |age| format!(", taken {age} s ago"));
    let (severity, confidence) = if statistics.recalculated {
        (Severity::Info, Confidence::Possible)
    } else {
        (Severity::Warning, Confidence::Certain)
    };
    let finding = Finding::new(
        "statistics_stale",
        severity,
        confidence,
        format!(
            "statistics of {}{age} are stale: {changed} of about {rows} rows changed since, and {why}",
            table.shown()
        ),
    )
    .against(
        "changed_ratio",
        (share * 1_000.0).round() / 1_000.0,
        CHANGED_RATIO,
        "",
        "information_schema.INNODB_TABLESTATS (MariaDB: INNODB_SYS_TABLESTATS)",
    )
    .evidence(
        "rows_in_statistics",
        then,
        "rows",
        "mysql.innodb_table_stats",
    );
    Some(analyze(finding, table, ""))
}

fn engine_independent(table: &TableName, statistics: &Statistics) -> Option<Finding> {
    let then = statistics.engine_independent_rows?;
    let now = statistics.rows_now.or(statistics.row_count)?;
    if then.max(now) < ROWS_THAT_MATTER || !apart(then, now) {
        return None;
    }
    let finding = Finding::new(
        "engine_independent_statistics_stale",
        Severity::Warning,
        Confidence::Certain,
        format!(
            "MariaDB plans {} by statistics of its own that say {then} rows where InnoDB counts about {now}; \
             they are never taken again by themselves",
            table.shown()
        ),
    )
    .against("rows_in_statistics", then, now, "rows", "mysql.table_stats");
    Some(analyze(finding, table, " PERSISTENT FOR ALL"))
}

/// A unique index has as many distinct values as there are rows; statistics that say otherwise were
/// changed by hand, or taken of another state.
fn contradictory(table: &TableName, statistics: &Statistics, indexes: &[Index]) -> Option<Finding> {
    let rows = statistics.rows_now.or(statistics.row_count)?;
    if rows < ROWS_THAT_MATTER
        || statistics
            .changed()
            .is_some_and(|changed| changed * 5 > rows)
    {
        return None;
    }
    let (index, distinct) = indexes
        .iter()
        .filter(|index| index.identifies_rows() && index.ordered)
        .filter_map(|index| Some((index, index.parts.last()?.cardinality?)))
        .find(|(_, distinct)| apart(*distinct, rows))?;
    let finding = Finding::new(
        "statistics_contradictory",
        Severity::Warning,
        Confidence::Likely,
        format!(
            "statistics of {} contradict themselves: its unique index {} is said to have {distinct} distinct \
             values in about {rows} rows, so they were changed by hand or are of another state",
            table.shown(),
            storex_tool::Untrusted::name(&index.name)
        ),
    )
    .against(
        "distinct_values",
        distinct,
        rows,
        "values",
        "information_schema.STATISTICS",
    );
    Some(analyze(finding, table, ""))
}

fn apart(one: u64, other: u64) -> bool {
    let (small, large) = (one.min(other), one.max(other));
    small.saturating_mul(FACTOR) < large
}

#[cfg(test)]
mod tests {
    use super::super::index::samples::{primary, unique};
    use super::*;

    const GOOD: Statistics = Statistics {
        persistent: true,
        recalculated: true,
        row_count: Some(10_000),
        age_s: Some(3_600),
        rows_now: Some(10_200),
        modified: Some(400),
        engine_independent_rows: None,
        readable: true,
    };

    fn ids(statistics: &Statistics) -> Vec<&'static str> {
        let table = TableName::of(None, "shop.t").unwrap();
        let mut key = primary(&["id"]);
        key.parts[0].cardinality = Some(9_900);
        findings(&table, statistics, &[key])
            .iter()
            .map(|finding| finding.id)
            .collect()
    }

    #[test]
    fn good_statistics_are_not_told() {
        assert!(ids(&GOOD).is_empty());
        let off = Statistics {
            persistent: false,
            row_count: None,
            modified: None,
            ..GOOD
        };
        assert!(ids(&off).is_empty());
        let unreadable = Statistics {
            row_count: None,
            readable: false,
            ..GOOD
        };
        assert!(ids(&unreadable).is_empty());
    }

    #[test]
    fn stale_ones_are_told_once_innodb_had_its_chance() {
        let changed = Statistics {
            modified: Some(5_000),
            ..GOOD
        };
        assert_eq!(ids(&changed), ["statistics_stale"]);
        let just_now = Statistics {
            age_s: Some(5),
            ..changed.clone()
        };
        assert!(ids(&just_now).is_empty());
        let never = Statistics {
            recalculated: false,
            ..just_now
        };
        assert_eq!(ids(&never), ["statistics_stale"]);
        let grown = Statistics {
            modified: None,
            rows_now: Some(50_000),
            ..GOOD
        };
        assert_eq!(ids(&grown), ["statistics_stale"]);
    }

    #[test]
    fn absent_ones_and_those_of_mariadb_are_told() {
        let absent = Statistics {
            row_count: None,
            modified: None,
            ..GOOD
        };
        assert_eq!(ids(&absent), ["statistics_absent"]);
        let own = Statistics {
            engine_independent_rows: Some(3),
            ..GOOD
        };
        assert_eq!(ids(&own), ["engine_independent_statistics_stale"]);
    }

    #[test]
    fn a_unique_index_said_to_have_few_values_was_doctored() {
        let table = TableName::of(None, "shop.t").unwrap();
        let mut index = unique("u", &["a"]);
        index.parts[0].cardinality = Some(2);
        let found = findings(&table, &GOOD, &[index]);
        assert_eq!(found[0].id, "statistics_contradictory");
    }
}
