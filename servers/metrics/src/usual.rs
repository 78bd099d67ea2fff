//! What is usual at its hour: the past right before a window does not know that it is Monday morning.
//! Pure.

use storex_series::{Analyst, Basis, Episode, Grid, Margin, Series, Shape};

use crate::span::Span;

/// Whether the same hour of other days or weeks knows an episode of `near` too: it is then no news. Only of
/// what lasts: a point of the days stands for minutes, in which a spike does not show.
pub(crate) fn is_usual(days: &Span, series: &Series, near: &Grid, episode: &Episode) -> bool {
    if !matches!(episode.shape, Shape::Shift | Shape::Slope) {
        return false;
    }
    let mut analyst = Analyst::new(&days.grid, days.window.clone());
    let baseline = analyst.baseline(&series.values, Margin::of(series.unit));
    if !matches!(baseline.basis, Basis::Daily { .. } | Basis::Weekly { .. }) {
        return false;
    }
    let points = episode.points(near.len());
    let middle = near.at(points.start + points.len() / 2);
    let point = days
        .grid
        .point(middle)
        .unwrap_or(days.grid.len().saturating_sub(1));
    baseline
        .at(point)
        .is_some_and(|normal| (normal.lower()..=normal.upper()).contains(&episode.value))
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use storex_series::{Kind, SeriesId, Step, Unit};
    use storex_sources::Window;

    use super::*;

    /// Every day at nine o'clock load rises threefold.
    fn load(at: Timestamp) -> f64 {
        let hour = at.as_second().rem_euclid(86_400) / 3_600;
        let noise = (at.as_second() / 600 % 7) as f64;
        if (9..17).contains(&hour) {
            300.0 + noise
        } else {
            100.0 + noise
        }
    }

    fn series(grid: &Grid) -> Series {
        Series {
            id: SeriesId::named("qps"),
            kind: Kind::Gauge,
            unit: Unit::PerSecond,
            values: (0..grid.len()).map(|point| load(grid.at(point))).collect(),
        }
    }

    fn rise(value: f64, near: &Span) -> Episode {
        Episode {
            shape: Shape::Shift,
            direction: storex_series::Direction::Up,
            onset: near.window.start + near.window.len() / 2,
            end: None,
            shown: near.window.start,
            value,
            peak: value,
            normal: 100.0,
            score: 50.0,
            before: 0,
        }
    }

    #[test]
    fn what_every_morning_brings_is_usual_and_more_than_that_is_not() {
        let to: Timestamp = "2026-11-23T09:30:00Z".parse().unwrap();
        let window = Window {
            from: to - SignedDuration::from_mins(60),
            to,
        };
        let near = Span::near(window, Step::MINUTE);
        let days = Span::days(window, Step::MINUTE);
        let series = series(&days.grid);
        let usual = |episode: &Episode| is_usual(&days, &series, &near.grid, episode);
        assert!(usual(&rise(303.0, &near)));
        assert!(!usual(&rise(900.0, &near)));
        let spike = Episode {
            shape: Shape::Spike,
            ..rise(303.0, &near)
        };
        assert!(!usual(&spike));
    }
}
