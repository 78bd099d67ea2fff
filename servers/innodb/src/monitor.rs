//! Reads `SHOW ENGINE INNODB STATUS`: text in, typed value out. Pure, and never fails.
//!
//! The text is made for people and differs between MySQL 8.0, 8.4 and 9, MariaDB 10.6 to 11.8 and
//! Percona Server. Every figure is optional; every line is accounted for in [`Lines`], and what is
//! not understood is kept in [`Monitor::unparsed`] and [`Monitor::other_sections`]. Statements,
//! users and hosts are hostile text: a statement can imitate the monitor's own lines, so a value
//! read below a statement is evidence, not proof.
//!
//! Sentences are documented in the MySQL Reference Manual, "InnoDB Standard Monitor and Lock
//! Monitor Output", and checked against servers' output in `fixtures/monitor`.

mod background;
mod buffer_pool;
mod change_buffer;
mod deadlock;
pub mod deadlock_log;
mod file_io;
mod foreign_key;
mod header;
mod latch_wait;
mod locks;
mod log_prefix;
mod other;
mod redo_log;
mod row_operations;
mod scan;
mod sections;
mod semaphores;
mod session;
mod statement;
mod tally;
#[cfg(test)]
mod tests;
mod transaction;
mod transaction_lines;
mod transactions;

use serde::Serialize;

pub use background::Background;
pub use buffer_pool::{BufferPool, HashMemory, PoolPages};
pub use change_buffer::{AdaptiveHash, BufferedChanges, ChangeBuffer, HashPart};
pub use deadlock::{Deadlock, DeadlockTransaction};
pub use file_io::{FileIo, IoThread};
pub use foreign_key::{ForeignKeyCause, ForeignKeyError};
pub use header::Header;
pub use latch_wait::{LatchMode, LatchWait, Place};
pub use locks::{Covers, Lock, LockTarget, TableName};
pub use other::OtherSection;
pub use redo_log::RedoLog;
pub use row_operations::{OldestView, RowCounts, RowOperations};
pub use semaphores::{Semaphores, Spins};
pub use session::Session;
pub use tally::{Lines, Unparsed, WindowAverage};
pub use transaction::{LockWaits, ReadView, Transaction, TransactionState, Work};
pub use transactions::{TransactionCounts, Transactions};

use change_buffer::ChangeBufferReader;
use deadlock::DeadlockReader;
use foreign_key::ForeignKeyReader;
use other::OtherReader;
use sections::{Kind, Section};
use semaphores::SemaphoresReader;
use tally::Tally;
use transactions::TransactionsReader;

/// The server cuts its own text at 1 MiB.
const TEXT_BYTES: usize = 2 * 1024 * 1024;
const OTHER_SECTIONS_AT_MOST: usize = 16;

/// What `SHOW ENGINE INNODB STATUS` says. A section that was not printed is `None`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Monitor {
    /// When it was printed.
    pub header: Header,
    /// The master thread.
    pub background: Option<Background>,
    /// Waits for InnoDB's own latches.
    pub semaphores: Option<Semaphores>,
    /// The latest foreign key error, if there was one.
    pub foreign_key_error: Option<ForeignKeyError>,
    /// The latest deadlock, if there was one.
    pub deadlock: Option<Deadlock>,
    /// Transactions and purge.
    pub transactions: Option<Transactions>,
    /// File I/O.
    pub file_io: Option<FileIo>,
    /// The change buffer.
    pub change_buffer: Option<ChangeBuffer>,
    /// The adaptive hash index.
    pub adaptive_hash: Option<AdaptiveHash>,
    /// The redo log.
    pub redo_log: Option<RedoLog>,
    /// The buffer pool.
    pub buffer_pool: Option<BufferPool>,
    /// Row operations.
    pub row_operations: Option<RowOperations>,
    /// Averages over `header.averages_over_s`, as printed. Never current rates.
    pub averages_window: Vec<WindowAverage>,
    /// Sections of other names.
    pub other_sections: Vec<OtherSection>,
    /// Names of sections printed again inside another: a statement imitates the monitor, or the
    /// text is not one monitor's.
    pub imitated_sections: Vec<String>,
    /// Lines not understood, the first 200 of them; `lines.unparsed` counts all.
    pub unparsed: Vec<Unparsed>,
    /// What became of every line.
    pub lines: Lines,
    /// Some of the text is missing: it does not end as the monitor ends, the server left out the
    /// head of its list of transactions, or it was longer than is read.
    pub truncated: bool,
    /// The server left out the head of its list of transactions: the text was over 1 MiB.
    pub transactions_cut: bool,
    /// The server could not look at its locks and left transactions out.
    pub lock_info_skipped: bool,
}

