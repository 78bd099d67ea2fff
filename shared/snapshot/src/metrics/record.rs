//! Takes the metrics of an instance into a draft.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use storex_series::{Grid, Kind, Series, Step};
use storex_sources::{Metrics, MetricsError, MissingSeries};
use tokio_util::sync::CancellationToken;

use super::{
    FOLDER, Listed, MetricsPlan, MissingMetrics, RecordedGrid, RecordedMetrics, codec,
    rows_in_piece,
};
use crate::SnapshotError;
use crate::draft::Draft;
use crate::manifest::broken;

/// How far back series are kept as finely as the store has them: an incident and the hours before it.
const FINE: Duration = Duration::from_secs(6 * 3_600);
/// Figures of a series that is kept finely, at most; Prometheus hands out 11,000.
const MOST_POINTS: i64 = 10_000;

/// Takes the metrics into a draft. What cannot be read is said and stops nothing.
pub(crate) async fn record(
    plan: &MetricsPlan<'_>,
    metrics: &dyn Metrics,
    cancel: &CancellationToken,
    draft: &mut Draft,
) -> Result<RecordedMetrics, SnapshotError> {
    let mut taken = RecordedMetrics {
        store: String::new(),
        grids: Vec::new(),
        missing: Vec::new(),
    };
    let facts = match metrics.about().await {
        Ok(facts) => facts,
        Err(error) => {
            taken.miss("metrics", &error);
            return stopped(cancel).map(|()| taken);
        }
    };
    taken.store = facts.store;
    let grids = grids(metrics.now(), plan.back, facts.resolution);
    let each = plan.bytes / grids.len().max(1) as u64;
    for (number, grid) in grids.into_iter().enumerate() {
        let mut stream = match metrics.scan(&grid, plan.series).await {
            Ok(stream) => stream,
            Err(error) => {
                stopped(cancel)?;
                taken.miss(&every(&grid), &error);
                continue;
            }
        };
        let mut pieces = Pieces::new(number + 1, grid, each, draft);
        let broken_off = loop {
            match stream.next().await {
                Ok(Some(batch)) => {
                    if !pieces.take(batch)? {
                        break None;
                    }
                }
                Ok(None) => break None,
                Err(error) => {
                    stopped(cancel)?;
                    break Some(error.to_string());
                }
            }
        };
        let full = !pieces.write()?;
        let kept = pieces.finish()?;
        let read = kept.as_ref().map_or(0, |kept| kept.series);
        let why = broken_off.or(full.then(|| "they would take too much room".to_owned()));
        if let Some(why) = why {
            let what = format!("{} after the first {read}", every(&grid));
            taken.missing.push(MissingMetrics { what, why });
        }
        taken.grids.extend(kept);
        taken.note(stream.missing());
    }
    Ok(taken)
}

/// A recording that was given up is told from one that took too long.
fn stopped(cancel: &CancellationToken) -> Result<(), SnapshotError> {
    if cancel.is_cancelled() {
        return Err(SnapshotError::Cancelled);
    }
    Ok(())
}

fn every(grid: &Grid) -> String {
    format!("series every {} s", grid.step().seconds())
}

/// The latest hours as finely as the store keeps them, and all hours at a minute or more, where those
/// are not the same.
fn grids(now: Timestamp, back: Duration, resolution: Step) -> Vec<Grid> {
    let grid = |back: Duration, least: u32| {
        let back = i64::try_from(back.as_secs()).unwrap_or(i64::MAX);
        let least = i64::from(least.max(resolution.seconds()));
        let times = back.div_euclid(MOST_POINTS.saturating_mul(least)) + 1;
        let step = u32::try_from(least.saturating_mul(times)).unwrap_or(u32::MAX);
        let from = now.checked_sub(SignedDuration::from_secs(back));
        Grid::new(from.unwrap_or(Timestamp::UNIX_EPOCH), now, Step::of(step))
    };
    let fine = grid(back.min(FINE), 1);
    let mut grids = vec![fine];
    if back > FINE {
        grids.push(grid(back, 60));
    }
    grids.retain(|grid| !grid.is_empty());
    grids
}

impl RecordedMetrics {
    fn miss(&mut self, what: &str, error: &MetricsError) {
        self.missing.push(MissingMetrics {
            what: what.to_owned(),
            why: error.to_string(),
        });
    }

