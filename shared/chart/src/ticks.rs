//! Where the lines of the grid are: round figures and round times.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use storex_series::{Grid, Unit};

use crate::figure::{Scale, scale};
use crate::range::Range;

/// A line of the grid.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick<T> {
    pub(crate) at: T,
    pub(crate) label: String,
    /// Whether it begins something: a day.
    pub(crate) strong: bool,
}

/// Round figures within a range, about `wanted` of them.
pub(crate) fn values(range: Range, unit: Unit, wanted: usize) -> Vec<Tick<f64>> {
    let scale = scale(range.low.abs().max(range.high.abs()), unit);
    let step = round_step(range.span() / scale.one / wanted.max(1) as f64, scale);
    if !(step > 0.0 && step.is_finite()) {
        return Vec::new();
    }
    let decimals = (0..6)
        .find(|decimals| {
            let shifted = step * 10_f64.powi(*decimals);
            (shifted - shifted.round()).abs() < 1e-6
        })
        .and_then(|decimals| usize::try_from(decimals).ok())
        .unwrap_or(6);
    let first = (range.low / scale.one / step - 1e-9).ceil();
    let mut ticks = Vec::new();
    for number in 0..50 {
        let at = (first + f64::from(number)) * step * scale.one;
        if at > range.high + range.span() * 1e-9 {
            break;
        }
        ticks.push(Tick {
            at,
            label: if at.abs() < step * scale.one * 1e-6 {
                "0".to_owned()
            } else {
                scale.write(at, decimals)
            },
            strong: false,
        });
    }
    ticks
}

/// The next round figure: 1, 2 or 5 by powers of ten; powers of two for bytes, parts of an hour or a day
/// for long times.
fn round_step(raw: f64, scale: Scale) -> f64 {
    let table: &[f64] = match scale.name {
        "KiB" | "MiB" | "GiB" | "TiB" | "PiB" => {
            &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0]
        }
        "min" => &[1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0],
        "h" => &[1.0, 2.0, 3.0, 6.0, 12.0, 24.0],
        _ => &[],
    };
    let enough = raw * 0.75;
    if raw > 0.5
        && let Some(step) = table.iter().find(|step| **step >= enough)
    {
        return *step;
    }
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|step| step * power >= enough);
    step.map_or(10.0 * power, |step| step * power)
}

/// Times between two lines, in seconds.
const TIME_STEPS: &[i64] = &[
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800, 1_209_600, 2_592_000,
];

/// Round times of the grid in UTC, `most` at most. A line at midnight is labelled with its day.
pub(crate) fn times(grid: &Grid, most: usize) -> Vec<Tick<Timestamp>> {
    let (from, to) = (grid.start().as_second(), last(grid).as_second());
    let fits = |step: &&i64| (to - from) / **step < i64::try_from(most).unwrap_or(1);
    let step = TIME_STEPS.iter().find(fits).copied().unwrap_or(31_536_000);
    let first = from.div_euclid(step) + i64::from(from.rem_euclid(step) != 0);
    (first..=to.div_euclid(step))
        .map(|number| number * step)
        .filter_map(|second| {
            let midnight = second.rem_euclid(86_400) == 0;
            let format = match (midnight, step) {
                (true, _) => "%b %-d",
                (false, ..60) => "%H:%M:%S",
                (false, _) => "%H:%M",
            };
            let at = Timestamp::from_second(second).ok()?;
            Some(Tick {
                at,
                label: utc(at, format),
                strong: midnight,
            })
        })
        .collect()
}

/// The last moment of a grid.
pub(crate) fn last(grid: &Grid) -> Timestamp {
    grid.at(grid.len().saturating_sub(1))
}

/// A time in UTC.
pub(crate) fn utc(at: Timestamp, format: &str) -> String {
    at.to_zoned(TimeZone::UTC).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use storex_series::Step;

    use super::*;

    fn labels<T>(ticks: &[Tick<T>]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    fn range(low: f64, high: f64) -> Range {
        Range { low, high }
    }

    #[test]
    fn figures_are_round_in_their_own_unit() {
        let ticks = values(range(0.0, 1_234.0), Unit::PerSecond, 4);
        assert_eq!(labels(&ticks), ["0", "0.5 k/s", "1.0 k/s"]);
        let ticks = values(range(0.0, 3.0e9), Unit::Bytes, 4);
        assert_eq!(labels(&ticks), ["0", "1 GiB", "2 GiB"]);
        let ticks = values(range(0.0, 700.0 * 1_048_576.0), Unit::Bytes, 4);
        assert_eq!(labels(&ticks), ["0", "256 MiB", "512 MiB"]);
        let ticks = values(range(0.0, 0.97), Unit::Share, 4);
        assert_eq!(labels(&ticks), ["0", "20 %", "40 %", "60 %", "80 %"]);
        let ticks = values(range(0.0, 3_000.0), Unit::Seconds, 4);
        assert_eq!(
            labels(&ticks),
            ["0", "10 min", "20 min", "30 min", "40 min", "50 min"]
        );
    }

    #[test]
    fn times_are_round_and_a_new_day_is_named() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let grid = Grid::new(
            at("2026-11-22T21:30:00Z"),
            at("2026-11-23T03:10:00Z"),
            Step::MINUTE,
        );
        let ticks = times(&grid, 8);
        assert_eq!(
            labels(&ticks),
            ["22:00", "23:00", "Nov 23", "01:00", "02:00", "03:00"]
        );
        assert!(ticks[2].strong && !ticks[1].strong);
        let grid = Grid::new(
            at("2026-11-22T21:30:00Z"),
            at("2026-11-22T21:31:00Z"),
            Step::of(1),
        );
        assert_eq!(times(&grid, 8)[1].label, "21:30:10");
    }

    proptest! {
        #[test]
        fn there_are_always_some_lines_within_the_range(low in -1e9..1e9, span in 1e-6..1e12, wanted in 2usize..6) {
            let range = range(low, low + span);
            for unit in [Unit::Count, Unit::Bytes, Unit::Seconds, Unit::Share] {
                let ticks = values(range, unit, wanted);
                // A span below what a double holds beside `low` has no lines of its own.
                prop_assume!(span > low.abs() * 1e-6);
                prop_assert!((1..=wanted * 2 + 1).contains(&ticks.len()), "{} lines", ticks.len());
                prop_assert!(ticks.iter().all(|tick| tick.at >= low - span * 1e-6 && tick.at <= low + span * 1.000_001));
            }
        }
    }
}
