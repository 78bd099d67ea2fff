//! Charts of an incident as it may come: a deployment, then connections, locks and latency.

use jiff::Timestamp;
use storex_chart::{Band, Change, Chart, Incident, Line};
use storex_series::{Grid, Kind, Series, SeriesId, Step, Unit};

pub(crate) fn at(text: &str) -> Timestamp {
    format!("2026-11-23T{text}Z").parse().unwrap()
}

/// Three hours by the minute.
pub(crate) fn grid() -> Grid {
    Grid::new(at("12:00:00"), at("15:00:00"), Step::MINUTE)
}

pub(crate) fn line(name: &str, unit: Unit, values: Vec<f64>) -> Line {
    Line::of(&Series {
        id: SeriesId::named(name),
        kind: Kind::Gauge,
        unit,
        values,
    })
}

/// Noise that is the same every time, between -1 and 1.
fn noise(seed: u64, at: usize) -> f64 {
    let mut x =
        seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (at as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 31;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^= x >> 29;
    (x % 20_001) as f64 / 10_000.0 - 1.0
}

/// A figure for each minute, from a course and some noise.
fn course(seed: u64, spread: f64, of: impl Fn(f64) -> f64) -> Vec<f64> {
    (0..grid().len())
        .map(|minute| of(minute as f64) * (1.0 + spread * noise(seed, minute)))
        .collect()
}

/// What is normal for a daily course: a band around it.
fn band(of: impl Fn(f64) -> f64, width: f64) -> Band {
    let minutes = || (0..grid().len()).map(|minute| minute as f64);
    Band {
        lower: minutes().map(|m| of(m) * (1.0 - width)).collect(),
        upper: minutes().map(|m| of(m) * (1.0 + width)).collect(),
    }
}

/// During the incident, from 13:20 to 13:52.
fn during(minute: f64, normal: f64, wrong: f64) -> f64 {
    if (80.0..112.0).contains(&minute) {
        wrong
    } else {
        normal
    }
}

fn load(minute: f64) -> f64 {
    1_900.0 + 350.0 * (minute / 57.0).sin()
}

fn deploy() -> Change {
    Change::new(at("13:18:00"), "deploy checkout 4.2.0")
}

fn incident() -> Incident {
    Incident {
        from: at("13:20:00"),
        to: at("13:52:00"),
    }
}

/// One series with its normal range, an incident, a change and a gap.
pub(crate) fn one() -> Chart {
    let mut values = course(1, 0.05, |m| during(m, load(m), load(m) * 0.35));
    for value in &mut values[140..150] {
        *value = f64::NAN;
    }
    let qps = line("qps", Unit::PerSecond, values).with_band(band(load, 0.16));
    Chart::new("Statements of checkout-db-1", grid(), vec![qps])
        .unwrap()
        .with_incident(incident())
        .with_changes(vec![deploy()])
}

/// Four units under each other.
pub(crate) fn panels() -> Chart {
    let running = |m: f64| during(m, 6.0, 74.0);
    let lines = vec![
        line("threads_running", Unit::Count, course(2, 0.3, running)).with_band(band(|_| 6.0, 0.5)),
        line(
            "connections",
            Unit::Count,
            course(3, 0.04, |m| during(m, 120.0, 310.0)),
        ),
        line(
            "statement_latency_s",
            Unit::Seconds,
            course(4, 0.2, |m| during(m, 0.004, 0.180)),
        ),
        line(
            "cpu_util",
            Unit::Share,
            course(5, 0.1, |m| during(m, 0.42, 0.19)),
        ),
        line(
            "redo_written_bytes_per_s",
            Unit::BytesPerSecond,
            course(6, 0.15, |m| during(m, 9.2e6, 2.1e6)),
        ),
    ];
    let changes = vec![
        deploy(),
        Change::new(at("13:20:30"), "innodb_lock_wait_timeout 50 -> 5"),
        Change::new(at("13:51:00"), "rollback checkout 4.1.9"),
    ];
    Chart::new("What left its normal on checkout-db-1", grid(), lines)
        .unwrap()
        .with_incident(incident())
        .with_changes(changes)
}

/// As many lines of one unit as there may be.
pub(crate) fn six() -> Chart {
    let names = [
        "selects_per_s",
        "writes_per_s",
        "commits_per_s",
        "rollbacks_per_s",
        "row_lock_waits_per_s",
        "mysql_global_status_handlers_total{handler=\"read_rnd_next\"}",
    ];
    let lines = names.iter().zip(1_u32..).map(|(name, number)| {
        let level = f64::from(number) * 310.0;
        let seed = u64::from(number) + 10;
        line(
            name,
            Unit::PerSecond,
            course(seed, 0.06, |m| {
                level + 60.0 * (m / (9.0 * f64::from(number))).sin()
            }),
        )
    });
    Chart::new("Six series of checkout-db-1", grid(), lines.collect()).unwrap()
}
