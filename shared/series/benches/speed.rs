//! How long it takes to analyse all series of an instance, and in how much memory.
//!
//! `cargo bench -p storex-series --bench speed`: 2,000 series of a week at one minute (gauges with and
//! without a daily rhythm, counters, some with gaps, one in fifty with an incident), the last six hours of
//! which are asked about, on two threads: baseline, episodes, what all have in common, stories.

#![expect(clippy::print_stdout, reason = "figures are printed")]

use std::time::Instant;

use jiff::Timestamp;
use storex_series::{
    Analysis, Analyst, Grid, Kind, Margin, Moved, Series, SeriesId, Step, Together, Unit, stories,
};

const SERIES: usize = 2_000;
const DAYS: i64 = 7;
const WINDOW: usize = 360;
const THREADS: usize = 2;
const ROUNDS: usize = 5;
/// A Monday.
const FROM: i64 = 1_767_571_200;

fn main() {
    let (Ok(from), Ok(to)) = (
        Timestamp::from_second(FROM),
        Timestamp::from_second(FROM + DAYS * 86_400),
    ) else {
        return;
    };
    let grid = Grid::new(from, to, Step::MINUTE);
    let series: Vec<Series> = (0..SERIES).map(|number| made_up(number, &grid)).collect();
    let figures = SERIES * grid.len();
    println!(
        "{SERIES} series, {figures} figures, {:.0} MB",
        figures as f64 * 8.0 / 1e6
    );
    let before = resident_mb("VmRSS:");
    let mut times = Vec::new();
    let busy_before = busy_seconds();
    for _ in 0..ROUNDS {
        // Counters are turned into rates in place: each round has its own.
        let series = series.clone();
        let begin = Instant::now();
        let (analyses, together) = analyse(&grid, series);
        let moved: Vec<Moved<'_>> = analyses.iter().flat_map(moved).collect();
        let found = stories(&grid, &moved);
        times.push(begin.elapsed().as_secs_f64());
        if times.len() == ROUNDS {
            println!(
                "{} episodes in {} series, {} stories, {} restarts",
                moved.len(),
                analyses
                    .iter()
                    .filter(|(_, one)| !one.episodes.is_empty())
                    .count(),
                found.len(),
                together.restarts().len(),
            );
        }
    }
    times.sort_by(f64::total_cmp);
    let median = times.get(ROUNDS / 2).copied().unwrap_or(f64::NAN);
    let best = times.first().copied().unwrap_or(f64::NAN);
    // On a machine that does other work the processor's time tells more than the clock.
    let busy = (busy_seconds() - busy_before) / ROUNDS as f64;
    println!(
        "{THREADS} threads: median {median:.2} s, best {best:.2} s; {busy:.2} s of processor time a round, \
         with the copy of the series"
    );
    println!(
        "resident before {before:.0} MB, at most {:.0} MB, of which the copy of the series {:.0} MB",
        resident_mb("VmHWM:"),
        figures as f64 * 8.0 / 1e6,
    );
}

/// Every series with its number, half of them on each thread.
fn analyse(grid: &Grid, series: Vec<Series>) -> (Vec<(usize, Analysis)>, Together) {
    let mut all: Vec<(usize, Series)> = series.into_iter().enumerate().collect();
    let mut parts = Vec::new();
    while !all.is_empty() {
        let from = all.len().saturating_sub(SERIES.div_ceil(THREADS));
        parts.push(all.split_off(from));
    }
    let window = grid.len() - WINDOW..grid.len();
    let mut analyses = Vec::new();
    let mut gathered = Together::new(window.clone());
    std::thread::scope(|scope| {
        let start = |part: Vec<(usize, Series)>| {
            let window = window.clone();
            scope.spawn(move || {
                let mut analyst = Analyst::new(grid, window.clone());
                let mut together = Together::new(window);
                let one = |(number, series): (usize, Series)| {
                    let rates = series.per_second(grid);
                    together.add(&rates.series.values);
                    together.add_resets(&rates.resets);
                    let margin = Margin::of(rates.series.unit);
                    (number, analyst.analyse(&rates.series.values, margin))
                };
                let found: Vec<_> = part.into_iter().map(one).collect();
                (found, together)
            })
        };
        let threads: Vec<_> = parts.into_iter().map(start).collect();
        for (found, together) in threads.into_iter().filter_map(|thread| thread.join().ok()) {
            analyses.extend(found);
            gathered.join(&together);
        }
    });
    (analyses, gathered)
}

fn moved((series, analysis): &(usize, Analysis)) -> impl Iterator<Item = Moved<'_>> {
    analysis.episodes.iter().map(|episode| Moved {
        series: *series,
        episode: *episode,
        scores: &analysis.scores,
        weight: 1.0,
        worse: None,
    })
}

fn made_up(number: usize, grid: &Grid) -> Series {
    let mut state = number as u64 + 1;
    let mut even = move || {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = state.wrapping_mul(0xD134_2543_DE82_EF95);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let daily = if number.is_multiple_of(2) { 0.6 } else { 0.0 };
    let counts = number % 3 == 1;
    let onset = grid.len() - 200 + number % 40;
    let mut sum = 0.0;
    let value = |point: usize| {
        let wave = 1.0 - daily * (std::f64::consts::TAU * point as f64 / 1_440.0).cos();
        // Nearly normal.
        let noise = (0..4).map(|_| even()).sum::<f64>() - 2.0;
        let incident = if number.is_multiple_of(50) && point >= onset {
            150.0
        } else {
            0.0
        };
        let value = 100.0 * wave + 10.0 * noise + incident;
        sum += value * 60.0;
        match (counts, number % 100 == 7 && point % 500 < 3) {
            (_, true) => f64::NAN,
            (true, _) => sum,
            (false, _) => value,
        }
    };
    Series {
        id: SeriesId::named(format!("series_{number}")),
        kind: if counts { Kind::Counter } else { Kind::Gauge },
        unit: Unit::Count,
        values: (0..grid.len()).map(value).collect(),
    }
}

/// Processor time of this process so far, where the system tells it.
fn busy_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the name, which may hold blanks: in hundredths of a second, of the program and of the kernel.
    let fields = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

/// A figure of the process's own status, where the system has one.
fn resident_mb(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kb = line.and_then(|line| line.split_whitespace().next());
    kb.and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1_024.0
}
