//! Records any source into a folder or a `.tar.zst` of it and replays it as a source. The format
//! is described in `docs/snapshots.md`.
//!
//! A snapshot stores state, not calls: the rows of every probe at several moments, so that any
//! tool, called in any order, is answered from it. What it does not hold is said to be
//! [`NotCaptured`](storex_sources::SourceError::NotCaptured), never invented.

mod archive;
mod capture;
mod cell;
mod describe;
mod draft;
mod error;
mod failure;
mod files;
mod items;
mod loaded;
mod logs;
mod manifest;
mod metrics;
mod plan;
mod record;
mod replay;
mod replay_logs;
mod replay_metrics;
mod session;
#[cfg(test)]
mod tests;

pub use describe::{Description, Failed, SampleDescription, describe};
pub use error::SnapshotError;
pub use logs::{LogsPlan, MissingLog, RecordedLog, RecordedLogs};
pub use manifest::{FORMAT, Manifest, Sample};
pub use metrics::{MetricsPlan, MissingMetrics, RecordedGrid, RecordedMetrics};
pub use plan::{Ended, Plan, Progress, Read, Recording, Redaction, Summary};
pub use record::record;
pub use replay::Replay;
pub use replay_logs::ReplayLogs;
pub use replay_metrics::ReplayMetrics;
