//! Series as answers show them.

use std::ops::Range;

use serde::Serialize;
use storex_series::{Grid, Series};
use storex_tool::Untrusted;

use crate::figures::Summary;
use crate::words::{is_none, shown};

/// What was read.
#[derive(Debug, Serialize)]
pub(in crate::tools) struct Covered {
    /// Of the first figure
    from: String,
    /// Of the last figure
    to: String,
    step_s: u32,
}

impl Covered {
    pub(in crate::tools) fn of(grid: &Grid) -> Self {
        Self {
            from: grid.start().to_string(),
            to: grid.at(grid.len().saturating_sub(1)).to_string(),
            step_s: grid.step().seconds(),
        }
    }

    /// The points of a grid that were asked about.
    pub(in crate::tools) fn of_window(grid: &Grid, window: &Range<usize>) -> Self {
        Self {
            from: grid.at(window.start).to_string(),
            to: grid.at(window.end.saturating_sub(1)).to_string(),
            step_s: grid.step().seconds(),
        }
    }
}

/// A series in short; figures that are not there are left out.
#[derive(Debug, Serialize)]
pub(in crate::tools) struct Row {
    series: Untrusted,
    #[serde(skip_serializing_if = "str::is_empty")]
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<f64>,
    /// Where the latest figure is older than the window's end
    #[serde(skip_serializing_if = "Option::is_none")]
    last_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    median: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<f64>,
    /// Moments without a figure
    #[serde(skip_serializing_if = "is_none")]
    gaps: usize,
    /// From the window's beginning, one a step
    #[serde(skip_serializing_if = "Vec::is_empty")]
    points: Vec<Option<f64>>,
}

impl Row {
    pub(in crate::tools) fn of(series: &Series, grid: &Grid, with_points: bool) -> Self {
        let summary = Summary::of(&series.values);
        let values = series.values.iter().filter(|_| with_points);
        let last_at = summary.last.filter(|(at, _)| at + 1 < grid.len());
        Self {
            series: Untrusted::series(&series.id),
            unit: series.unit.as_str(),
            last: summary.last.and_then(|(_, value)| shown(value)),
            last_at: last_at.map(|(at, _)| grid.at(at).to_string()),
            min: shown(summary.min),
            median: shown(summary.median),
            max: shown(summary.max),
            gaps: summary.gaps,
            points: values.map(|value| shown(*value)).collect(),
        }
    }
}
