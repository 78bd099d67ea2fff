//! Locks as printed by the lock system: `RECORD LOCKS …` and `TABLE LOCK …`.

use std::fmt;

use serde::Serialize;

use super::scan::{Scan, short};
use super::tally::Read;

/// Locks listed for one transaction; a transaction can hold millions.
const LOCKS_AT_MOST: usize = 1_000;
/// Places of records kept of one lock: enough to tell whether two locks meet.
const HEAP_NOS_AT_MOST: usize = 32;

/// A lock on a table, or on records of one index page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lock {
    /// What is locked.
    pub target: LockTarget,
    /// The table.
    pub table: TableName,
    /// The transaction that holds the lock or waits for it.
    pub trx_id: Option<u64>,
    /// `X`, `S`, `IX`, `IS` or `AUTO-INC`.
    pub mode: Option<String>,
    /// Which part of the index a record lock covers; next-key where nothing is printed.
    pub covers: Option<Covers>,
    /// An insert waits for, or has taken, a place in a gap.
    pub insert_intention: bool,
    /// It is requested, not granted.
    pub waiting: bool,
    /// Physical records printed for it. Their content, row data, is not kept.
    pub records: u64,
    /// Where on the page those records are: tells rows apart without showing them. 1 is the end of
    /// the page (the supremum pseudo-record).
    #[serde(skip)]
    pub heap_nos: Vec<u32>,
    /// What follows that is not understood.
    pub extra: Option<String>,
}

/// What a lock locks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum LockTarget {
    /// The whole table.
    Table,
    /// Records on a page of an index.
    Records {
        /// Tablespace id.
        space_id: u64,
        /// Page number within it.
        page_no: u64,
        /// Size of the lock's bitmap: about the number of records on the page.
        n_bits: u64,
        /// Index name.
        index: String,
    },
}

/// What part of an index a record lock covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    /// The record and the gap before it.
    NextKey,
    /// The record only.
    Record,
    /// The gap before the record only.
    Gap,
}

/// A table's name as printed, without its quotes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TableName {
    /// Schema, where one is printed.
    pub schema: Option<String>,
    /// Table.
    pub table: String,
    /// Partition and subpartition, where the table has them.
    pub partition: Option<String>,
}

impl fmt::Display for TableName {
    /// `shop.orders`, without the partition.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.table),
            None => f.write_str(&self.table),
        }
    }
}

impl TableName {
    /// `` `shop`.`orders` /* Partition `p0` */ ``
    pub(super) fn scan(scan: &mut Scan<'_>) -> Option<Self> {
        let first = scan.name()?;
        let (schema, table) = if scan.eat(".") {
            (Some(first), scan.name()?)
        } else {
            (None, first)
        };
        let partition = if scan.eat(" /* ") {
            short(&scan.until(" */")?.replace('`', ""))
        } else {
            None
        };
        Some(Self {
            schema,
            table,
            partition,
        })
    }
}

/// Collects the locks printed one below the other, each followed by its records.
#[derive(Debug, Default)]
pub(super) struct LockList {
    locks: Vec<Lock>,
    full: bool,
}

impl LockList {
    pub(super) fn into_locks(self) -> Vec<Lock> {
        self.locks
    }

    /// Takes a lock's line or one of its records.
    pub(super) fn line(&mut self, line: &str) -> Option<Read> {
        if is_record_start(line) {
            if !self.full
                && let Some(lock) = self.locks.last_mut()
            {
                lock.records += 1;
                if lock.heap_nos.len() < HEAP_NOS_AT_MOST {
                    lock.heap_nos.extend(heap_no(line));
                }
            }
            return Some(Read::Record);
        }
        if is_record_field(line) {
            return Some(Read::Record);
        }
        let lock = lock(line)?;
        if self.locks.len() >= LOCKS_AT_MOST {
            self.full = true;
            return Some(Read::LeftOut);
        }
        self.locks.push(lock);
        Some(Read::Value)
    }
}

/// Whether a line begins a lock.
pub(super) fn starts_lock(line: &str) -> bool {
    line.starts_with("RECORD LOCKS space id ") || line.starts_with("TABLE LOCK table ")
}

/// `Record lock, heap no 4 PHYSICAL RECORD: n_fields 5; compact format; info bits 0`
pub(super) fn is_record_start(line: &str) -> bool {
    ["Record lock, heap no ", "PHYSICAL RECORD: ", "DATA TUPLE: "]
        .iter()
        .any(|start| line.starts_with(start))
}

/// The record's place on its page.
fn heap_no(line: &str) -> Option<u32> {
    let mut scan = Scan::new(line);
    scan.lit("Record lock, heap no ")?;
    scan.number()
}

/// ` 0: len 4; hex 00000003; asc     ;;` or ` 3: SQL NULL;`
pub(super) fn is_record_field(line: &str) -> bool {
    let mut scan = Scan::new(line);
    scan.number::<u64>().is_some()
        && scan.eat(": ")
        && ["len ", "SQL NULL", "SQL DEFAULT"]
            .iter()
            .any(|kind| scan.rest().starts_with(kind))
}

