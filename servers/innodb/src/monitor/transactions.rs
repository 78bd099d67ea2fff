//! `TRANSACTIONS`: the transaction system, purge, and every session's transaction.

use serde::Serialize;

use super::locks::{is_record_field, is_record_start, starts_lock};
use super::scan::{Scan, labelled, short};
use super::tally::{Read, Reader};
use super::transaction::{Transaction, TransactionState};
use super::transaction_lines::TransactionLines;

/// Transactions listed.
const BUSY_AT_MOST: usize = 5_000;
/// Sessions listed that have no transaction open: there can be as many as connections.
const IDLE_AT_MOST: usize = 500;

/// The transaction system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Transactions {
    /// The id the next transaction gets.
    pub next_trx_id: Option<u64>,
    /// Purge has finished all transactions below this number.
    pub purged_below_trx_no: Option<u64>,
    /// How far purge is within that transaction.
    pub purged_below_undo_no: Option<u64>,
    /// `running`, `running but idle`, `stopped`, `disabled`.
    pub purge_state: Option<String>,
    /// Committed changes that purge has not removed yet, in undo logs.
    pub history_list_length: Option<u64>,
    /// Lock structures in the record lock hash table (Percona Server and MySQL up to 5.5).
    pub row_lock_structs: Option<u64>,
    /// How many there are in each state, listed or not.
    pub counts: TransactionCounts,
    /// The transactions, in the order printed. MySQL leaves out those that have only read, so the
    /// one whose snapshot holds purge may not be here; MariaDB lists them.
    pub list: Vec<Transaction>,
    /// Transactions printed and counted, but not listed.
    pub left_out: u64,
}

/// Transactions by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TransactionCounts {
    /// Sessions without an open transaction.
    pub not_started: u64,
    /// Open.
    pub active: u64,
    /// Prepared.
    pub prepared: u64,
    /// In any other state.
    pub other: u64,
}

/// Reads the section.
#[derive(Debug, Default)]
pub(super) struct TransactionsReader {
    out: Transactions,
    idle: usize,
    busy: usize,
    open: Option<TransactionLines>,
}

impl TransactionsReader {
    pub(super) fn finish(mut self) -> Transactions {
        self.close();
        self.out
    }

    fn close(&mut self) {
        let Some(lines) = self.open.take() else {
            return;
        };
        let trx = lines.finish();
        let counts = &mut self.out.counts;
        *match trx.state {
            TransactionState::NotStarted => &mut counts.not_started,
            TransactionState::Active => &mut counts.active,
            TransactionState::Prepared => &mut counts.prepared,
            _ => &mut counts.other,
        } += 1;
        let (seen, at_most) = if trx.is_idle() {
            (&mut self.idle, IDLE_AT_MOST)
        } else {
            (&mut self.busy, BUSY_AT_MOST)
        };
        *seen += 1;
        if *seen <= at_most {
            self.out.list.push(trx);
        } else {
            self.out.left_out += 1;
        }
    }

    fn summary(&mut self, line: &str) -> Option<Read> {
        let mut scan = Scan::new(line);
        if scan.eat("Purge done for trx's n:o < ") {
            self.out.purged_below_trx_no = Some(scan.number()?);
            scan.lit(" undo n:o < ")?;
            self.out.purged_below_undo_no = Some(scan.number()?);
            if scan.eat(" state: ") {
                self.out.purge_state = short(scan.rest());
            }
            return Some(Read::Value);
        }
        if line == "LIST OF TRANSACTIONS FOR EACH SESSION:" {
            return Some(Read::Structure);
        }
        let (label, count) = labelled(line)?;
        *match label {
            "Trx id counter" => &mut self.out.next_trx_id,
            "History list length" => &mut self.out.history_list_length,
            "Total number of lock structs in row lock hash table" => &mut self.out.row_lock_structs,
            _ => return None,
        } = Some(count);
        Some(Read::Value)
    }
}

impl Reader for TransactionsReader {
    fn line(&mut self, line: &str) -> Option<Read> {
        if let Some(start) = line.strip_prefix("---")
            && let Some(lines) = TransactionLines::start(start)
        {
            self.close();
            self.open = Some(lines);
            return Some(Read::Value);
        }
        match &mut self.open {
            Some(open) => open.line(line),
            None => self.summary(line).or_else(|| orphan(line)),
        }
    }

    fn blank(&mut self) {
        if let Some(open) = &mut self.open {
            open.blank();
        }
    }
}

/// What is left of a transaction whose head the server cut off.
fn orphan(line: &str) -> Option<Read> {
    if starts_lock(line) {
        return Some(Read::LeftOut);
    }
    (is_record_start(line) || is_record_field(line)).then_some(Read::Record)
}
