//! `LATEST DETECTED DEADLOCK`: the transactions of the circle and the one rolled back.

use serde::Serialize;

use super::locks::{Lock, LockList};
use super::scan::{Scan, short, stamp};
use super::tally::{Read, Reader};
use super::transaction::Transaction;
use super::transaction_lines::TransactionLines;

/// Transactions kept of one deadlock; InnoDB gives up a search at 200.
const TRANSACTIONS_AT_MOST: usize = 256;

/// The latest deadlock since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Deadlock {
    /// The server's local time as printed.
    pub at: Option<String>,
    /// The thread that found it.
    pub thread: Option<String>,
    /// The transactions of the circle, two or more.
    pub transactions: Vec<DeadlockTransaction>,
    /// Further transactions printed, not listed.
    pub transactions_left_out: u64,
    /// The number of the transaction that was rolled back.
    pub rolled_back: Option<u64>,
    /// The search for a circle was given up as too long and the waiting transaction rolled back:
    /// not proof of a deadlock.
    pub search_given_up: bool,
}

/// A transaction in a deadlock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeadlockTransaction {
    /// Its number in the report, from 1.
    pub number: Option<u64>,
    /// The transaction.
    pub transaction: Transaction,
    /// Locks it holds that others of the circle want (MySQL; not for the first one before 8.0.18).
    pub holds: Vec<Lock>,
    /// The lock it waits for.
    pub waits_for: Vec<Lock>,
    /// Locks of others that it waits behind (MariaDB); whose they are says their `trx_id`.
    pub conflicts_with: Vec<Lock>,
}

/// Reads the section.
#[derive(Debug, Default)]
pub(super) struct DeadlockReader {
    out: Deadlock,
    open: Option<Open>,
}

/// The transaction being read.
#[derive(Debug, Default)]
struct Open {
    number: Option<u64>,
    lines: Option<TransactionLines>,
    part: Part,
    holds: LockList,
    waits_for: LockList,
    conflicts_with: LockList,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Transaction,
    Holds,
    WaitsFor,
    ConflictsWith,
}

/// A line that begins with `*** `.
#[derive(Debug, Clone, Copy)]
enum Mark {
    Transaction(Option<u64>),
    Part(Part),
    RolledBack(u64),
    Ends,
}

impl DeadlockReader {
    /// Whether a transaction was begun.
    pub(super) fn has_begun(&self) -> bool {
        self.open.is_some() || !self.out.transactions.is_empty()
    }

    /// Whether the line that names the victim was read: the last of a deadlock.
    pub(super) fn names_victim(&self) -> bool {
        self.out.rolled_back.is_some()
    }

    pub(super) fn finish(mut self) -> Deadlock {
        self.close();
        self.out
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        if self.out.transactions.len() >= TRANSACTIONS_AT_MOST {
            self.out.transactions_left_out += 1;
            return;
        }
        self.out.transactions.push(DeadlockTransaction {
            number: open.number,
            transaction: open.lines.map(TransactionLines::finish).unwrap_or_default(),
            holds: open.holds.into_locks(),
            waits_for: open.waits_for.into_locks(),
            conflicts_with: open.conflicts_with.into_locks(),
        });
    }

    fn mark(&mut self, mark: Mark) {
        match mark {
            Mark::Transaction(number) => {
                self.close();
                self.open = Some(Open {
                    number,
                    ..Open::default()
                });
            }
            Mark::Part(part) => self.open.get_or_insert_default().part = part,
            Mark::RolledBack(number) => {
                self.close();
                self.out.rolled_back = Some(number);
            }
            Mark::Ends => self.close(),
        }
    }

    fn head(&mut self, line: &str) -> Option<Read> {
        if line.starts_with("TOO DEEP OR LONG SEARCH IN THE LOCK TABLE WAITS-FOR GRAPH") {
            self.out.search_given_up = true;
            return Some(Read::Value);
        }
        let (time, thread, rest) = stamp(line)?;
        if !rest.is_empty() || self.out.at.is_some() {
            return None;
        }
        self.out.at = short(time);
        self.out.thread = thread;
        Some(Read::Value)
    }
}

impl Reader for DeadlockReader {
    fn line(&mut self, line: &str) -> Option<Read> {
        if let Some(mark) = mark(line) {
            self.mark(mark);
            return Some(Read::Structure);
        }
        match &mut self.open {
            Some(open) => open.line(line),
            None => self.head(line),
        }
    }

    fn blank(&mut self) {
        if let Some(Open {
            part: Part::Transaction,
            lines: Some(lines),
            ..
        }) = &mut self.open
        {
            lines.blank();
        }
    }
}

impl Open {
    fn line(&mut self, line: &str) -> Option<Read> {
        match self.part {
            Part::Transaction => TransactionLines::feed(&mut self.lines, line),
            Part::Holds => self.holds.line(line),
            Part::WaitsFor => self.waits_for.line(line),
            Part::ConflictsWith => self.conflicts_with.line(line),
        }
    }
}

/// `*** (1) HOLDS THE LOCK(S):`; MariaDB prints no number before the locks.
fn mark(line: &str) -> Option<Mark> {
    let mut scan = Scan::new(line);
    scan.lit("*** ")?;
    let mut number = None;
    if scan.eat("(") {
        number = Some(scan.number()?);
        scan.lit(") ")?;
    }
    if scan.eat("WE ROLL BACK TRANSACTION (") {
        let victim = scan.number()?;
        scan.lit(")")?;
        scan.end()?;
        return Some(Mark::RolledBack(victim));
    }
    Some(match scan.rest().trim_end() {
        "TRANSACTION:" => Mark::Transaction(number),
        "HOLDS THE LOCK(S):" => Mark::Part(Part::Holds),
        "WAITING FOR THIS LOCK TO BE GRANTED:" => Mark::Part(Part::WaitsFor),
        "CONFLICTING WITH:" => Mark::Part(Part::ConflictsWith),
        "TRANSACTION ENDS" => Mark::Ends,
        _ => return None,
    })
}
