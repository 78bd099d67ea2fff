//! Statements that read far more rows than they return because no index serves them.
//!
//! Sources: MySQL Reference Manual, "How MySQL Uses Indexes" (a search uses the leftmost columns of an
//! index), "Statement Digest Aggregation Rules". `SUM_NO_INDEX_USED` is no help: it stays 0 where the
//! plan walks the primary key for an `ORDER BY ... LIMIT`.

use storex_sources::Flavour;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::RUNBOOK;
use super::column::Column;
use super::digest::{Statement, dropped_indexes, redefines, search};
use super::index::Index;
use super::name::TableName;
use super::rows::StatementRow;
use crate::sessions::show_statement;

/// Rows read for each row returned or changed: an index that serves reads about one.
const EXAMINED_PER_ROW: f64 = 100.0;
/// Rows read by a call: fewer are read from memory in a few milliseconds.
const EXAMINED_PER_CALL: f64 = 10_000.0;
/// Where an index is known to have been dropped or hidden, less is told.
const EXAMINED_SINCE_DROPPED: f64 = 1_000.0;
const SHOWN_CHARS: usize = 160;

/// What a statement did to the rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// Its digest text.
    pub text: String,
    /// The schema in which it was run.
    pub default_schema: Option<String>,
    /// Executions.
    pub calls: u64,
    /// Rows read a call.
    pub examined_per_call: f64,
    /// Rows returned or changed a call.
    pub returned_per_call: f64,
    /// Over what: the window of two samples, or since it was first seen.
    pub over_s: f64,
    /// Whether this is the window.
    pub now: bool,
    /// Since it was first seen.
    pub first_seen_age_s: Option<i64>,
}

/// What each statement did, most rows read first: within the window where it ran then, else since it was
/// first seen.
pub fn works(now: &[StatementRow], earlier: Option<(&[StatementRow], f64)>) -> Vec<Work> {
    let mut works: Vec<Work> = now
        .iter()
        .filter(|row| !row.is_ddl)
        .filter_map(|row| in_window(row, earlier).or_else(|| since_first_seen(row)))
        .collect();
    let weight = |work: &Work| work.examined_per_call * work.calls as f64 / work.over_s.max(1.0);
    works.sort_by(|one, other| weight(other).total_cmp(&weight(one)));
    works
}

fn in_window(row: &StatementRow, earlier: Option<(&[StatementRow], f64)>) -> Option<Work> {
    let (rows, seconds) = earlier?;
    let before = rows.iter().find(|other| other.is(row))?;
    let calls = row
        .calls
        .checked_sub(before.calls)
        .filter(|calls| *calls > 0)?;
    let examined = row.rows_examined.checked_sub(before.rows_examined)?;
    let returned =
        (row.rows_sent + row.rows_affected).checked_sub(before.rows_sent + before.rows_affected)?;
    work(row, (calls, examined, returned), seconds, true)
}

fn since_first_seen(row: &StatementRow) -> Option<Work> {
    let over_s = row.first_seen_age_s? as f64;
    let returned = row.rows_sent + row.rows_affected;
    work(row, (row.calls, row.rows_examined, returned), over_s, false)
}

fn work(
    row: &StatementRow,
    (calls, examined, returned): (u64, u64, u64),
    over_s: f64,
    now: bool,
) -> Option<Work> {
    let a_call = |rows: u64| (rows as f64 / calls.max(1) as f64 * 10.0).round() / 10.0;
    Some(Work {
        text: row.digest_text.clone()?,
        default_schema: row.default_schema.clone(),
        calls,
        examined_per_call: a_call(examined),
        returned_per_call: a_call(returned),
        over_s,
        now,
        first_seen_age_s: row.first_seen_age_s,
    })
}

fn statement<'a>(text: &'a str, default_schema: Option<&'a str>) -> Statement<'a> {
    Statement {
        text,
        default_schema,
    }
}

/// The last change of the table's definition that the server remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its digest text.
    pub text: String,
    /// How long ago it was last run.
    pub age_s: i64,
    /// Indexes it dropped that are still gone.
    pub dropped: Vec<String>,
}

