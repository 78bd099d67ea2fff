//! Puts a transaction together from its lines.
//!
//! After the session's line comes the statement, as sent and without an end mark: everything is
//! statement until a line only the monitor prints.

use super::locks::{LockList, is_record_field, starts_lock};
use super::session::Session;
use super::statement::StatementText;
use super::tally::Read;
use super::transaction::Transaction;

const WAIT_ENDS: &str = "------------------";

/// A transaction being read.
#[derive(Debug)]
pub(super) struct TransactionLines {
    trx: Transaction,
    statement: Option<StatementText>,
    /// Lines belong to the lock it waits for.
    in_wait: bool,
    waits_for: LockList,
    locks: LockList,
}

impl TransactionLines {
    /// `TRANSACTION 14965, ACTIVE 0 sec …`
    pub(super) fn start(line: &str) -> Option<Self> {
        Some(Self {
            trx: Transaction::start(line)?,
            statement: None,
            in_wait: false,
            waits_for: LockList::default(),
            locks: LockList::default(),
        })
    }

    /// Gives a line to a transaction, which the first line begins.
    pub(super) fn feed(slot: &mut Option<Self>, line: &str) -> Option<Read> {
        if let Some(lines) = slot {
            return lines.line(line);
        }
        *slot = Some(Self::start(line)?);
        Some(Read::Value)
    }

    pub(super) fn line(&mut self, line: &str) -> Option<Read> {
        if self.trx.waiting(line).is_some() {
            self.in_wait = true;
            self.end_statement();
            return Some(Read::Value);
        }
        if starts_lock(line) || (self.statement.is_none() && is_record(line)) {
            self.end_statement();
            return self.lock_line(line);
        }
        if self.in_wait && line == WAIT_ENDS {
            self.in_wait = false;
            return Some(Read::Structure);
        }
        if self.trx.below(line).is_some() {
            self.end_statement();
            return Some(Read::Value);
        }
        if let Some(statement) = &mut self.statement {
            statement.line(line);
            return Some(Read::Statement);
        }
        if self.trx.session.is_some() {
            return None;
        }
        if let Some(session) = Session::parse(line) {
            self.trx.session = Some(session);
            self.statement = Some(StatementText::default());
            return Some(Read::Value);
        }
        self.trx.body(line).map(|()| Read::Value)
    }

    pub(super) fn blank(&mut self) {
        if let Some(statement) = &mut self.statement {
            statement.blank();
        }
    }

    pub(super) fn finish(mut self) -> Transaction {
        self.end_statement();
        self.trx.waits_for = self.waits_for.into_locks();
        self.trx.locks = self.locks.into_locks();
        self.trx
    }

    fn lock_line(&mut self, line: &str) -> Option<Read> {
        if self.in_wait {
            self.waits_for.line(line)
        } else {
            self.locks.line(line)
        }
    }

    fn end_statement(&mut self) {
        if let Some(statement) = self.statement.take() {
            (self.trx.statement, self.trx.statement_cut) = statement.finish();
        }
    }
}

fn is_record(line: &str) -> bool {
    line.starts_with("Record lock, heap no ") || is_record_field(line)
}
