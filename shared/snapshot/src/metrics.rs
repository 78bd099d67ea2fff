//! Metrics in a snapshot: every series of the instance over some hours, as its store kept them. The
//! latest hours are kept as finely as the store has them, all hours at a minute or more, so that what is
//! normal can be told too.

mod codec;
mod record;
mod resample;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use storex_series::{Grid, Kind, SeriesId, Step, Unit};
use storex_sources::MetricsSource;

use crate::SnapshotError;
use crate::manifest::{MANIFEST, invalid};

pub(crate) use codec::{decode, fits};
pub(crate) use record::record;
pub(crate) use resample::{counted, gauged};

/// The folder of their files.
pub(crate) const FOLDER: &str = "recorded-metrics";

/// Which metrics to keep.
pub struct MetricsPlan<'a> {
    /// Where they are.
    pub source: &'a dyn MetricsSource,
    /// How far back from the start of the recording.
    pub back: Duration,
    /// Series at most; signals come first.
    pub series: usize,
    /// Bytes they may take in the snapshot at most.
    pub bytes: u64,
    /// How long reading them may take.
    pub deadline: Duration,
}

/// The metrics of a snapshot, as `snapshot.json` lists them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedMetrics {
    /// The store they came from, as it called itself.
    pub store: String,
    /// The same series at one step or more, the finest first.
    pub grids: Vec<RecordedGrid>,
    /// What could not be kept, and why.
    pub missing: Vec<MissingMetrics>,
}

/// Series with figures for the same moments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedGrid {
    /// The first moment.
    pub from: Timestamp,
    /// Seconds between two moments.
    pub step_s: u32,
    /// How many moments there are.
    pub points: usize,
    /// The file of the snapshot that lists the series.
    pub index: String,
    /// How many it lists.
    pub series: usize,
    /// The files that hold their figures, in turn.
    pub pieces: Vec<String>,
}

/// Metrics, or some of them, that could not be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingMetrics {
    /// Which.
    pub what: String,
    /// Why, for a person.
    pub why: String,
}

/// A series as its grid's index lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listed {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) labels: BTreeMap<String, String>,
    /// Whether it is a counter.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) counter: bool,
    /// As answers write it; empty for things.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) unit: String,
}

const UNITS: [Unit; 6] = [
    Unit::Count,
    Unit::PerSecond,
    Unit::Seconds,
    Unit::Bytes,
    Unit::BytesPerSecond,
    Unit::Share,
];

impl Listed {
    pub(crate) fn id(&self) -> SeriesId {
        SeriesId {
            name: self.name.clone(),
            labels: self.labels.clone(),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        if self.counter {
            Kind::Counter
        } else {
            Kind::Gauge
        }
    }

    pub(crate) fn unit(&self) -> Option<Unit> {
        UNITS.into_iter().find(|unit| unit.as_str() == self.unit)
    }
}

/// Whether a file of a snapshot belongs to its metrics.
pub(crate) fn is_metrics(file: &str) -> bool {
    file.strip_prefix(FOLDER)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Series one piece holds: some MiB of figures, so that one series is read without all others.
pub(crate) fn rows_in_piece(points: usize) -> usize {
    const PIECE_BYTES: usize = 4 << 20;
    (PIECE_BYTES / (points.max(1) * size_of::<f64>())).max(1)
}

impl RecordedGrid {
    /// Its moments.
    pub(crate) fn grid(&self) -> Grid {
        let step = Step::of(self.step_s);
        let end = i64::from(self.step_s).saturating_mul(i64::try_from(self.points).unwrap_or(0));
        let end = self.from.as_second().saturating_add(end);
        let end = Timestamp::from_second(end).unwrap_or(self.from);
        Grid::new(self.from, end, step)
    }

    /// Series its piece of this place holds.
    pub(crate) fn rows_of(&self, piece: usize) -> usize {
        let each = rows_in_piece(self.points);
        self.series.saturating_sub(piece * each).min(each)
    }
}

/// The most figures a series of a snapshot has: a month at a quarter of a minute, with room.
const MOST_POINTS: usize = 200_000;

impl RecordedMetrics {
    /// What can be checked without the files it names.
    pub(crate) fn check(&self) -> Result<(), SnapshotError> {
        let wrong = |why: String| Err(invalid(MANIFEST, why));
        let mut files = HashSet::new();
        for recorded in &self.grids {
            let grid = recorded.grid();
            let whole = recorded.step_s > 0
                && grid.start() == recorded.from
                && grid.len() == recorded.points
                && (1..=MOST_POINTS).contains(&recorded.points);
            if !whole {
                return wrong(format!("`metrics` from {} are on no grid", recorded.from));
            }
            let pieces = recorded.series.div_ceil(rows_in_piece(recorded.points));
            if recorded.pieces.len() != pieces {
                let (found, series) = (recorded.pieces.len(), recorded.series);
                return wrong(format!(
                    "{series} series of `metrics` are in {pieces} pieces, not in {found}"
                ));
            }
            let named = std::iter::once(&recorded.index).chain(&recorded.pieces);
            for file in named {
                if !is_metrics(file) || !files.insert(file) {
                    return wrong(format!(
                        "`metrics` name the file {file:?}, or name it twice"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Every file it names.
    pub(crate) fn files(&self) -> impl Iterator<Item = &String> {
        self.grids
            .iter()
            .flat_map(|grid| std::iter::once(&grid.index).chain(&grid.pieces))
    }
}