fn lock(line: &str) -> Option<Lock> {
    let mut scan = Scan::new(line);
    let target = if scan.eat("TABLE LOCK table ") {
        LockTarget::Table
    } else {
        scan.lit("RECORD LOCKS space id ")?;
        let space_id = scan.number()?;
        scan.lit(" page no ")?;
        let page_no = scan.number()?;
        scan.lit(" n bits ")?;
        let n_bits = scan.number()?;
        scan.lit(" index ")?;
        let index = short(scan.until(" of table ")?.trim_matches('`'))?;
        LockTarget::Records {
            space_id,
            page_no,
            n_bits,
            index,
        }
    };
    let table = TableName::scan(&mut scan)?;
    percona_table_locks(&mut scan);
    let trx_id = if scan.eat(" trx id ") {
        scan.number()
    } else {
        None
    };
    let mut lock = Lock {
        covers: matches!(target, LockTarget::Records { .. }).then_some(Covers::NextKey),
        target,
        table,
        trx_id,
        mode: None,
        insert_intention: false,
        waiting: false,
        records: 0,
        heap_nos: Vec::new(),
        extra: None,
    };
    mode_and_flags(&mut lock, scan);
    Some(lock)
}

/// ` trx table locks 3 total table locks 2 ` in Percona Server up to 5.7.
fn percona_table_locks(scan: &mut Scan<'_>) {
    let mut ahead = *scan;
    if ahead.eat(" trx table locks ")
        && ahead.number::<u64>().is_some()
        && ahead.eat(" total table locks ")
        && ahead.number::<u64>().is_some()
        && ahead.eat(" ")
    {
        *scan = ahead;
    }
}

/// ` lock_mode X locks gap before rec insert intention waiting`
fn mode_and_flags(lock: &mut Lock, mut scan: Scan<'_>) {
    if scan.eat(" lock_mode ") || scan.eat(" lock mode ") {
        let mode = scan.rest().split(' ').next().unwrap_or_default();
        lock.mode = short(mode);
        scan.eat(mode);
    }
    loop {
        if scan.eat(" locks gap before rec") {
            lock.covers = Some(Covers::Gap);
        } else if scan.eat(" locks rec but not gap") {
            lock.covers = Some(Covers::Record);
        } else if scan.eat(" insert intention") {
            lock.insert_intention = true;
        } else if scan.eat(" waiting") {
            lock.waiting = true;
        } else {
            break;
        }
    }
    lock.extra = short(scan.rest());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_lock_is_read_to_its_last_word() {
        let line = "RECORD LOCKS space id 8 page no 5 n bits 152 index idx_customer of table \
                    `shop`.`orders` /* Partition `p0` */ trx id 14965 lock_mode X locks gap before \
                    rec insert intention waiting";
        let lock = lock(line).unwrap();
        assert_eq!(lock.table.partition.as_deref(), Some("Partition p0"));
        assert_eq!(lock.trx_id, Some(14_965));
        assert_eq!(
            (lock.mode.as_deref(), lock.covers),
            (Some("X"), Some(Covers::Gap))
        );
        assert!(lock.insert_intention && lock.waiting);
        assert_eq!(lock.extra, None);
    }

    #[test]
    fn a_lock_without_words_after_its_mode_is_next_key() {
        let line = "RECORD LOCKS space id 4 page no 4 n bits 72 index GEN_CLUST_INDEX of table \
                    `test`.`t` trx id 7747 lock mode S";
        let lock = lock(line).unwrap();
        assert_eq!(
            (lock.mode.as_deref(), lock.covers),
            (Some("S"), Some(Covers::NextKey))
        );
        assert!(!lock.waiting);
    }

    #[test]
    fn a_table_named_like_a_lock_is_only_a_name() {
        let lock = lock(
            "TABLE LOCK table `d`.`t` trx id 7 lock mode X` trx id 9 lock mode AUTO-INC waiting",
        );
        let lock = lock.unwrap();
        assert_eq!(lock.table.table, "t");
        let line = "TABLE LOCK table `d`.`t`` trx id 7` trx id 9 lock mode AUTO-INC waiting";
        let lock = super::lock(line).unwrap();
        assert_eq!(
            (lock.table.table.as_str(), lock.trx_id),
            ("t` trx id 7", Some(9))
        );
        assert_eq!(
            (lock.mode.as_deref(), lock.waiting),
            (Some("AUTO-INC"), true)
        );
    }

    #[test]
    fn percona_counters_after_the_lock_are_kept_as_extra() {
        let line = "RECORD LOCKS space id 1155 page no 1421 n bits 112 index `PRIMARY` of table \
                    `a`.`b` trx table locks 3 total table locks 2  trx id 286 lock_mode X locks \
                    rec but not gap waiting lock hold time 0 wait time before grant 0 ";
        let lock = lock(line).unwrap();
        assert_eq!((lock.trx_id, lock.waiting), (Some(286), true));
        assert_eq!(
            lock.extra.as_deref(),
            Some("lock hold time 0 wait time before grant 0")
        );
    }

    #[test]
    fn a_line_cut_before_the_table_is_not_a_lock() {
        assert_eq!(lock("RECORD LOCKS space id 8 page no"), None);
        assert_eq!(lock("TABLE LOCK table `shop`.`ord"), None);
    }
}
