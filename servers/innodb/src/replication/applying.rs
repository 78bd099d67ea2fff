//! What an applier is at work on: the transaction, its rows and tables, and what it waits for. Pure.

use std::collections::HashMap;

use storex_tool::without_literals;

use super::rows::{AppliedLockRow, TableRow, ThreadRow, WorkerRow};
use super::sample::Sample;
use crate::sessions::TrxRow;

/// A transaction being applied.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Applying {
    /// Connection id of the thread.
    pub thread: Option<u64>,
    /// Its identifier, on MySQL.
    pub gtid: Option<String>,
    /// InnoDB's number for it, which tells it from the next on MariaDB.
    pub trx_id: Option<String>,
    /// Seconds since this server began with it.
    pub age_s: f64,
    /// Rows changed so far.
    pub rows: Option<u64>,
    /// Rows changed a second, from two samples.
    pub rows_per_s: Option<f64>,
    /// Whether the first sample already showed it.
    pub long: bool,
    /// The thread's state, in the server's words.
    pub state: Option<String>,
    /// The statement, where the source logs it.
    pub statement: Option<String>,
    /// Seconds it has waited for a row lock.
    pub row_lock_wait_s: Option<i64>,
    /// What it waits for, where the metadata locks show it: `shop.orders`, `GLOBAL`.
    pub waits_for: Option<String>,
    /// The tables it changes.
    pub tables: Vec<Table>,
}

/// A table being changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// Whether a key names its rows; unknown when absent.
    pub has_key: Option<bool>,
}

impl Applying {
    /// Whether it stands still for a lock, in its state or its locks.
    pub fn waits(&self) -> bool {
        let waits = |state: &str| {
            state.starts_with("Waiting for ")
                && (state.ends_with(" lock") || state.contains("backup lock"))
        };
        self.row_lock_wait_s.is_some()
            || self.waits_for.is_some()
            || self.state.as_deref().is_some_and(waits)
    }

    /// The change of a definition it is, in two words: `ALTER TABLE`. Its statement is always in the
    /// binary log.
    pub fn schema_change(&self) -> Option<String> {
        const VERBS: [&str; 6] = ["ALTER", "CREATE", "DROP", "OPTIMIZE", "TRUNCATE", "RENAME"];
        let sql = without_literals(self.statement.as_deref()?).to_ascii_uppercase();
        let mut words = sql.split(|c: char| !c.is_ascii_alphabetic());
        let (verb, object) = (words.next()?, words.next()?);
        VERBS.contains(&verb).then(|| format!("{verb} {object}"))
    }

    /// The application that ran the statement, where a comment in the sqlcommenter format says so.
    pub fn application(&self) -> Option<&str> {
        let (_, rest) = self.statement.as_deref()?.split_once("application='")?;
        rest.split('\'').next().filter(|name| !name.is_empty())
    }

    /// Whether it only waits for its turn behind another transaction.
    pub fn waits_its_turn(&self) -> bool {
        let state = self.state.as_deref().unwrap_or_default();
        state.starts_with("Waiting for preceding transaction")
            || state.starts_with("Waiting for prior transaction")
            || state.starts_with("Waiting for dependent transaction")
    }
}

/// What MySQL's workers are at, longest first.
pub fn applying_of_workers(workers: &[&WorkerRow], sample: &Sample) -> Vec<Applying> {
    let at_work = workers.iter().filter_map(|worker| {
        let gtid = worker.applying.as_deref().filter(|gtid| !gtid.is_empty())?;
        // A stopped worker still names the transaction it failed at.
        let thread = worker.id?;
        let trx = transaction(sample, thread);
        Some(Applying {
            thread: Some(thread),
            gtid: (gtid != "ANONYMOUS").then(|| gtid.to_owned()),
            trx_id: trx.map(|trx| trx.trx_id.clone()),
            age_s: worker.applying_age_s.unwrap_or_default().max(0.0),
            rows: trx.map(|trx| trx.rows_modified),
            state: worker.state.clone(),
            statement: worker.info.clone(),
            row_lock_wait_s: row_lock_wait(trx),
            ..Applying::default()
        })
    });
    longest_first(at_work.collect())
}

