//! One transaction, as printed in the list, in a deadlock and in a foreign key error.

use serde::Serialize;

use super::locks::Lock;
use super::scan::{Scan, short};
use super::session::Session;

/// A transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Transaction {
    /// Its id. MySQL prints one above 2^48, made of an address, for a transaction that has not
    /// written; MariaDB prints none for it.
    pub id: Option<u64>,
    /// The address MariaDB prints where there is no id.
    pub address: Option<String>,
    /// How far it is.
    pub state: TransactionState,
    /// Seconds since it began.
    pub active_s: Option<u64>,
    /// What it does inside InnoDB: `starting index read`, `inserting`, `fetching rows`.
    pub doing: Option<String>,
    /// It has no session: it was open when the server stopped and was taken up again at start-up,
    /// or (MariaDB) it is prepared and its client has gone.
    pub recovered: bool,
    /// Entries left before it must queue again under `innodb_thread_concurrency`.
    pub inside_innodb_tickets: Option<u64>,
    /// Waiting for a lock, rolling back or committing.
    pub work: Option<Work>,
    /// Tables its statement uses.
    pub tables_in_use: Option<u64>,
    /// Tables its statement has locked at the server's level.
    pub tables_locked: Option<u64>,
    /// Lock structures: one per table, and one per index page and mode.
    pub lock_structs: Option<u64>,
    /// Memory of its locks.
    pub lock_heap_bytes: Option<u64>,
    /// Records locked: an estimate.
    pub row_locks: Option<u64>,
    /// Row changes it would have to undo.
    pub undo_log_entries: Option<u64>,
    /// It holds the latch of the adaptive hash index.
    pub holds_adaptive_hash_latch: bool,
    /// Whose it is; none for recovered and background transactions.
    pub session: Option<Session>,
    /// The statement it runs, at most 4 KiB of it. Hostile text, with literals.
    pub statement: Option<String>,
    /// The statement was longer than is kept.
    pub statement_cut: bool,
    /// Its snapshot.
    pub read_view: Option<ReadView>,
    /// How long it has waited for a lock, in microseconds (MySQL counts whole seconds).
    pub waiting_us: Option<u64>,
    /// The lock it waits for.
    pub waits_for: Vec<Lock>,
    /// Its locks, where `innodb_status_output_locks` is on.
    pub locks: Vec<Lock>,
    /// What Percona Server adds.
    pub lock_waits: Option<LockWaits>,
}

/// How far a transaction is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TransactionState {
    /// A session without an open transaction.
    #[default]
    NotStarted,
    /// Open.
    Active,
    /// Prepared: by `XA PREPARE`, or for a moment while the binary log is written.
    Prepared,
    /// Committed, its locks are being released.
    CommittedInMemory,
    /// Rolled back on behalf of another transaction.
    ForcedRollback,
    /// A state this parser does not know.
    Other,
}

/// What a transaction is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Waiting for a lock.
    LockWait,
    /// Rolling back.
    RollingBack,
    /// Committing.
    Committing,
}

/// The snapshot of a consistent read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReadView {
    /// Transactions from this id on began after it and are not seen.
    pub not_seen_from: u64,
    /// Transactions below this id had ended and are seen. Purge stops at the lowest of all views.
    pub seen_below: u64,
}

/// Percona Server's waits of one transaction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LockWaits {
    /// Waits for record locks.
    pub record_waits: Option<u64>,
    /// Waits for table locks.
    pub table_waits: Option<u64>,
    /// Seconds waited for record locks.
    pub record_waited_s: Option<u64>,
    /// Seconds waited for table locks.
    pub table_waited_s: Option<u64>,
}

impl Transaction {
    /// `TRANSACTION 14965, ACTIVE 0 sec starting index read, thread declared inside InnoDB 5000`
    pub(super) fn start(line: &str) -> Option<Self> {
        let mut scan = Scan::new(line);
        scan.lit("TRANSACTION ")?;
        let mut trx = Self::default();
        if scan.eat("(") {
            trx.address = short(scan.until(")")?);
        } else {
            trx.id = Some(scan.number()?);
        }
        scan.lit(", ")?;
        let (text, tickets) = match scan.rest().split_once(", thread declared inside InnoDB ") {
            Some((text, tickets)) => (text, Some(tickets.trim().parse().ok()?)),
            None => (scan.rest(), None),
        };
        trx.inside_innodb_tickets = tickets;
        let doing = trx.state_of(text)?.trim();
        trx.recovered = doing.ends_with("recovered trx");
        trx.doing = short(doing.strip_suffix("recovered trx").unwrap_or(doing));
        Some(trx)
    }

