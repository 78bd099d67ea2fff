//! A whole snapshot in memory: everything is checked when it is opened, and each capture is parsed
//! again when it is read, so that memory is bounded by the size of the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use storex_sources::Value;

use crate::SnapshotError;
use crate::capture::{Capture, params_key};
use crate::files::{Caps, Files};
use crate::logs::is_log;
use crate::manifest::{MANIFEST, Manifest, broken, invalid, is_safe_name};
use crate::metrics::{self, Listed, RecordedGrid, RecordedMetrics, is_metrics};

/// A snapshot that was found whole.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) manifest: Manifest,
    /// Bytes of all files.
    pub(crate) unpacked_bytes: u64,
    /// Pieces of logs, by the file that holds them.
    logs: BTreeMap<String, Bytes>,
    /// Figures of metrics, by the file that holds them.
    metrics: BTreeMap<String, Bytes>,
    /// The series of each grid of the metrics.
    series: Vec<Vec<Listed>>,
    /// By probe, then parameters; each list is in the order of the samples.
    captures: BTreeMap<String, BTreeMap<String, Vec<Held>>>,
}

/// One capture's file.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) sample: usize,
    once: bool,
    file: String,
    text: Vec<u8>,
}

impl Held {
    pub(crate) fn parse(&self) -> Result<Capture, SnapshotError> {
        Capture::decode(&self.file, &self.text)
    }
}

impl Loaded {
    pub(crate) fn open(path: &Path, caps: Caps) -> Result<Self, SnapshotError> {
        let mut files = Files::load(path, caps)?;
        let unpacked_bytes = files.total_bytes();
        let manifest = files.take(MANIFEST).ok_or(SnapshotError::Unfinished)?;
        let manifest = Manifest::decode(&manifest)?;
        let mut loaded = Self {
            manifest,
            unpacked_bytes,
            logs: BTreeMap::new(),
            metrics: BTreeMap::new(),
            series: Vec::new(),
            captures: BTreeMap::new(),
        };
        let mut found = vec![0; loaded.manifest.samples.len()];
        for (file, text) in files.into_rest() {
            if is_log(&file) {
                loaded.logs.insert(file, text.into());
                continue;
            }
            if is_metrics(&file) {
                loaded.metrics.insert(file, text.into());
                continue;
            }
            let sample = loaded.hold(file, text)?;
            if let Some(count) = found.get_mut(sample) {
                *count += 1;
            }
        }
        for (sample, found) in loaded.manifest.samples.iter().zip(found) {
            if sample.captures != found {
                let (sample, expected) = (sample.id.clone(), sample.captures);
                return Err(SnapshotError::CaptureCount {
                    sample,
                    found,
                    expected,
                });
            }
        }
        loaded.check_logs()?;
        loaded.check_metrics()?;
        for held in loaded.captures.values_mut().flat_map(BTreeMap::values_mut) {
            held.sort_by_key(|held| held.sample);
        }
        Ok(loaded)
    }

    /// Every piece is there, once, and none that nobody lists.
    fn check_logs(&self) -> Result<(), SnapshotError> {
        let listed = self.manifest.logs.iter().flat_map(|logs| &logs.files);
        let mut pieces = BTreeSet::new();
        for log in listed {
            let held = log
                .pieces
                .iter()
                .map(|piece| self.log_piece(piece).len() as u64);
            if held.sum::<u64>() != log.bytes || !log.pieces.iter().all(|p| pieces.insert(p)) {
                let why = format!("the pieces of {} are not the bytes recorded", log.name);
                return Err(invalid(MANIFEST, why));
            }
        }
        match self.logs.keys().find(|file| !pieces.contains(file)) {
            Some(file) => Err(invalid(file, "snapshot.json does not list it; remove it")),
            None => Ok(()),
        }
    }

    /// Every file of the metrics is there and whole, and none that nobody lists; keeps the lists of series.
    fn check_metrics(&mut self) -> Result<(), SnapshotError> {
        let recorded = self.manifest.metrics.iter();
        let listed: BTreeSet<&String> = recorded.flat_map(RecordedMetrics::files).collect();
        if let Some(file) = self.metrics.keys().find(|file| !listed.contains(file)) {
            return Err(invalid(file, "snapshot.json does not list it; remove it"));
        }
        let grids = self.manifest.metrics.iter().flat_map(|all| &all.grids);
        let lists: Result<Vec<_>, _> = grids.map(|grid| self.check_grid(grid)).collect();
        self.series = lists?;
        Ok(())
    }

