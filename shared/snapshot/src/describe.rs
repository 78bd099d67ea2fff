//! What a snapshot holds, for a person.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use crate::files::Caps;
use crate::loaded::Loaded;
use crate::{Manifest, RecordedMetrics, SnapshotError};

/// What a snapshot holds. Shown with `{}` it is a short text for a terminal.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The content of `snapshot.json`.
    pub manifest: Manifest,
    /// The probes it holds in any sample.
    pub probes: BTreeSet<String>,
    /// What each sample holds, in the order of the samples.
    pub samples: Vec<SampleDescription>,
    /// Bytes of its files, unpacked: about what a replay keeps in memory.
    pub unpacked_bytes: u64,
}

/// What one sample holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SampleDescription {
    /// Reads that were answered.
    pub answered: usize,
    /// Rows in all of them.
    pub rows: usize,
    /// Reads that failed.
    pub failed: Vec<Failed>,
}

/// A read that failed when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The probe.
    pub probe: String,
    /// Why, in a word: `denied`, `timed_out`.
    pub kind: &'static str,
}

/// Opens a snapshot, checks all of it and says what it holds.
pub fn describe(path: &Path) -> Result<Description, SnapshotError> {
    Description::of(&Loaded::open(path, Caps::STANDARD)?)
}

impl Description {
    pub(crate) fn of(loaded: &Loaded) -> Result<Self, SnapshotError> {
        let mut probes = BTreeSet::new();
        let mut samples = vec![SampleDescription::default(); loaded.manifest.samples.len()];
        for (probe, held) in loaded.all() {
            probes.insert(probe.to_owned());
            let Some(sample) = samples.get_mut(held.sample) else {
                continue;
            };
            match held.parse()?.outcome {
                Ok(rows) => {
                    sample.answered += 1;
                    sample.rows += rows.rows.len();
                }
                Err(failure) => {
                    let (probe, kind) = (probe.to_owned(), failure.kind());
                    sample.failed.push(Failed { probe, kind });
                }
            }
        }
        let (manifest, unpacked_bytes) = (loaded.manifest.clone(), loaded.unpacked_bytes);
        Ok(Self {
            manifest,
            probes,
            samples,
            unpacked_bytes,
        })
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Manifest {
            storex,
            recorded_at,
            instance,
            server,
            redaction,
            ..
        } = &self.manifest;
        let probes = self.probes.len();
        let size = self.unpacked_bytes.div_ceil(1024);
        writeln!(
            f,
            "{server}; samples: {}; probes: {probes}; size: {size} KiB",
            self.samples.len()
        )?;
        writeln!(f, "recorded {recorded_at} by storex {}", printable(storex))?;
        writeln!(
            f,
            "redaction: {}",
            printable(redaction.as_deref().unwrap_or("none"))
        )?;
        if let Some(logs) = &self.manifest.logs {
            let bytes: u64 = logs.files.iter().map(|log| log.bytes).sum();
            writeln!(
                f,
                "logs: {} files, {} KiB, from {} on, as they were written: they hold literals",
                logs.files.len(),
                bytes.div_ceil(1024),
                logs.from
            )?;
            for missing in &logs.missing {
                writeln!(
                    f,
                    "  not kept of the {} log: {}",
                    printable(&missing.log),
                    printable(&missing.why)
                )?;
            }
        }
        if let Some(metrics) = &self.manifest.metrics {
            write_metrics(f, metrics)?;
        }
        for (name, value) in instance {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            writeln!(f, "{}: {}", printable(name), printable(&text))?;
        }
        for (sample, held) in self.manifest.samples.iter().zip(&self.samples) {
            write!(
                f,
                "  {}  {}  answered {}",
                sample.id, sample.at, held.answered
            )?;
            write!(f, ", rows {}", held.rows)?;
            for (at, Failed { probe, kind }) in held.failed.iter().enumerate() {
                write!(
                    f,
                    "{}{probe} ({kind})",
                    if at == 0 { "; failed: " } else { ", " }
                )?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

fn write_metrics(f: &mut fmt::Formatter<'_>, metrics: &RecordedMetrics) -> fmt::Result {
    for grid in &metrics.grids {
        writeln!(
            f,
            "metrics: {} series every {} s from {} on, of {}",
            grid.series,
            grid.step_s,
            grid.from,
            printable(&metrics.store)
        )?;
    }
    for missing in &metrics.missing {
        let (what, why) = (printable(&missing.what), printable(&missing.why));
        writeln!(f, "  not kept of the metrics: {what}: {why}")?;
    }
    Ok(())
}

/// A snapshot may come from anyone: nothing in it may steer a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect()
}
