//! Recording a source: samples in turn, then the whole at once under its name.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use storex_sources::{Limits, MySqlSource};

use crate::draft::Draft;
use crate::files::Caps;
use crate::items::items;
use crate::session::Session;
use crate::{Ended, Manifest, Recording, Sample, SnapshotError, Summary, logs, metrics};

/// Records `source` into a folder, or into an archive where `to` ends in `.tar.zst`.
///
/// A read that fails is recorded as failed and stops nothing. Nothing appears at `to` before the
/// whole has been written and read back, and what is there already is never replaced. On Unix
/// the result can be read by its owner only.
pub async fn record(
    source: &dyn MySqlSource,
    recording: &Recording<'_>,
    to: &Path,
) -> Result<Summary, SnapshotError> {
    record_within(source, recording, to, Caps::STANDARD).await
}

pub(crate) async fn record_within(
    source: &dyn MySqlSource,
    recording: &Recording<'_>,
    to: &Path,
    caps: Caps,
) -> Result<Summary, SnapshotError> {
    let plan = recording.plan;
    let mut items = items(recording)?;
    let mut draft = Draft::create(to, caps)?;
    let mut session = Session::open(source, recording);
    let server = session.server().await?;
    let recorded_at = session.now();
    let mut samples: Vec<Sample> = Vec::new();
    let mut ended = Ended::Complete;
    for number in 1..=plan.samples {
        if number > 1 && !session.pass().await? {
            ended = Ended::NoFurtherSample;
            break;
        }
        let earliest = samples.last().map(|last| next_instant(last.at));
        let taken = session.sample(number, &mut items, earliest, &draft).await?;
        let (id, captures) = (format!("{number:03}"), taken.captures.len());
        if !draft.write_sample(&id, taken.captures)? {
            if samples.is_empty() {
                return Err(caps.too_much());
            }
            ended = Ended::Full;
            break;
        }
        samples.push(Sample {
            id,
            at: taken.at,
            captures,
        });
    }
    let logs = match &recording.logs {
        Some(plan) => {
            let reader = plan.source.open(within(recording, plan.deadline));
            Some(logs::record(plan, recorded_at, reader.as_ref(), &mut draft).await?)
        }
        None => None,
    };
    let metrics = match &recording.metrics {
        Some(plan) => {
            let reader = plan.source.open(within(recording, plan.deadline));
            let cancel = &recording.cancel;
            Some(metrics::record(plan, reader.as_ref(), cancel, &mut draft).await?)
        }
        None => None,
    };
    let manifest = Manifest {
        format: Manifest::format_of(logs.is_some(), metrics.is_some()),
        storex: env!("CARGO_PKG_VERSION").to_owned(),
        recorded_at,
        instance: recording.instance.clone(),
        server,
        redaction: recording.redaction.name.clone(),
        samples,
        logs,
        metrics,
    };
    let description = draft.finish(&manifest)?;
    Ok(Summary { description, ended })
}

/// The bounds of what is read beside the samples.
fn within(recording: &Recording<'_>, time: Duration) -> Limits {
    Limits {
        deadline: Instant::now() + time,
        cancel: recording.cancel.clone(),
    }
}

fn next_instant(at: Timestamp) -> Timestamp {
    at.checked_add(SignedDuration::from_micros(1)).unwrap_or(at)
}
