//! What is drawn: lines on a grid, what is normal for them, an incident, and what changed when.

use jiff::Timestamp;
use storex_series::{Grid, Series, Unit};

use crate::label::clean;

/// More lines than this cannot be told apart.
pub const MOST_LINES: usize = 6;
/// More changes than this are not marked; the key says how many more there were.
pub const MOST_CHANGES: usize = 8;

/// Figures beyond this are none: differences between them are beyond what a double holds.
const MOST_FIGURE: f64 = 1e300;

/// Characters of a title, of a line's label, of a change's label.
const TITLE_CHARS: usize = 90;
const LABEL_CHARS: usize = 64;
const CHANGE_CHARS: usize = 60;

/// Lines that share a time axis.
#[derive(Debug, Clone)]
pub struct Chart {
    pub(crate) title: String,
    pub(crate) grid: Grid,
    pub(crate) lines: Vec<Line>,
    pub(crate) incident: Option<Incident>,
    pub(crate) changes: Vec<Change>,
    /// Changes within the grid that are not among `changes`.
    pub(crate) more_changes: usize,
}

/// One series, under a name for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub(crate) label: String,
    pub(crate) unit: Unit,
    pub(crate) values: Vec<f64>,
    pub(crate) band: Option<Band>,
}

/// What is normal, for each moment of the grid; NaN where that is not known.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Its lower edge.
    pub lower: Vec<f64>,
    /// Its upper edge.
    pub upper: Vec<f64>,
}

/// The time something was wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
}

/// Something that changed: a deployment, a setting, a failover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub(crate) at: Timestamp,
    pub(crate) label: String,
}

/// Why nothing can be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChartError {
    /// No line.
    #[error("nothing to draw: name at least one series")]
    NoLines,
    /// Too many lines to tell apart.
    #[error("{0} series are too many for one picture; name at most {MOST_LINES}")]
    TooManyLines(usize),
    /// The grid has no moment.
    #[error("nothing to draw: the window has no point")]
    NoTime,
    /// A line has not one figure for each moment.
    #[error("`{label}` has {points} figures for {moments} moments")]
    Length {
        /// Which.
        label: String,
        /// Figures it or its band has.
        points: usize,
        /// Moments of the grid.
        moments: usize,
    },
}

impl Line {
    /// A series under its own name.
    pub fn of(series: &Series) -> Self {
        Self {
            label: clean(&series.id.to_string(), LABEL_CHARS),
            unit: series.unit,
            values: series.values.iter().copied().map(drawable).collect(),
            band: None,
        }
    }

    /// The same under another name.
    #[must_use]
    pub fn named(mut self, label: &str) -> Self {
        self.label = clean(label, LABEL_CHARS);
        self
    }

    /// The same with what is normal for it.
    #[must_use]
    pub fn with_band(mut self, mut band: Band) -> Self {
        for edge in band.lower.iter_mut().chain(&mut band.upper) {
            *edge = drawable(*edge);
        }
        self.band = Some(band);
        self
    }

    /// The lengths of its figures and of its band's.
    fn lengths(&self) -> impl Iterator<Item = usize> {
        let band = self.band.iter();
        std::iter::once(self.values.len())
            .chain(band.flat_map(|band| [band.lower.len(), band.upper.len()]))
    }
}

/// The figure, where it can be drawn.
fn drawable(value: f64) -> f64 {
    if value.abs() < MOST_FIGURE {
        value
    } else {
        f64::NAN
    }
}

impl Change {
    /// A change, in a few words.
    pub fn new(at: Timestamp, label: &str) -> Self {
        Self {
            at,
            label: clean(label, CHANGE_CHARS),
        }
    }
}

impl Chart {
    /// A chart of these lines, each with one figure for each moment of `grid`.
    ///
    /// # Errors
    /// When there is nothing to draw, or more than can be told apart.
    pub fn new(title: &str, grid: Grid, lines: Vec<Line>) -> Result<Self, ChartError> {
        if lines.is_empty() {
            return Err(ChartError::NoLines);
        }
        if lines.len() > MOST_LINES {
            return Err(ChartError::TooManyLines(lines.len()));
        }
        if grid.is_empty() {
            return Err(ChartError::NoTime);
        }
        for line in &lines {
            if let Some(points) = line.lengths().find(|points| *points != grid.len()) {
                return Err(ChartError::Length {
                    label: line.label.clone(),
                    points,
                    moments: grid.len(),
                });
            }
        }
        Ok(Self {
            title: clean(title, TITLE_CHARS),
            grid,
            lines,
            incident: None,
            changes: Vec::new(),
            more_changes: 0,
        })
    }

    /// The same with the incident shaded, as far as it is on the grid.
    #[must_use]
    pub fn with_incident(mut self, incident: Incident) -> Self {
        let on_grid = incident.from < self.grid.end() && incident.to > self.grid.start();
        self.incident = (on_grid && incident.from < incident.to).then_some(incident);
        self
    }

    /// The same with changes marked: those on the grid, the first [`MOST_CHANGES`] of them.
    #[must_use]
    pub fn with_changes(mut self, mut changes: Vec<Change>) -> Self {
        changes.retain(|change| self.grid.start() <= change.at && change.at < self.grid.end());
        changes.sort_by_key(|change| change.at);
        self.more_changes = changes.len().saturating_sub(MOST_CHANGES);
        changes.truncate(MOST_CHANGES);
        self.changes = changes;
        self
    }
}

#[cfg(test)]
mod tests {
    use storex_series::{Kind, SeriesId, Step};

    use super::*;

    fn grid(points: i64) -> Grid {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        Grid::new(at(0), at(60 * points), Step::MINUTE)
    }

    fn line(values: Vec<f64>) -> Line {
        Line::of(&Series {
            id: SeriesId::named("qps"),
            kind: Kind::Gauge,
            unit: Unit::PerSecond,
            values,
        })
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let refused = |grid, lines| Chart::new("t", grid, lines).unwrap_err();
        assert_eq!(refused(grid(3), vec![]), ChartError::NoLines);
        let many = vec![line(vec![0.0; 3]); 7];
        assert_eq!(refused(grid(3), many), ChartError::TooManyLines(7));
        assert_eq!(refused(grid(0), vec![line(vec![])]), ChartError::NoTime);
        let short = line(vec![0.0; 2]);
        assert!(matches!(
            refused(grid(3), vec![short]),
            ChartError::Length { points: 2, .. }
        ));
        let band = Band {
            lower: vec![0.0; 3],
            upper: vec![0.0; 4],
        };
        let odd = line(vec![0.0; 3]).with_band(band);
        assert!(matches!(
            refused(grid(3), vec![odd]),
            ChartError::Length { points: 4, .. }
        ));
    }

    #[test]
    fn what_is_off_the_grid_is_not_marked() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let chart = Chart::new("t", grid(10), vec![line(vec![1.0; 10])]).unwrap();
        let before = Incident {
            from: at(-600),
            to: at(-60),
        };
        assert_eq!(chart.clone().with_incident(before).incident, None);
        let changes = (-1..20).map(|minute| Change::new(at(minute * 60), "deploy"));
        let chart = chart.with_changes(changes.collect());
        assert_eq!(chart.changes.len(), MOST_CHANGES);
        assert_eq!(chart.more_changes, 2);
    }
}