/// Changes of the table's definition, latest first.
pub fn changes(rows: &[StatementRow], table: &TableName, indexes: &[Index]) -> Vec<Change> {
    let is_there = |name: &String| {
        indexes
            .iter()
            .any(|index| index.name.eq_ignore_ascii_case(name))
    };
    let mut changes: Vec<Change> = rows
        .iter()
        .filter(|row| row.is_ddl)
        .filter_map(|row| {
            let text = row.digest_text.clone()?;
            redefines(statement(&text, row.default_schema.as_deref()), table).then(|| Change {
                dropped: dropped_indexes(&text)
                    .into_iter()
                    .filter(|name| !is_there(name))
                    .collect(),
                age_s: row.last_seen_age_s.unwrap_or_default(),
                text,
            })
        })
        .collect();
    changes.sort_by_key(|change| change.age_s);
    changes
}

/// What the table is, for the judgement of statements.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// Of which words are used.
    pub flavour: Flavour,
    /// Its name.
    pub table: &'a TableName,
    /// Its columns.
    pub columns: &'a [Column],
    /// Its indexes.
    pub indexes: &'a [Index],
    /// Rows, estimated.
    pub rows: u64,
}

/// A statement that searches in vain.
struct Unserved<'a> {
    work: &'a Work,
    columns: Vec<String>,
    joins: bool,
    /// Rows a call from which on it is told.
    least: f64,
}

/// Tells the statement that reads most for nothing because no index begins with a column it searches by,
/// and the change that dropped an index, where the server remembers one, or that one is hidden.
pub fn without_index(judged: Judged<'_>, works: &[Work], changes: &[Change]) -> Option<Finding> {
    let has_dropped = changes.iter().any(|change| !change.dropped.is_empty());
    let has_hidden = judged.indexes.iter().any(|index| !index.visible);
    let least = if has_dropped || has_hidden {
        EXAMINED_SINCE_DROPPED
    } else {
        EXAMINED_PER_CALL
    };
    let unserved = works
        .iter()
        .find_map(|work| unserved(judged, work, least))?;
    let hidden = judged.indexes.iter().find(|index| {
        let first = index.first_column();
        let searched = |column: &String| first == Some(column);
        !index.visible && unserved.columns.iter().any(searched)
    });
    if let Some(index) = hidden {
        return Some(invisible(judged, &unserved, index));
    }
    // A statement that was never run before the change has not lost anything by it.
    let ran_before = |change: &&Change| {
        let first_seen = unserved.work.first_seen_age_s;
        first_seen.is_some_and(|age_s| age_s > change.age_s)
    };
    let dropped = changes
        .iter()
        .filter(ran_before)
        .find_map(|change| Some((change.dropped.first()?, change.age_s)));
    let finding = match dropped {
        Some((index, age_s)) => dropped_ago(judged, &unserved, index, age_s),
        None => Finding::new(
            "statement_without_index",
            Severity::Warning,
            if unserved.joins {
                Confidence::Possible
            } else {
                Confidence::Likely
            },
            unserved.reads(judged.table),
        ),
    };
    let step = format!(
        "ALTER TABLE {} ADD INDEX ({})",
        judged.table.shown(),
        unserved.names()
    );
    Some(with_figures(finding, &unserved).remedy(
        step,
        "safe: in place, reads and writes go on; undone by DROP INDEX",
        "reads the table once; disk space of the index, and each write keeps it up to date",
        RUNBOOK,
    ))
}

impl Unserved<'_> {
    fn names(&self) -> String {
        let names: Vec<String> = self
            .columns
            .iter()
            .map(|name| Untrusted::name(name).to_string())
            .collect();
        names.join(", ")
    }

    fn reads(&self, table: &TableName) -> String {
        let any = if self.columns.len() == 1 {
            ""
        } else {
            "any of "
        };
        format!(
            "{} reads {:.0} rows a call to return or change {:.0}, as no visible index of {} begins with \
             {any}{}",
            show_statement(&self.work.text, false, SHOWN_CHARS),
            self.work.examined_per_call,
            self.work.returned_per_call,
            table.shown(),
            self.names()
        )
    }

    /// Whether it hurts at this moment, or did some time since it was first seen.
    fn severity(&self) -> Severity {
        if self.work.now {
            Severity::Critical
        } else {
            Severity::Warning
        }
    }
}

