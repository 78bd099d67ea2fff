//! How well flags agree with the labels.

use std::ops::{AddAssign, Range};

use crate::corpus::{Label, Labelled};

/// Flags fewer points apart than an hour has, and at least so many, belong to one episode.
const APART: usize = 12;

/// Sums over series.
#[derive(Default, Clone)]
pub(crate) struct Score {
    windows: usize,
    found: usize,
    false_episodes: usize,
    days: f64,
    /// Of the windows found: hours from the anomaly to the first flag in its window; below nought it was
    /// before the labelled moment.
    delays: Vec<f64>,
    /// Windows that as many episodes at random moments would have met.
    by_chance: f64,
}

impl Score {
    /// Compares flags with the windows of a series. A window is found if a flag is within it; an episode
    /// is false if none of its points is within a window.
    pub(crate) fn of(series: &Labelled, flags: &[bool]) -> Self {
        let mut score = Self {
            windows: series.labels.len(),
            days: series.days(),
            ..Self::default()
        };
        for label in &series.labels {
            let mut window = label.window.clone();
            if let Some(first) = window.find(|point| flags.get(*point) == Some(&true)) {
                let hours = f64::from(series.grid.step().seconds()) / 3_600.0;
                score.found += 1;
                let delay = label.at.map(|at| (first as f64 - at as f64) * hours);
                score.delays.extend(delay);
            }
        }
        let all = episodes(series, flags);
        let is_true = |episode: &Range<usize>| {
            let meets = |label: &Label| {
                episode.start < label.window.end && label.window.start < episode.end
            };
            series.labels.iter().any(meets)
        };
        score.false_episodes = all.iter().filter(|episode| !is_true(episode)).count();
        let points = flags.len().max(1) as f64;
        for label in &series.labels {
            let missed = 1.0 - label.window.len() as f64 / points;
            score.by_chance += 1.0 - missed.powi(i32::try_from(all.len()).unwrap_or(i32::MAX));
        }
        score
    }

    /// The share of windows found.
    pub(crate) fn recall(&self) -> f64 {
        self.found as f64 / self.windows.max(1) as f64
    }

    /// False episodes of a series in a day.
    pub(crate) fn false_per_day(&self) -> f64 {
        self.false_episodes as f64 / self.days.max(1.0)
    }

    pub(crate) fn line(&self) -> String {
        let mut delays = self.delays.clone();
        delays.sort_by(f64::total_cmp);
        let delay = delays.get(delays.len() / 2).copied().unwrap_or(f64::NAN);
        format!(
            "recall {:.2} ({} of {}; by chance {:.2}), {:.2} false episodes per series-day ({}), \
             median delay {delay:+.1} h",
            self.recall(),
            self.found,
            self.windows,
            self.by_chance / self.windows.max(1) as f64,
            self.false_per_day(),
            self.false_episodes,
        )
    }
}

impl AddAssign<&Self> for Score {
    fn add_assign(&mut self, other: &Self) {
        self.windows += other.windows;
        self.found += other.found;
        self.false_episodes += other.false_episodes;
        self.days += other.days;
        self.delays.extend(&other.delays);
        self.by_chance += other.by_chance;
    }
}

/// Runs of flags.
fn episodes(series: &Labelled, flags: &[bool]) -> Vec<Range<usize>> {
    let hour = 3_600 / series.grid.step().seconds().max(1) as usize;
    let apart = APART.max(hour);
    let mut all: Vec<Range<usize>> = Vec::new();
    let flagged = flags.iter().enumerate().filter(|(_, flag)| **flag);
    for (point, _) in flagged {
        match all.last_mut() {
            Some(last) if point < last.end + apart => last.end = point + 1,
            _ => all.push(point..point + 1),
        }
    }
    all
}
