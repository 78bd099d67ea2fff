//! The detector, asked every hour about the hour before, with the days before that as history.

use std::ops::Range;

use storex_series::{Analyst, Grid, Margin, Shape};

use crate::corpus::Labelled;

/// What was shown of a series, with its score.
pub(crate) type Shown = Vec<(Range<usize>, f64)>;

/// Each episode from the point that showed it on to its end.
pub(crate) fn shown(series: &Labelled, days: usize) -> Shown {
    let step = series.grid.step();
    let seconds = step.seconds().max(1) as usize;
    let hour = (3_600 / seconds).max(1);
    let history = days * 86_400 / seconds;
    let points = series.values.len();
    let mut shown = Vec::new();
    for start in (0..points).step_by(hour) {
        let end = (start + hour).min(points);
        let from = start.saturating_sub(history);
        let grid = Grid::new(series.grid.at(from), series.grid.at(end), step);
        let mut analyst = Analyst::new(&grid, start - from..end - from);
        let values = series.values.get(from..end).unwrap_or_default();
        for episode in analyst.analyse(values, Margin::RELATIVE).episodes {
            // A row that is not there is no anomaly of the corpus.
            if episode.shape != Shape::Gap {
                let last = episode.points(end - from).end;
                let first = episode.shown.max(start - from);
                shown.push((from + first..from + last, episode.score));
            }
        }
    }
    shown
}

/// The points of what was shown with at least that score.
pub(crate) fn flags(series: &Labelled, shown: &Shown, least: f64) -> Vec<bool> {
    let mut flags = vec![false; series.values.len()];
    for (points, _) in shown.iter().filter(|(_, score)| *score >= least) {
        for flag in flags.iter_mut().take(points.end).skip(points.start) {
            *flag = true;
        }
    }
    flags
}