/// What applier threads in the process list are at: those with an open transaction, changing a
/// definition, or waiting for a lock before they could begin.
pub fn applying_of_threads(sample: &Sample) -> Vec<Applying> {
    let at_work = sample.threads.iter().filter_map(|thread| {
        if !thread.applies() && !is_mysql_applier(thread) {
            return None;
        }
        let trx = transaction(sample, thread.id);
        let applying = Applying {
            thread: Some(thread.id),
            trx_id: trx.map(|trx| trx.trx_id.clone()),
            age_s: trx.and_then(|trx| trx.age_s).unwrap_or_default().max(0) as f64,
            rows: trx.map(|trx| trx.rows_modified),
            state: thread.state.clone(),
            statement: thread.info.clone(),
            row_lock_wait_s: row_lock_wait(trx),
            ..Applying::default()
        };
        if trx.is_some() {
            return Some(applying);
        }
        let at_work = applying.waits() || applying.schema_change().is_some();
        at_work.then(|| Applying {
            age_s: thread.time_s.unwrap_or_default().max(0) as f64,
            ..applying
        })
    });
    longest_first(at_work.collect())
}

/// Without the performance schema MySQL shows its appliers as the system's queries.
fn is_mysql_applier(thread: &ThreadRow) -> bool {
    thread.user.as_deref() == Some("system user") && thread.command.as_deref() == Some("Query")
}

fn transaction(sample: &Sample, thread: u64) -> Option<&TrxRow> {
    sample.transactions.iter().find(|trx| trx.id == thread)
}

fn row_lock_wait(trx: Option<&TrxRow>) -> Option<i64> {
    let trx = trx.filter(|trx| trx.state == "LOCK WAIT")?;
    Some(trx.wait_s.unwrap_or_default())
}

fn longest_first(mut applying: Vec<Applying>) -> Vec<Applying> {
    applying.sort_by(|a, b| b.age_s.total_cmp(&a.age_s));
    applying
}

/// Adds the tables and waits the metadata locks show.
pub fn add_locks(applying: &mut [Applying], locks: &[AppliedLockRow]) {
    for lock in locks {
        let of_thread = |applying: &&mut Applying| applying.thread == Some(lock.id);
        let Some(applying) = applying.iter_mut().find(of_thread) else {
            continue;
        };
        let (schema, name) = (
            lock.object_schema.as_deref().unwrap_or_default(),
            lock.object_name.as_deref().unwrap_or_default(),
        );
        if lock.lock_status.as_deref() == Some("PENDING") {
            applying.waits_for = Some(match name {
                "" => lock.object_type.clone().unwrap_or_default(),
                name => format!("{schema}.{name}"),
            });
        } else if lock.object_type.as_deref() == Some("TABLE") && schema != "mysql" {
            add_table(applying, schema, name, lock.has_key);
        }
    }
}

/// Adds a table once.
pub fn add_table(applying: &mut Applying, schema: &str, name: &str, has_key: Option<bool>) {
    let known = |table: &Table| table.schema == schema && table.name == name;
    if !applying.tables.iter().any(known) {
        applying.tables.push(Table {
            schema: schema.to_owned(),
            name: name.to_owned(),
            has_key,
        });
    }
}

/// Tells of each table whether a key names its rows, from the list of those without.
pub fn add_keys(applying: &mut Applying, without_key: &[TableRow]) {
    for table in &mut applying.tables {
        let name = format!("{}/{}", table.schema, table.name);
        let is_it = |row: &TableRow| row.name.split('#').next() == Some(&name);
        table.has_key = Some(!without_key.iter().any(is_it));
    }
}

/// Rows changed since the first sample, by thread and transaction.
pub fn add_rates(before: &[Applying], after: &mut [Applying], seconds: f64) {
    let earlier: HashMap<_, _> = before
        .iter()
        .map(|applying| ((applying.thread, identity(applying)), applying))
        .collect();
    for applying in after {
        let Some(first) = earlier.get(&(applying.thread, identity(applying))) else {
            continue;
        };
        applying.long = true;
        let rows = applying.rows.zip(first.rows);
        applying.rows_per_s = rows
            .and_then(|(now, then)| now.checked_sub(then))
            .filter(|_| seconds > 0.0)
            .map(|rows| (rows as f64 / seconds).round());
    }
}

