//! The corpus as it lies in its folder: `data/*/*.csv`, `labels/combined_windows.json` and
//! `labels/combined_labels.json`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use storex_series::{Grid, Step};

/// An anomaly as people labelled it.
pub(crate) struct Label {
    /// Points at which a flag counts. Reaches to both sides of the anomaly.
    pub(crate) window: Range<usize>,
    /// The point of the anomaly; of some windows it is not told.
    pub(crate) at: Option<usize>,
}

/// A labelled series on a grid.
pub(crate) struct Labelled {
    /// Folder and name of its file.
    pub(crate) name: String,
    pub(crate) grid: Grid,
    /// NaN where the file has no row.
    pub(crate) values: Vec<f64>,
    /// What is labelled, in order.
    pub(crate) labels: Vec<Label>,
}

impl Labelled {
    pub(crate) fn days(&self) -> f64 {
        self.values.len() as f64 * f64::from(self.grid.step().seconds()) / 86_400.0
    }
}

/// Every series, in the order of names.
pub(crate) fn read(folder: &Path) -> Result<Vec<Labelled>> {
    let windows: BTreeMap<String, Vec<(String, String)>> = labels(folder, "combined_windows.json")?;
    let moments: BTreeMap<String, Vec<String>> = labels(folder, "combined_labels.json")?;
    windows
        .into_iter()
        .map(|(name, windows)| {
            let text = std::fs::read_to_string(folder.join("data").join(&name))
                .with_context(|| format!("failed to read {name}"))?;
            let moments = moments.get(&name).context("a series without labels")?;
            series(name, &text, &windows, moments)
        })
        .collect()
}

fn labels<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T> {
    let text = std::fs::read_to_string(folder.join("labels").join(name))
        .with_context(|| format!("failed to read {name}"))?;
    Ok(serde_json::from_str(&text)?)
}

fn series(
    name: String,
    text: &str,
    windows: &[(String, String)],
    moments: &[String],
) -> Result<Labelled> {
    let mut rows = Vec::new();
    for line in text.lines().skip(1) {
        let (at, value) = line.split_once(',').context("a row without a comma")?;
        rows.push((moment(at)?, value.trim().parse::<f64>()?));
    }
    let step = Step::of(u32::try_from(usual_step(&rows))?);
    let (first, last) = (
        rows.first().context("no rows")?.0,
        rows.last().context("no rows")?.0,
    );
    let whole = i64::from(step.seconds());
    let begin = Timestamp::from_second(first.as_second().div_euclid(whole) * whole)?;
    let end = Timestamp::from_second(last.as_second() + whole)?;
    let grid = Grid::new(begin, end, step);
    let mut values = vec![f64::NAN; grid.len()];
    for (at, value) in rows {
        if let Some(slot) = grid.point(at).and_then(|point| values.get_mut(point)) {
            *slot = value;
        }
    }
    let moments = moments
        .iter()
        .map(|at| moment(at))
        .collect::<Result<Vec<_>>>()?;
    let labels = windows.iter().map(|(from, to)| {
        let (from, to) = (moment(from)?, moment(to)?);
        // Windows that touched were made one.
        let at = moments.iter().find(|at| from <= **at && **at <= to);
        let at = at.and_then(|at| grid.point(*at));
        let to = Timestamp::from_second(to.as_second() + 1)?;
        Ok(Label {
            window: grid.points(from, to),
            at,
        })
    });
    let labels = labels.collect::<Result<_>>()?;
    Ok(Labelled {
        name,
        grid,
        values,
        labels,
    })
}

/// The median time between rows, in seconds.
fn usual_step(rows: &[(Timestamp, f64)]) -> i64 {
    let mut steps: Vec<i64> = rows
        .iter()
        .zip(rows.iter().skip(1))
        .map(|(row, next)| next.0.as_second() - row.0.as_second())
        .filter(|step| *step > 0)
        .collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied().unwrap_or(300)
}

fn moment(text: &str) -> Result<Timestamp> {
    let at: DateTime = text.parse()?;
    Ok(TimeZone::UTC.to_timestamp(at)?)
}
