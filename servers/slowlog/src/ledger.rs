//! What statements cost by the performance schema, where no slow log is configured: two samples of the
//! digest summary, the distribution of times and the history of statements, as one list with the figures
//! a slow log's digest has, as far as the server counts them.
//!
//! Reading one costs a server with 4,800 digests 130 ms of a CPU on MySQL 9.7 (the distribution of times
//! half of it) and 20 ms on MariaDB 10.11: with ten seconds between the samples 1.3 % and 0.2 % of a CPU.
//!
//! It tells of the time between the samples, that is of now. Not told are bytes sent, who ran every
//! statement (who was seen running it is), and statements that still run.

mod assemble;
#[cfg(test)]
mod captured;
mod read;
mod sample;
mod statement;
mod times;

pub use read::{Ledger, read};
pub use sample::{HistoryRow, LedgerSample};
pub use statement::{LedgerStatement, Rest, Seen};
pub use times::{BucketRow, Times};