fn identity(applying: &Applying) -> Option<String> {
    let known = applying.gtid.as_ref().or(applying.trx_id.as_ref());
    known.or(applying.statement.as_ref()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_the_list_has_no_key_and_partitions_are_their_table() {
        let rows = ["shop/nokey", "shop/parts#P#p0"].map(|name| TableRow { name: name.into() });
        let mut applying = Applying::default();
        for table in ["nokey", "parts", "orders"] {
            add_table(&mut applying, "shop", table, None);
            add_table(&mut applying, "shop", table, None);
        }
        add_keys(&mut applying, &rows);
        let keys: Vec<_> = applying.tables.iter().map(|table| table.has_key).collect();
        assert_eq!(keys, [Some(false), Some(false), Some(true)]);
    }

    #[test]
    fn tables_and_waits_are_told_by_the_locks_of_the_thread() {
        let lock = |id, kind: &str, name: Option<&str>, status: &str| AppliedLockRow {
            id,
            object_type: Some(kind.into()),
            object_schema: name.map(|_| "shop".to_owned()),
            object_name: name.map(str::to_owned),
            lock_status: Some(status.into()),
            has_key: Some(false),
        };
        let mut applying = [Applying {
            thread: Some(13),
            ..Applying::default()
        }];
        let locks = [
            lock(13, "TABLE", Some("nokey"), "GRANTED"),
            lock(14, "TABLE", Some("other"), "GRANTED"),
            lock(13, "GLOBAL", None, "PENDING"),
        ];
        add_locks(&mut applying, &locks);
        assert_eq!(applying[0].tables.len(), 1);
        assert_eq!(applying[0].tables[0].has_key, Some(false));
        assert_eq!(applying[0].waits_for.as_deref(), Some("GLOBAL"));
    }

    #[test]
    fn a_transaction_seen_twice_has_a_rate_and_another_has_none() {
        let at = |trx: &str, rows| Applying {
            thread: Some(8),
            trx_id: Some(trx.into()),
            rows: Some(rows),
            ..Applying::default()
        };
        let mut after = [at("77", 3_595)];
        add_rates(&[at("77", 351)], &mut after, 2.0);
        assert_eq!((after[0].long, after[0].rows_per_s), (true, Some(1_622.0)));
        let mut other = [at("78", 10)];
        add_rates(&[at("77", 351)], &mut other, 2.0);
        assert_eq!((other[0].long, other[0].rows_per_s), (false, None));
    }

    #[test]
    fn the_application_is_read_from_the_comment() {
        let applying = Applying {
            statement: Some(
                "UPDATE t SET a = 1 /*application='nightly-batch',route='jobs'*/".into(),
            ),
            ..Applying::default()
        };
        assert_eq!(applying.application(), Some("nightly-batch"));
        assert_eq!(Applying::default().application(), None);
    }

    #[test]
    fn a_change_of_a_definition_is_told_from_a_change_of_rows() {
        let runs = |sql: &str| Applying {
            statement: Some(sql.into()),
            ..Applying::default()
        };
        let alter = runs("/* deploy */ alter table shop.orders add key (status)");
        assert_eq!(alter.schema_change().as_deref(), Some("ALTER TABLE"));
        assert_eq!(runs("UPDATE t SET a = 1").schema_change(), None);
        assert_eq!(Applying::default().schema_change(), None);
    }

    #[test]
    fn waiting_for_a_lock_is_told_from_waiting_for_ones_turn() {
        let in_state = |state: &str| Applying {
            state: Some(state.into()),
            ..Applying::default()
        };
        for state in [
            "Waiting for global read lock",
            "Waiting for backup lock",
            "Waiting for table metadata lock",
        ] {
            assert!(in_state(state).waits(), "{state}");
        }
        for state in [
            "Waiting for preceding transaction to commit",
            "Applying batch of row changes (update)",
        ] {
            assert!(!in_state(state).waits(), "{state}");
        }
        assert!(in_state("Waiting for preceding transaction to commit").waits_its_turn());
    }
}