    fn check_grid(&self, grid: &RecordedGrid) -> Result<Vec<Listed>, SnapshotError> {
        let index = &grid.index;
        let text = self.metrics_file(index);
        let listed: Vec<Listed> =
            serde_json::from_slice(&text).map_err(|error| broken(index, error))?;
        if listed.len() != grid.series || listed.iter().any(|one| one.unit().is_none()) {
            let why = format!("it does not list {} series with units", grid.series);
            return Err(invalid(index, why));
        }
        for (number, piece) in grid.pieces.iter().enumerate() {
            let count = grid.rows_of(number).saturating_mul(grid.points);
            if !metrics::fits(&self.metrics_file(piece), count) {
                return Err(invalid(piece, "it does not hold the figures recorded"));
            }
        }
        Ok(listed)
    }

    /// The series of each grid of the metrics, in its order.
    pub(crate) fn series_lists(&self) -> impl Iterator<Item = &[Listed]> {
        self.series.iter().map(Vec::as_slice)
    }

    /// A file of the metrics; nothing where there is none of that name.
    pub(crate) fn metrics_file(&self, file: &str) -> Bytes {
        self.metrics.get(file).cloned().unwrap_or_default()
    }

    /// Bytes of a log; none where there is no such piece.
    pub(crate) fn log_piece(&self, piece: &str) -> Bytes {
        self.logs.get(piece).cloned().unwrap_or_default()
    }

    /// Checks one file and keeps it; returns the sample it belongs to.
    fn hold(&mut self, file: String, text: Vec<u8>) -> Result<usize, SnapshotError> {
        let (sample, probe, named) = split(&file)
            .ok_or_else(|| invalid(&file, "its name is not one a snapshot gives; remove it"))?;
        let known = self
            .manifest
            .samples
            .iter()
            .position(|known| known.id == sample);
        let Some(sample) = known else {
            let why = format!("snapshot.json lists no sample {sample}");
            return Err(invalid(&file, why));
        };
        let Capture { params, once, .. } = Capture::decode(&file, &text)?;
        if named == params.is_empty() {
            let why = "a capture with `params` lies in its probe's folder, one without beside it";
            return Err(invalid(&file, why));
        }
        let key = params_key(&params).map_err(|error| broken(&file, error))?;
        let held = self
            .captures
            .entry(probe.to_owned())
            .or_default()
            .entry(key)
            .or_default();
        if held.iter().any(|held| held.sample == sample) {
            return Err(invalid(
                &file,
                "another file of this sample has the same `params`",
            ));
        }
        held.push(Held {
            sample,
            once,
            file,
            text,
        });
        Ok(sample)
    }

    /// The capture that holds in `sample`: its own, or the latest earlier one that was taken once
    /// for all that follow.
    pub(crate) fn find(&self, probe: &str, params: &[Value], sample: usize) -> Option<&Held> {
        let held = self.captures.get(probe)?.get(&params_key(params).ok()?)?;
        held.iter()
            .rev()
            .filter(|held| held.sample <= sample)
            .find(|held| held.sample == sample || held.once)
    }

    /// All captures with the names of their probes.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Held)> {
        self.captures.iter().flat_map(|(probe, by_params)| {
            by_params
                .values()
                .flatten()
                .map(move |held| (probe.as_str(), held))
        })
    }
}

/// Sample, probe, and whether the file is named apart from its probe.
fn split(file: &str) -> Option<(&str, &str, bool)> {
    let mut parts = file
        .strip_prefix("state/")?
        .strip_suffix(".json")?
        .split('/');
    let (sample, probe, name) = (parts.next()?, parts.next()?, parts.next());
    let safe = is_safe_name(sample) && is_safe_name(probe) && name.is_none_or(is_safe_name);
    (safe && parts.next().is_none()).then_some((sample, probe, name.is_some()))
}