fn dropped_ago(judged: Judged<'_>, unserved: &Unserved<'_>, index: &str, age_s: i64) -> Finding {
    let statement = format!(
        "index {} of {} was dropped {age_s} s ago; {}",
        Untrusted::name(index),
        judged.table.shown(),
        unserved.reads(judged.table)
    );
    Finding::new(
        "index_dropped",
        unserved.severity(),
        Confidence::Likely,
        statement,
    )
    .evidence(
        "dropped_ago",
        age_s,
        "s",
        "performance_schema.events_statements_summary_by_digest",
    )
}

/// The index is there, and the optimizer was told to do without it.
fn invisible(judged: Judged<'_>, unserved: &Unserved<'_>, index: &Index) -> Finding {
    let (table, name) = (judged.table.shown(), Untrusted::name(&index.name));
    let (state, undo) = match judged.flavour {
        Flavour::MySql => ("invisible", "VISIBLE"),
        Flavour::MariaDb => ("ignored", "NOT IGNORED"),
    };
    let statement = format!(
        "index {name} of {table} is {state} to the optimizer; {}",
        unserved.reads(judged.table)
    );
    let finding = Finding::new(
        "index_invisible",
        unserved.severity(),
        Confidence::Likely,
        statement,
    );
    with_figures(finding, unserved).remedy(
        format!("ALTER TABLE {table} ALTER INDEX {name} {undo}"),
        "safe: it has been kept up to date meanwhile; undone in the same way",
        "a brief metadata lock",
        RUNBOOK,
    )
}

fn with_figures(finding: Finding, unserved: &Unserved<'_>) -> Finding {
    let (work, least) = (unserved.work, unserved.least);
    let from = if work.now {
        "difference of two samples of events_statements_summary_by_digest"
    } else {
        "performance_schema.events_statements_summary_by_digest, since first seen"
    };
    finding
        .against(
            "rows_examined_per_call",
            work.examined_per_call,
            least,
            "rows",
            from,
        )
        .evidence("calls", work.calls, "calls", from)
        .evidence("over", work.over_s.round(), "s", from)
}

/// Whether a statement searches in vain, and by which columns.
fn unserved<'a>(judged: Judged<'_>, work: &'a Work, least: f64) -> Option<Unserved<'a>> {
    let per_row = work.examined_per_call / work.returned_per_call.max(1.0);
    if work.examined_per_call < least || per_row < EXAMINED_PER_ROW {
        return None;
    }
    let names: Vec<&str> = judged
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let own = statement(&work.text, work.default_schema.as_deref());
    let search = search(own, judged.table, &names)?;
    let columns = search.columns();
    let serves = |index: &Index| {
        let first = index.first_column();
        let searched = |column: &String| first == Some(column);
        let ranged = search.ranged.iter().any(searched);
        index.visible && (columns.iter().any(searched) || ranged)
    };
    // Of a join, another table may be the one that is read; then this one is not read as a whole.
    let reads_it = !search.joins || work.examined_per_call * 2.0 >= judged.rows as f64;
    let in_vain = !columns.is_empty() && !judged.indexes.iter().any(serves) && reads_it;
    in_vain.then_some(Unserved {
        work,
        columns,
        joins: search.joins,
        least,
    })
}

#[cfg(test)]
mod tests {
    use super::super::column::samples::column;
    use super::super::index::samples::{plain, primary};
    use super::*;

    const BY_CUSTOMER: &str = "SELECT `id` , STATUS , `total` FROM `orders` WHERE `customer_id` = ? ORDER BY `id` DESC LIMIT ?";
    const DROP: &str =
        "ALTER TABLE `orders` DROP FOREIGN KEY `fk_order_customer` , DROP INDEX `idx_customer`";

    /// Rows of the incident `missing_index` on MySQL 9.7, before and while the index was gone.
    fn row(text: &str, calls: u64, examined: u64, sent: u64) -> StatementRow {
        StatementRow {
            default_schema: Some("shop".to_owned()),
            digest: Some(text.to_owned()),
            digest_text: Some(text.to_owned()),
            calls,
            rows_examined: examined,
            rows_sent: sent,
            rows_affected: 0,
            first_seen_age_s: Some(180),
            last_seen_age_s: Some(18),
            is_ddl: text.starts_with("ALTER"),
        }
    }