/// Reads the monitor's text, at most 2 MiB of it.
pub fn parse(text: &str) -> Monitor {
    let read = scan::capped(text, TEXT_BYTES);
    let layout = sections::split(read);
    let mut tally = Tally::default();
    let mut monitor = Monitor {
        imitated_sections: layout.imitated,
        ..Monitor::default()
    };
    let mut ended = false;
    for section in &layout.sections {
        tally.header(section.header_lines);
        ended |= section.kind == Kind::End;
        monitor.take(section, &mut tally);
    }
    if let Some(log) = &mut monitor.redo_log {
        log.derive();
    }
    monitor.truncated = !ended || tally.cut_by_server || read.len() < text.len();
    monitor.transactions_cut = tally.cut_by_server;
    monitor.lock_info_skipped = tally.lock_info_skipped;
    monitor.averages_window = tally.averages;
    monitor.unparsed = tally.unparsed;
    monitor.lines = tally.lines;
    monitor
}

impl Monitor {
    fn take(&mut self, section: &Section<'_>, tally: &mut Tally) {
        match section.kind {
            Kind::Start | Kind::End => tally.read(section, &mut self.header),
            Kind::Background => tally.read(section, self.background.get_or_insert_default()),
            Kind::Semaphores => {
                let mut reader = SemaphoresReader::default();
                tally.read(section, &mut reader);
                self.semaphores = Some(reader.finish());
            }
            Kind::ForeignKeyError => {
                let mut reader = ForeignKeyReader::default();
                tally.read(section, &mut reader);
                self.foreign_key_error = Some(reader.finish());
            }
            Kind::Deadlock => {
                let mut reader = DeadlockReader::default();
                tally.read(section, &mut reader);
                self.deadlock = Some(reader.finish());
            }
            Kind::Transactions => {
                let mut reader = TransactionsReader::default();
                tally.read(section, &mut reader);
                self.transactions = Some(reader.finish());
            }
            Kind::FileIo => tally.read(section, self.file_io.get_or_insert_default()),
            Kind::ChangeBuffer | Kind::AdaptiveHash => {
                let mut reader = ChangeBufferReader::default();
                tally.read(section, &mut reader);
                self.change_buffer = reader.change_buffer.or(self.change_buffer.take());
                self.adaptive_hash = reader.adaptive_hash.or(self.adaptive_hash.take());
            }
            Kind::Log => tally.read(section, self.redo_log.get_or_insert_default()),
            Kind::BufferPool | Kind::BufferPools => {
                tally.read(section, self.buffer_pool.get_or_insert_default());
            }
            Kind::RowOperations => {
                tally.read(section, self.row_operations.get_or_insert_default());
            }
            Kind::Other => self.take_other(section, tally),
        }
    }

    fn take_other(&mut self, section: &Section<'_>, tally: &mut Tally) {
        let mut reader = OtherReader::named(section.name);
        tally.read(section, &mut reader);
        if self.other_sections.len() < OTHER_SECTIONS_AT_MOST {
            self.other_sections.push(reader.finish());
        }
    }
}
