//! Made-up series for tests, the same at every run.

use jiff::Timestamp;

use crate::{Analysis, Analyst, Grid, Margin, Step};

/// A Monday, 00:00 UTC.
const MONDAY: i64 = 1_767_571_200;

/// A grid of so many steps from a Monday's midnight on.
pub(crate) fn grid(step: u32, points: usize) -> Grid {
    let from = Timestamp::from_second(MONDAY).unwrap();
    let length = i64::from(step) * i64::try_from(points).unwrap();
    let to = Timestamp::from_second(MONDAY + length).unwrap();
    Grid::new(from, to, Step::of(step))
}

/// Figures that look random.
#[derive(Debug, Clone)]
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        // Far apart in the sequence, lest one seed's figures are another's some points later.
        Self(
            (seed + 1)
                .wrapping_mul(0xD134_2543_DE82_EF95)
                .rotate_left(29)
                ^ seed,
        )
    }

    /// Evenly between nought and one (`SplitMix64`).
    pub(crate) fn even(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Normal, with deviation one (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.even().max(1e-300).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.even()).cos()
    }
}

/// How a made-up series moves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) level: f64,
    /// Of the day's wave, up and down.
    pub(crate) daily: f64,
    /// Deviation of the noise.
    pub(crate) noise: f64,
    /// How much of a point's noise the next one keeps, below one.
    pub(crate) keeps: f64,
    /// What is left of it on Saturdays and Sundays.
    pub(crate) weekend: f64,
}

impl Shape {
    /// Like queries per second of a shop.
    pub(crate) const SHOP: Self = Self {
        level: 1_000.0,
        daily: 600.0,
        noise: 40.0,
        keeps: 0.5,
        weekend: 1.0,
    };

    /// Without a rhythm.
    pub(crate) const STEADY: Self = Self {
        level: 100.0,
        daily: 0.0,
        noise: 5.0,
        keeps: 0.0,
        weekend: 1.0,
    };

    pub(crate) fn values(&self, grid: &Grid, seed: u64) -> Vec<f64> {
        let mut noise = Noise::new(seed);
        let mut kept = 0.0;
        let fresh = (1.0 - self.keeps * self.keeps).sqrt();
        let value = |point| {
            let seconds = grid.at(point).as_second() - MONDAY;
            let day = seconds.div_euclid(86_400);
            let part = seconds.rem_euclid(86_400) as f64 / 86_400.0;
            let wave = -self.daily * (std::f64::consts::TAU * part).cos();
            kept = self.keeps * kept + fresh * noise.normal();
            let usual = self.level + wave;
            let usual = if day % 7 >= 5 {
                usual * self.weekend
            } else {
                usual
            };
            usual + self.noise * kept
        };
        (0..grid.len()).map(value).collect()
    }
}

/// Analyses the last `window` points.
pub(crate) fn analyse(grid: &Grid, values: &[f64], window: usize) -> Analysis {
    let end = values.len();
    Analyst::new(grid, end - window..end).analyse(values, Margin::RELATIVE)
}
