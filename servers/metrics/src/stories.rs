//! Stories told: what moved together, as a finding and as rows. Pure.

use serde::Serialize;
use storex_series::{Episode, Grid, Moved, Shape, Story};
use storex_sources::Golden;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use crate::follow::follow;
use crate::observed::Unusual;
use crate::words::{figure, four_digits, is_none, shown};

/// Others named in a sentence.
const NAMED: usize = 3;
const STORE: &str = "metrics";

/// A story.
#[derive(Debug, Serialize)]
pub(crate) struct StoryRow {
    /// When the first of its series left normal
    began: String,
    /// Left out while it goes on
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    score: f64,
    /// In order of onset
    series: Vec<MovedRow>,
    #[serde(skip_serializing_if = "is_none")]
    further: usize,
}

/// A series of a story.
#[derive(Debug, Serialize)]
struct MovedRow {
    series: Untrusted,
    shape: &'static str,
    /// Seconds after the story began
    #[serde(skip_serializing_if = "is_none_i64")]
    after_s: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    normal: Option<f64>,
    #[serde(skip_serializing_if = "str::is_empty")]
    unit: &'static str,
    /// Distance from normal, in spreads of what is usual
    score: f64,
    /// What normal was taken from
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<String>,
}

/// What a story is told from.
#[derive(Clone, Copy)]
pub(crate) struct Telling<'a> {
    /// The instance's name.
    pub(crate) instance: &'a str,
    /// The moments its points stand for.
    pub(crate) grid: &'a Grid,
    /// The series.
    pub(crate) unusual: &'a [Unusual],
    /// Their episodes.
    pub(crate) moved: &'a [Moved<'a>],
}

impl<'a> Telling<'a> {
    fn of(&self, place: usize) -> Option<(&'a Unusual, &'a Episode)> {
        let moved = self.moved.get(place)?;
        Some((self.unusual.get(moved.series)?, &moved.episode))
    }

    /// A story in one sentence, with where to look further. `None` of one without members.
    pub(crate) fn finding(&self, story: &Story) -> Option<Finding> {
        let (lead, episode) = self.of(story.lead)?;
        let mut others: Vec<usize> = story
            .members
            .iter()
            .copied()
            .filter(|place| *place != story.lead)
            .collect();
        others.sort_by(|one, other| self.score(*other).total_cmp(&self.score(*one)));
        let named = others
            .iter()
            .filter_map(|place| self.of(*place))
            .take(NAMED);
        let named: Vec<String> = named
            .map(|(other, episode)| moved_to(other, episode))
            .collect();
        let further = others.len().saturating_sub(named.len());
        let with = match (named.len(), further) {
            (0, _) => String::new(),
            (_, 0) => format!("; with it {}", named.join(", ")),
            _ => format!("; with it {} and {further} more", named.join(", ")),
        };
        let on = match story.end {
            None => "and has not come back".to_owned(),
            Some(end) => format!("until {}", self.grid.at(end)),
        };
        let what = format!(
            "{} {} at {} {on}: {}{with}",
            Untrusted::series(&lead.id),
            left(episode),
            self.grid.at(episode.onset),
            change(lead, episode),
        );
        let mut finding = Finding::new(
            "left_normal",
            severity(lead, story),
            Confidence::Likely,
            what,
        )
        .evidence("spreads_from_normal", four_digits(episode.score), "", STORE)
        .evidence("series_in_story", story.members.len(), "", STORE);
        if episode.value.is_finite() && episode.normal.is_finite() {
            let normal = four_digits(episode.normal);
            let (value, unit) = (four_digits(episode.value), lead.unit.as_str());
            finding = finding.against("figure", value, normal, unit, STORE);
        }
        let mut follow_up: Vec<&str> = vec![lead.id.name.as_str()];
        let others = others.iter().filter_map(|place| self.of(*place));
        follow_up.extend(others.map(|(other, _)| other.id.name.as_str()));
        Some(follow(
            finding,
            self.instance,
            &follow_up,
            self.grid,
            episode.onset,
        ))
    }

    /// A story with its series, `most` of them.
    pub(crate) fn row(&self, story: &Story, most: usize, full: bool) -> StoryRow {
        // The most telling ones, told in order of onset.
        let mut best = story.members.clone();
        best.sort_by(|one, other| self.score(*other).total_cmp(&self.score(*one)));
        best.truncate(most);
        let kept = story.members.iter().filter(|place| best.contains(*place));
        let rows = kept.filter_map(|place| self.of(*place));
        let began = self.grid.at(story.onset);
        let row = |(unusual, episode): (&Unusual, &Episode)| MovedRow {
            series: Untrusted::series(&unusual.id),
            shape: episode.shape.as_str(),
            after_s: self.grid.at(episode.onset).duration_since(began).as_secs(),
            value: shown(episode.value),
            normal: shown(episode.normal),
            unit: unusual.unit.as_str(),
            score: four_digits(episode.score),
            basis: full.then(|| unusual.baseline.basis.to_string()),
        };
        StoryRow {
            began: began.to_string(),
            ended: story.end.map(|end| self.grid.at(end).to_string()),
            score: four_digits(story.score),
            further: story.members.len().saturating_sub(best.len()),
            series: rows.map(row).collect(),
        }
    }

    fn score(&self, place: usize) -> f64 {
        self.moved.get(place).map_or(0.0, Moved::score)
    }
}

/// `left normal`, in the words of its shape.
fn left(episode: &Episode) -> &'static str {
    match episode.shape {
        Shape::Shift | Shape::Slope => "left its normal",
        Shape::Spike => "spiked",
        Shape::Swing => "began to swing",
        Shape::Flat => "stopped moving",
        Shape::Gap => "had no more figures",
    }
}

/// `35 /s against 0.2 /s (the last 5 h)`.
fn change(unusual: &Unusual, episode: &Episode) -> String {
    let basis = unusual.baseline.basis;
    if !episode.value.is_finite() {
        return format!("judged by {basis}");
    }
    let value = if episode.shape == Shape::Spike {
        episode.peak
    } else {
        episode.value
    };
    format!(
        "{} against {} ({basis})",
        figure(value, unusual.unit),
        figure(episode.normal, unusual.unit),
    )
}

/// `threads_running 3 to 17`.
fn moved_to(unusual: &Unusual, episode: &Episode) -> String {
    let name = Untrusted::series(&unusual.id);
    match episode.shape {
        Shape::Gap => format!("{name} without figures"),
        Shape::Flat => format!("{name} still"),
        _ => format!(
            "{name} {} to {}",
            figure(episode.normal, unusual.unit),
            figure(
                if episode.shape == Shape::Spike {
                    episode.peak
                } else {
                    episode.value
                },
                unusual.unit
            ),
        ),
    }
}

fn severity(lead: &Unusual, story: &Story) -> Severity {
    let Some(signal) = lead.signal else {
        return Severity::Info;
    };
    let hurts = matches!(
        signal.golden,
        Golden::Errors
            | Golden::Latency
            | Golden::Saturation
            | Golden::Connections
            | Golden::Replication
            | Golden::Availability
    );
    match (story.end, signal.golden) {
        (None, Golden::Availability) => Severity::Critical,
        (None, _) if hurts => Severity::Warning,
        _ => Severity::Info,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_none_i64(number: &i64) -> bool {
    *number == 0
}
