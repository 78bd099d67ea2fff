//! The seams through which tools read a database and its logs and metrics: traits for live and replayed sources,
//! and the small types they speak. A tool cannot tell a live source from a replayed one; even the clock
//! comes from the source.

mod clock;
mod decode;
mod error;
mod logs;
mod metrics;
mod mysql;
mod probe;
mod rows;
mod server;

pub use clock::wall_clock;
pub use error::{Blame, SourceError};
pub use logs::{
    Bisection, Compression, Covered, EntryAt, LeftOut, LogChunk, LogError, LogFile, LogGap,
    LogKind, LogListing, LogName, LogRange, LogReport, LogStream, LogTimes, Logs, LogsSource,
    ReadFile, Span, StreamState, Unread, UnreadWhy, Window, WindowRead,
};
pub use metrics::{
    Fetched, Golden, Metrics, MetricsError, MetricsSource, MissingSeries, SIGNALS, SeriesStream,
    Signal, StoreFacts, Wanted, Worse, signal,
};
pub use mysql::{EXPLAIN, Limits, MySql, MySqlSource};
pub use probe::{Needs, Probe, Statement};
pub use rows::{Rows, Value};
pub use server::{Flavour, Server, Vendor, Version};
pub use storex_statement::Explainable;