    /// Takes the state and answers what follows it.
    fn state_of<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let mut scan = Scan::new(text);
        self.state = if scan.eat("not started") {
            TransactionState::NotStarted
        } else if scan.eat("forced rollback") {
            TransactionState::ForcedRollback
        } else if scan.eat("COMMITTED IN MEMORY") {
            TransactionState::CommittedInMemory
        } else if scan.eat("ACTIVE (PREPARED)") {
            self.active_s = scan.number();
            scan.eat(" sec");
            TransactionState::Prepared
        } else if scan.eat("ACTIVE ") {
            self.active_s = Some(scan.number()?);
            scan.lit(" sec")?;
            TransactionState::Active
        } else {
            scan.lit("state ")?;
            scan.number::<u64>()?;
            TransactionState::Other
        };
        Some(scan.rest())
    }

    /// Takes a line between the first and the session's.
    pub(super) fn body(&mut self, line: &str) -> Option<()> {
        let mut scan = Scan::new(line);
        if scan.eat("mysql tables in use ") {
            let in_use = scan.number()?;
            scan.lit(", locked ")?;
            self.tables_locked = Some(scan.number()?);
            self.tables_in_use = Some(in_use);
            return scan.end();
        }
        self.work_and_locks(line)
    }

    /// `LOCK WAIT 3 lock struct(s), heap size 1128, 2 row lock(s), undo log entries 1`
    fn work_and_locks(&mut self, line: &str) -> Option<()> {
        let works = [
            ("LOCK WAIT ", Work::LockWait),
            ("ROLLING BACK ", Work::RollingBack),
            ("COMMITTING ", Work::Committing),
        ];
        let mut scan = Scan::new(line);
        let work = works
            .into_iter()
            .find_map(|(word, work)| scan.eat(word).then_some(work));
        let structs: Option<u64> = scan.number();
        let (mut heap, mut rows) = (None, None);
        if structs.is_some() {
            scan.lit(" lock struct(s), heap size ")?;
            heap = Some(scan.number()?);
            scan.lit(", ")?;
            rows = Some(scan.number()?);
            scan.lit(" row lock(s)")?;
        }
        let latch = scan.eat(", holds adaptive hash latch");
        let undo = if scan.eat(", undo log entries ") {
            Some(scan.number()?)
        } else {
            None
        };
        scan.end()?;
        if work.is_none() && structs.is_none() && undo.is_none() && !latch {
            return None;
        }
        self.work = work;
        self.lock_structs = structs;
        self.lock_heap_bytes = heap;
        self.row_locks = rows;
        self.holds_adaptive_hash_latch = latch;
        self.undo_log_entries = undo;
        Some(())
    }

    /// Takes a line the monitor prints below the statement.
    pub(super) fn below(&mut self, line: &str) -> Option<()> {
        let mut scan = Scan::new(line);
        if scan.eat("Trx read view will not see trx with id >= ") {
            let not_seen_from = scan.number()?;
            scan.lit(", sees < ")?;
            self.read_view = Some(ReadView {
                not_seen_from,
                seen_below: scan.number()?,
            });
            return scan.end();
        }
        let waits = self.lock_waits.unwrap_or_default();
        self.lock_waits = Some(if scan.eat("Trx #rec lock waits ") {
            let record_waits = Some(scan.number()?);
            scan.lit(" #table lock waits ")?;
            LockWaits {
                record_waits,
                table_waits: Some(scan.number()?),
                ..waits
            }
        } else if scan.eat("Trx total rec lock wait time ") {
            LockWaits {
                record_waited_s: Some(scan.number()?),
                ..waits
            }
        } else {
            scan.lit("Trx total table lock wait time ")?;
            LockWaits {
                table_waited_s: Some(scan.number()?),
                ..waits
            }
        });
        Some(())
    }

    /// `------- TRX HAS BEEN WAITING 12680 us FOR THIS LOCK TO BE GRANTED:`
    pub(super) fn waiting(&mut self, line: &str) -> Option<()> {
        let mut scan = Scan::new(line);
        scan.lit("------- TRX HAS BEEN WAITING ")?;
        let waited: u64 = scan.number()?;
        let waited = if scan.eat(" SEC ") {
            waited.saturating_mul(1_000_000)
        } else {
            scan.lit(" us ")?;
            waited
        };
        scan.lit("FOR THIS LOCK TO BE GRANTED:")?;
        self.waiting_us = Some(waited);
        Some(())
    }

    /// A session's line without anything a reader could want: no transaction, no locks.
    pub(super) fn is_idle(&self) -> bool {
        self.state == TransactionState::NotStarted
            && self.session.is_none()
            && self.row_locks.unwrap_or(0) == 0
            && self.locks.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_read_in_all_its_states() {
        let read = |text: &str| {
            let trx = Transaction::start(text).unwrap();
            (trx.state, trx.active_s, trx.doing, trx.recovered)
        };
        let doing = |text: &str| Some(text.to_owned());
        assert_eq!(
            read(
                "TRANSACTION 7, ACTIVE 3 sec starting index read, thread declared inside InnoDB 9"
            ),
            (
                TransactionState::Active,
                Some(3),
                doing("starting index read"),
                false
            )
        );
        assert_eq!(
            read("TRANSACTION (0x7f16b9927180), not started"),
            (TransactionState::NotStarted, None, None, false)
        );
        assert_eq!(
            read("TRANSACTION 9, ACTIVE (PREPARED) 21 sec recovered trx"),
            (TransactionState::Prepared, Some(21), None, true)
        );
        assert_eq!(
            read("TRANSACTION 9, COMMITTED IN MEMORY committing"),
            (
                TransactionState::CommittedInMemory,
                None,
                doing("committing"),
                false
            )
        );
        assert_eq!(Transaction::start("TRANSACTION 9"), None);
        assert_eq!(Transaction::start("TRANSACTION 9, ACTIVE"), None);
    }

    #[test]
    fn the_lock_line_is_read_in_parts() {
        let read = |text: &str| {
            let mut trx = Transaction::default();
            trx.body(text)?;
            Some((trx.work, trx.lock_structs, trx.undo_log_entries))
        };
        assert_eq!(
            read("LOCK WAIT 3 lock struct(s), heap size 1128, 2 row lock(s), undo log entries 1"),
            Some((Some(Work::LockWait), Some(3), Some(1)))
        );
        assert_eq!(
            read("ROLLING BACK "),
            Some((Some(Work::RollingBack), None, None))
        );
        assert_eq!(read(", undo log entries 5"), Some((None, None, Some(5))));
        assert_eq!(read("SELECT 1"), None);
        assert_eq!(read("3 lock struct(s), heap"), None);
    }
}
