//! Each signal now against its own normal. Pure.

use storex_series::{Analyst, Baseline, Basis, Margin, Normal, Series, WIDTH};
use storex_sources::{Signal, Worse};

use crate::span::Span;

/// A signal now.
#[derive(Debug, Clone)]
pub(crate) struct Now {
    /// Which.
    pub(crate) signal: &'static Signal,
    /// The median of the window; `None` without figures there.
    pub(crate) value: Option<f64>,
    /// What it is usually, where there is a past.
    pub(crate) normal: Option<Normal>,
    /// What that was taken from.
    pub(crate) basis: Basis,
}

impl Now {
    /// From what is read closely, and from days of it where there are any: where these show a rhythm, the
    /// same hour of other days tells what is normal, else the hours right before.
    pub(crate) fn of(
        signal: &'static Signal,
        near: (&Span, Option<&Series>),
        days: (&Span, Option<&Series>),
    ) -> Self {
        let margin = Margin::of(signal.unit);
        let rhythm = days.1.and_then(|series| {
            let (span, baseline) = (days.0, baseline(days.0, series, margin));
            let knows_hours = matches!(baseline.basis, Basis::Daily { .. } | Basis::Weekly { .. });
            let normal = baseline.at(span.window.end.saturating_sub(1))?;
            knows_hours.then_some((normal, baseline.basis))
        });
        let value = near
            .1
            .and_then(|series| middle(series.values.get(near.0.window.clone())?));
        let recent = || {
            let baseline = baseline(near.0, near.1?, margin);
            Some((
                baseline.at(near.0.window.end.saturating_sub(1))?,
                baseline.basis,
            ))
        };
        let (normal, basis) = rhythm.or_else(recent).unzip();
        Self {
            signal,
            value,
            normal,
            basis: basis.unwrap_or(Basis::None),
        }
    }

    /// How far it is from normal, in spreads to its side.
    pub(crate) fn score(&self) -> Option<f64> {
        let score = self.normal?.score(self.value?);
        score.is_finite().then_some(score)
    }

    /// Whether it is outside of the band of what is usual.
    pub(crate) fn is_unusual(&self) -> bool {
        self.score().is_some_and(|score| score.abs() > WIDTH)
    }

    /// Whether it is, and for the worse.
    pub(crate) fn is_worse(&self) -> bool {
        self.is_unusual()
            && match self.signal.worse {
                Worse::Up => self.score() > Some(0.0),
                Worse::Down => self.score() < Some(0.0),
                Worse::Both => true,
            }
    }
}

fn baseline(span: &Span, series: &Series, margin: Margin) -> Baseline {
    Analyst::new(&span.grid, span.window.clone()).baseline(&series.values, margin)
}

/// The median of the figures there are.
fn middle(values: &[f64]) -> Option<f64> {
    let summary = crate::figures::Summary::of(values);
    summary.last.map(|_| summary.median)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use storex_series::{Kind, SeriesId, Step};
    use storex_sources::{Window, signal};

    use super::*;

    fn spans() -> (Span, Span) {
        let to: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let window = Window {
            from: to - SignedDuration::from_mins(10),
            to,
        };
        (
            Span::near(window, Step::MINUTE),
            Span::days(window, Step::MINUTE),
        )
    }

    fn series(span: &Span, figure: impl Fn(Timestamp) -> f64) -> Series {
        let points = 0..span.grid.len();
        Series {
            id: SeriesId::named("qps"),
            kind: Kind::Gauge,
            unit: storex_series::Unit::PerSecond,
            values: points.map(|point| figure(span.grid.at(point))).collect(),
        }
    }

    fn noise(at: Timestamp) -> f64 {
        (at.as_second() / 60 % 7) as f64
    }

    #[test]
    fn without_days_the_hours_before_tell_what_is_normal() {
        let (near, days) = spans();
        let qps = signal("qps").unwrap();
        let usual = series(&near, |at| 100.0 + noise(at));
        let now = Now::of(qps, (&near, Some(&usual)), (&days, None));
        assert!(matches!(now.basis, Basis::Recent { .. }), "{now:?}");
        assert!(!now.is_unusual(), "{now:?}");
        let start = near.grid.at(near.window.start);
        let fell = series(&near, |at| if at < start { 100.0 + noise(at) } else { 5.0 });
        let now = Now::of(qps, (&near, Some(&fell)), (&days, None));
        assert!(now.is_worse() && now.score() < Some(0.0), "{now:?}");
    }

    #[test]
    fn the_same_hour_of_other_days_tells_more_than_the_hours_before() {
        let (near, days) = spans();
        let daily = |at: Timestamp| {
            let noon = at.as_second().rem_euclid(86_400) / 3_600 == 11;
            noise(at) + if noon { 500.0 } else { 100.0 }
        };
        let (close, far) = (series(&near, daily), series(&days, daily));
        let qps = signal("qps").unwrap();
        let now = Now::of(qps, (&near, Some(&close)), (&days, Some(&far)));
        assert!(
            matches!(now.basis, Basis::Daily { .. } | Basis::Weekly { .. }),
            "{now:?}"
        );
        assert!(!now.is_unusual(), "{now:?}");
        let now = Now::of(qps, (&near, Some(&close)), (&days, None));
        assert!(now.is_unusual(), "{now:?}");
    }

    #[test]
    fn without_figures_nothing_is_said() {
        let (near, days) = spans();
        let now = Now::of(signal("qps").unwrap(), (&near, None), (&days, None));
        assert_eq!((now.value, now.score()), (None, None));
        assert_eq!(now.basis, Basis::None);
    }
}
