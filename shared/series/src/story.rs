//! Episodes of many series as stories: what moved together, in order of onset, the most telling first.

#[cfg(test)]
mod tests;

use jiff::SignedDuration;

use crate::{Direction, Episode, Grid, Shape};

/// Onsets less apart than this, or so many steps, are one moment: series are not read at the same time.
const TOGETHER: (SignedDuration, usize) = (SignedDuration::from_secs(10), 2);
/// Onsets less apart than this, or so many steps, are one story if the series moved alike.
const ALIKE: (SignedDuration, usize) = (SignedDuration::from_mins(15), 10);
/// Correlation of distances from normal from which on series moved alike.
const MOVED_ALIKE: f64 = 0.7;
/// Distances from normal, in spreads, beyond which one is as telling as the other: they tell of the quiet
/// before more than of the change.
const FAR: f64 = 100.0;
/// A change by this share of normal counts half.
const HALF: f64 = 0.5;
/// Weight of a change for the better.
const BETTER: f64 = 0.4;
/// Of the most telling episode's score: who has that and moved before it leads the story.
const TELLING: f64 = 0.6;

/// An episode of a series, with what the caller knows of it.
#[derive(Debug, Clone, Copy)]
pub struct Moved<'a> {
    /// Which series, as the caller counts them.
    pub series: usize,
    /// What happened.
    pub episode: Episode,
    /// Its distance from normal over the window ([`crate::Analysis::scores`]); empty is fine.
    pub scores: &'a [f32],
    /// How telling the series is: 1 for any, more for one known to tell of trouble, less for noise such as
    /// what the collector tells of itself.
    pub weight: f64,
    /// Which way is for the worse; `None` if either is.
    pub worse: Option<Direction>,
}

impl Moved<'_> {
    /// How telling the episode is.
    ///
    /// The robust distance from what was normal before the onset, as BARO ranks causes (Pham, Ha and Zhang
    /// 2024), to both sides, in logarithm and up to a bound; the share of normal by which it changed counts as
    /// well, so that a small step of a constant does not come first. What is for the better, has happened before
    /// or lasted some points only counts less.
    pub fn score(&self) -> f64 {
        let one = &self.episode;
        let far = one.score.clamp(0.0, FAR).ln_1p();
        let size = match one.shape {
            Shape::Flat | Shape::Gap => 0.5,
            _ => {
                let changed = (one.peak - one.normal).abs();
                let share = changed / one.normal.abs().max(f64::MIN_POSITIVE);
                if share.is_finite() {
                    share / (share + HALF)
                } else {
                    1.0
                }
            }
        };
        let way = match self.worse {
            Some(worse) if worse != one.direction => BETTER,
            _ => 1.0,
        };
        let lasting = match one.shape {
            Shape::Shift | Shape::Slope => 1.0,
            Shape::Spike | Shape::Gap => 0.7,
            Shape::Swing | Shape::Flat => 0.5,
        };
        let score =
            self.weight.max(0.0) * far * size * way * lasting / (1.0 + 0.5 * one.before as f64);
        if score.is_finite() { score } else { 0.0 }
    }
}

/// Episodes that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// Places in the slice that was asked about, in order of onset, of the same moment the more telling first.
    pub members: Vec<usize>,
    /// The place of the first of the telling ones.
    pub lead: usize,
    /// The place of the most telling one.
    pub loudest: usize,
    /// When the first of the telling ones began.
    pub onset: usize,
    /// The last end; `None` while one of the telling ones is still on.
    pub end: Option<usize>,
    /// How telling it is.
    pub score: f64,
}