    fn told(indexes: &[Index], before: &[StatementRow], now: &[StatementRow]) -> Option<Finding> {
        let table = TableName::of(None, "shop.orders").unwrap();
        let columns: Vec<Column> = ["id", "customer_id", "status", "created_at", "total"]
            .map(|name| column(name, "int"))
            .into();
        let judged = Judged {
            flavour: Flavour::MySql,
            table: &table,
            columns: &columns,
            indexes,
            rows: 198_770,
        };
        let works = works(now, Some((before, 18.0)));
        without_index(judged, &works, &changes(now, &table, indexes))
    }

    #[test]
    fn the_dropped_index_of_the_incident_is_named() {
        let before = [row(BY_CUSTOMER, 1_553, 15_530, 15_530)];
        let during = [
            row(DROP, 1, 0, 0),
            row(BY_CUSTOMER, 1_670, 20_176_530, 16_700),
        ];
        let indexes = [
            primary(&["id"]),
            plain("idx_status_created", &["status", "created_at"]),
        ];
        let finding = told(&indexes, &before, &during).unwrap();
        assert_eq!(finding.id, "index_dropped");
        assert_eq!(finding.severity, Severity::Critical);
        for part in [
            "index idx_customer of shop.orders",
            "172316 rows a call",
            "customer_id",
        ] {
            assert!(finding.statement.contains(part), "{}", finding.statement);
        }
    }

    #[test]
    fn mariadb_prints_the_same_incident_in_other_words() {
        let text = "SELECT ID , STATUS , `total` FROM `orders` WHERE `customer_id` = ? ORDER BY ID DESC LIMIT ? ";
        let before = [row(text, 1_092, 10_920, 10_920)];
        let drop = format!("{DROP} ");
        let during = [row(&drop, 1, 0, 0), row(text, 1_209, 21_673_531, 12_090)];
        let finding = told(&[primary(&["id"])], &before, &during).unwrap();
        assert_eq!(finding.id, "index_dropped");
        assert!(
            finding.statement.contains("185150 rows a call"),
            "{finding:?}"
        );
    }

    #[test]
    fn before_the_incident_there_is_nothing_to_tell() {
        let first = [row(BY_CUSTOMER, 1_000, 10_000, 10_000)];
        let later = [row(BY_CUSTOMER, 1_553, 15_530, 15_530)];
        let indexes = [primary(&["id"]), plain("idx_customer", &["customer_id"])];
        assert_eq!(told(&indexes, &first, &later), None);
    }

    #[test]
    fn an_index_that_serves_one_condition_is_enough() {
        let text = "SELECT STATUS , COUNT ( * ) FROM `orders` WHERE `created_at` >= ? AND STATUS = ? GROUP BY STATUS";
        let now = [row(text, 47, 25_418_000, 47)];
        let served = [primary(&["id"]), plain("i", &["created_at"])];
        assert_eq!(told(&served, &[], &now), None);
        let finding = told(&[primary(&["id"])], &[], &now).unwrap();
        assert_eq!(finding.id, "statement_without_index");
        assert!(
            finding.remedy[0].step.contains("(status, created_at)"),
            "{finding:?}"
        );
    }

    #[test]
    fn an_index_hidden_from_the_optimizer_is_named() {
        let now = [row(BY_CUSTOMER, 10, 1_720_000, 100)];
        let hidden = Index {
            visible: false,
            ..plain("idx_customer", &["customer_id"])
        };
        let finding = told(&[primary(&["id"]), hidden], &[], &now).unwrap();
        assert_eq!(finding.id, "index_invisible");
        let step = "ALTER TABLE shop.orders ALTER INDEX idx_customer VISIBLE";
        assert_eq!(finding.remedy[0].step, step);
    }

    #[test]
    fn an_old_drop_and_a_join_that_reads_another_table_blame_nobody() {
        let text = "SELECT * FROM `customers` `c` JOIN `orders` `o` ON `o` . `customer_id` = `c` . `id` WHERE `c` . `email` LIKE ?";
        let now = [row(text, 10, 50_000, 10)];
        assert_eq!(told(&[primary(&["id"])], &[], &now), None);
    }
}