    /// What the store said of it; once, though it is asked for each grid.
    fn note(&mut self, missing: &[MissingSeries]) {
        for MissingSeries { what, why, .. } in missing {
            let missing = MissingMetrics {
                what: what.clone(),
                why: why.clone(),
            };
            if !self.missing.contains(&missing) {
                self.missing.push(missing);
            }
        }
    }
}

/// Series of one grid on their way into the draft.
struct Pieces<'a> {
    number: usize,
    grid: Grid,
    left_bytes: u64,
    draft: &'a mut Draft,
    figures: Vec<f64>,
    listed: Vec<Listed>,
    files: Vec<String>,
    full: bool,
}

impl<'a> Pieces<'a> {
    fn new(number: usize, grid: Grid, bytes: u64, draft: &'a mut Draft) -> Self {
        Self {
            number,
            grid,
            left_bytes: bytes,
            draft,
            figures: Vec::new(),
            listed: Vec::new(),
            files: Vec::new(),
            full: false,
        }
    }

    /// Takes some series; `false` where there is no room for what comes after them.
    fn take(&mut self, batch: Vec<Series>) -> Result<bool, SnapshotError> {
        let points = self.grid.len();
        let whole = batch.into_iter().filter(|one| one.values.len() == points);
        for series in whole {
            self.listed.push(Listed {
                name: series.id.name,
                labels: series.id.labels,
                counter: series.kind == Kind::Counter,
                unit: series.unit.as_str().to_owned(),
            });
            self.figures.extend_from_slice(&series.values);
            if self.figures.len() >= rows_in_piece(points) * points && !self.write()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Writes what has come together. Where there is no room for it, it is as if it had not come.
    fn write(&mut self) -> Result<bool, SnapshotError> {
        let rows = self.figures.len() / self.grid.len().max(1);
        let figures = std::mem::take(&mut self.figures);
        if rows == 0 {
            return Ok(!self.full);
        }
        let piece = codec::encode(&figures).map_err(|error| self.draft.failed(error))?;
        let bytes = piece.len() as u64;
        if bytes > self.left_bytes || !self.draft.has_room_for(bytes) {
            self.listed.truncate(self.listed.len() - rows);
            self.full = true;
            return Ok(false);
        }
        self.left_bytes -= bytes;
        let file = format!(
            "{FOLDER}/{:03}-{:03}.zst",
            self.number,
            self.files.len() + 1
        );
        self.draft.write_beside(file.clone(), &piece)?;
        self.files.push(file);
        Ok(true)
    }

    /// Lists the series that were written; none where there was none.
    fn finish(self) -> Result<Option<RecordedGrid>, SnapshotError> {
        if self.listed.is_empty() {
            return Ok(None);
        }
        let index = format!("{FOLDER}/{:03}.json", self.number);
        let lines: Result<Vec<String>, _> = self.listed.iter().map(serde_json::to_string).collect();
        let lines = lines.map_err(|error| broken(&index, error))?;
        let text = format!("[\n{}\n]\n", lines.join(",\n"));
        self.draft.write_beside(index.clone(), text.as_bytes())?;
        Ok(Some(RecordedGrid {
            from: self.grid.start(),
            step_s: self.grid.step().seconds(),
            points: self.grid.len(),
            index,
            series: self.listed.len(),
            pieces: self.files,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(hours: u64, resolution: u32) -> Vec<(u32, usize)> {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let back = Duration::from_secs(hours * 3_600);
        let grids = grids(now, back, Step::of(resolution));
        let of = |grid: &Grid| (grid.step().seconds(), grid.len());
        grids.iter().map(of).collect()
    }

    #[test]
    fn the_latest_hours_are_kept_finely_and_days_at_a_minute() {
        assert_eq!(steps(2, 15), [(15, 480)]);
        assert_eq!(steps(6, 15), [(15, 1_440)]);
        assert_eq!(steps(24 * 6, 15), [(15, 1_440), (60, 8_640)]);
        assert_eq!(steps(24 * 8, 300), [(300, 72), (300, 2_304)]);
    }

    #[test]
    fn no_grid_has_more_points_than_a_store_hands_out() {
        assert_eq!(steps(6, 1), [(3, 7_200)]);
        assert_eq!(steps(24 * 30, 15), [(15, 1_440), (300, 8_640)]);
    }
}