/// Groups episodes into stories, the most telling first.
///
/// Each story is gathered around its most telling episode: what began at the same moment as that, or soon before
/// or after and moved as it did, each from its onset on. A story reaches no farther than that, so that a
/// busy hour does not become one chain of chances.
pub fn stories(grid: &Grid, moved: &[Moved<'_>]) -> Vec<Story> {
    let scores: Vec<f64> = moved.iter().map(Moved::score).collect();
    let score = |place: usize| scores.get(place).copied().unwrap_or(0.0);
    let together = TOGETHER.1.max(grid.steps_in(TOGETHER.0));
    let alike = ALIKE.1.max(grid.steps_in(ALIKE.0));
    let belongs = |loudest: &Moved<'_>, other: &Moved<'_>| {
        let apart = loudest.episode.onset.abs_diff(other.episode.onset);
        apart <= together || apart <= alike && likeness(loudest, other).abs() >= MOVED_ALIKE
    };
    let mut order: Vec<usize> = (0..moved.len()).collect();
    order.sort_by(|one, other| score(*other).total_cmp(&score(*one)));
    let mut groups: Vec<Group> = Vec::new();
    for place in order {
        let Some(one) = moved.get(place) else {
            continue;
        };
        let of = |group: &&mut Group| {
            let loudest = moved.get(group.loudest);
            loudest.is_some_and(|loudest| belongs(loudest, one))
        };
        match groups.iter_mut().find(of) {
            Some(group) => group.members.push(place),
            None => groups.push(Group {
                loudest: place,
                members: vec![place],
            }),
        }
    }
    let mut stories: Vec<Story> = groups
        .into_iter()
        .map(|group| group.told(moved, &score))
        .collect();
    stories.sort_by(|one, other| other.score.total_cmp(&one.score));
    stories
}

/// A story that is being gathered, the most telling members first.
struct Group {
    loudest: usize,
    members: Vec<usize>,
}

impl Group {
    fn told(self, moved: &[Moved<'_>], score: &dyn Fn(usize) -> f64) -> Story {
        let onset = |place: usize| moved.get(place).map_or(0, |one| one.episode.onset);
        let mut members = self.members.clone();
        members.sort_by_key(|place| onset(*place));
        let most = score(self.loudest);
        let telling = |place: &&usize| score(**place) >= TELLING * most;
        let lead = members.iter().find(telling).copied();
        let lead = lead.unwrap_or(self.loudest);
        let mut end = Some(onset(lead));
        for one in members
            .iter()
            .filter(telling)
            .filter_map(|place| moved.get(*place))
        {
            end = end.zip(one.episode.end).map(|(end, other)| end.max(other));
        }
        // The third of a kind adds little to the second: what moves together often counts the same thing.
        let weighed = self.members.iter().rev().map(|place| score(*place));
        let sum = weighed.fold(0.0, |sum, one| one + 0.3 * sum);
        Story {
            lead,
            loudest: self.loudest,
            onset: onset(lead),
            end,
            score: sum,
            members,
        }
    }
}

/// The correlation of two distances from normal, each from its onset on, none beyond ten spreads; 0 where
/// there is none.
fn likeness(one: &Moved<'_>, other: &Moved<'_>) -> f64 {
    let (began, other_began) = (one.episode.onset, other.episode.onset);
    let one = one.scores.iter().skip(began.saturating_sub(other_began));
    let other = other.scores.iter().skip(other_began.saturating_sub(began));
    let pairs = one.zip(other).map(|(x, y)| (f64::from(*x), f64::from(*y)));
    let known = pairs.filter(|(x, y)| x.is_finite() && y.is_finite());
    let pairs = known.map(|(x, y)| (x.clamp(-10.0, 10.0), y.clamp(-10.0, 10.0)));
    let (mut count, mut mean_x, mut mean_y) = (0.0, 0.0, 0.0);
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        // Welford's update, for the covariance too.
        count += 1.0;
        let from_x = x - mean_x;
        mean_x += from_x / count;
        let from_y = y - mean_y;
        mean_y += from_y / count;
        xx += from_x * (x - mean_x);
        yy += from_y * (y - mean_y);
        xy += from_x * (y - mean_y);
    }
    let least = (xx * yy).sqrt();
    if count >= 8.0 && least > 0.0 {
        xy / least
    } else {
        0.0
    }
}
