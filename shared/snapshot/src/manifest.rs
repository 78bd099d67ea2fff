//! `snapshot.json`: what was recorded, of which server, when, and in how many samples.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use storex_sources::Server;

use crate::SnapshotError;
use crate::logs::RecordedLogs;
use crate::metrics::RecordedMetrics;

/// The latest format this build writes and reads: snapshots with metrics.
pub const FORMAT: u64 = 3;
/// The format of a snapshot with logs and without metrics.
const WITHOUT_METRICS: u64 = 2;
/// The format of a snapshot without either, which an earlier storex reads too.
const WITHOUT_LOGS: u64 = 1;

/// The file's name in the snapshot.
pub(crate) const MANIFEST: &str = "snapshot.json";

/// The content of `snapshot.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The format of the recording.
    pub format: u64,
    /// The storex version that recorded it.
    pub storex: String,
    /// The source's time when the recording began.
    pub recorded_at: Timestamp,
    /// Facts of the instance (name, cluster, region, ...) as the recorder was given them.
    pub instance: serde_json::Map<String, serde_json::Value>,
    /// The server that was recorded.
    pub server: Server,
    /// Which redaction was applied before anything was written; `None` where none was.
    pub redaction: Option<String>,
    /// The samples, each later than the one before.
    pub samples: Vec<Sample>,
    /// The logs, where they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<RecordedLogs>,
    /// The metrics, where they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<RecordedMetrics>,
}

/// One moment at which all probes were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The name of its folder below `state/`.
    pub id: String,
    /// The source's time when the last of its probes had answered: "now" in a replay, so that no
    /// row is from the future.
    pub at: Timestamp,
    /// How many files it holds, so that a copy that is not whole is noticed.
    pub captures: usize,
}

/// Read first, so that a later format is named instead of stumbled over.
#[derive(Deserialize)]
struct Header {
    format: u64,
    #[serde(default)]
    storex: serde_json::Value,
}

impl Manifest {
    /// The earliest format that holds what was recorded.
    pub(crate) fn format_of(logs: bool, metrics: bool) -> u64 {
        match (metrics, logs) {
            (true, _) => FORMAT,
            (false, true) => WITHOUT_METRICS,
            (false, false) => WITHOUT_LOGS,
        }
    }

    /// The text of the file.
    pub(crate) fn encode(&self) -> Result<String, SnapshotError> {
        let mut text =
            serde_json::to_string_pretty(self).map_err(|error| broken(MANIFEST, error))?;
        text.push('\n');
        Ok(text)
    }

    /// Reads and checks the file.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let header: Header =
            serde_json::from_slice(bytes).map_err(|error| broken(MANIFEST, error))?;
        if header.format > FORMAT {
            let storex = header.storex.as_str().unwrap_or("of that format");
            return Err(SnapshotError::Newer {
                found: header.format,
                known: FORMAT,
                storex: storex
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(40)
                    .collect(),
            });
        }
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| broken(MANIFEST, error))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<(), SnapshotError> {
        let invalid = |why: String| invalid(MANIFEST, why);
        if self.format == 0 {
            return Err(invalid("there is no format 0".into()));
        }
        if self.samples.is_empty() {
            return Err(invalid("it lists no sample".into()));
        }
        if let Some(logs) = &self.logs {
            if self.format <= WITHOUT_LOGS {
                return Err(invalid("`logs` are of format 2".into()));
            }
            logs.check()?;
        }
        if let Some(metrics) = &self.metrics {
            if self.format <= WITHOUT_METRICS {
                return Err(invalid("`metrics` are of format 3".into()));
            }
            metrics.check()?;
        }
        let mut ids = HashSet::new();
        let mut before = None;
        for sample in &self.samples {
            if !is_safe_name(&sample.id) {
                let why = format!(
                    "sample id {:?} is not 1 to 64 letters, digits, `_` or `-`",
                    sample.id
                );
                return Err(invalid(why));
            }
            if !ids.insert(sample.id.to_ascii_lowercase()) {
                return Err(invalid(format!("sample id {} is used twice", sample.id)));
            }
            if before.is_some_and(|before| before >= sample.at) {
                return Err(invalid(format!(
                    "sample {} is not later than the one before it",
                    sample.id
                )));
            }
            before = Some(sample.at);
        }
        Ok(())
    }
}

/// Whether `name` can name a file or folder on every system.
pub(crate) fn is_safe_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// A JSON error of `file`.
pub(crate) fn broken(file: &str, source: serde_json::Error) -> SnapshotError {
    SnapshotError::Json {
        file: file.to_owned(),
        line: source.line(),
        source,
    }
}

/// A contradiction in `file`.
pub(crate) fn invalid(file: &str, why: impl Into<String>) -> SnapshotError {
    SnapshotError::Invalid {
        file: file.to_owned(),
        why: why.into(),
    }
}
