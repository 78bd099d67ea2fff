//! The metrics of a call's instance: read within the points its tool declared, with everything that was
//! not read told in the coverage.

mod missing;
mod scan;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use storex_series::{Grid, SeriesId};
use storex_sources::{Blame, Fetched, Metrics, MetricsError, StoreFacts, Wanted};

use super::Call;
use crate::ToolError;

pub use scan::SeriesReading;

/// The metrics of the instance. A point is one figure of one series: `metric_points` of the tool's
/// declaration bounds how many a call reads in all, before anything is asked of the store.
#[derive(Clone, Copy)]
pub struct CallMetrics<'a> {
    call: &'a Call,
    metrics: &'a dyn Metrics,
}

impl Call {
    /// The metrics of the instance the caller named.
    ///
    /// # Errors
    /// An internal error for a tool of the fleet, or one that declared no `metric_points`.
    pub fn metrics(&self) -> Result<CallMetrics<'_>, ToolError> {
        let spec = self.parts.spec;
        if spec.metric_points == 0 {
            let detail = format!(
                "{} reads metrics, which its spec does not declare",
                spec.name
            );
            return Err(ToolError::internal(detail));
        }
        let metrics = self.parts.metrics.as_deref().ok_or_else(|| {
            ToolError::internal("a tool without an instance asked for its metrics")
        })?;
        Ok(CallMetrics {
            call: self,
            metrics,
        })
    }
}

impl<'a> CallMetrics<'a> {
    /// Where they come from, in a word: `prometheus`, `history`, `snapshot`.
    pub fn source(&self) -> &'static str {
        self.call.parts.metrics_kind
    }

    /// The source's time.
    pub fn now(&self) -> Timestamp {
        self.metrics.now()
    }

    /// What the store is and how finely it keeps this instance. Where it does not answer, the coverage
    /// says why.
    ///
    /// # Errors
    /// Only when the call was stopped.
    pub async fn about(&self) -> Result<Option<StoreFacts>, ToolError> {
        self.call.expected();
        let facts = self.metrics.about().await;
        self.call.answered_by_metrics("metrics store", facts)
    }

    /// Signals and series by name, as gauges on `grid`. What the store does not have joins the coverage;
    /// where it does not answer at all, the coverage says why.
    ///
    /// # Errors
    /// When more is asked for than the tool may still read, or the call was stopped.
    pub async fn read(&self, wanted: &[Wanted], grid: &Grid) -> Result<Option<Fetched>, ToolError> {
        // A name may stand for several series.
        let names_some = wanted.iter().any(|one| matches!(one, Wanted::Named(_)));
        let most = if names_some { usize::MAX } else { wanted.len() };
        let most = self.call.reserve_series(grid, most)?;
        if most < wanted.len() {
            self.call.give_back_points(most, grid);
            return Err(too_much(&format!("{} series", wanted.len()), grid));
        }
        self.call.expected();
        let fetched = self.metrics.read(wanted, grid).await;
        let fetched = self.call.answered_by_metrics("series", fetched)?;
        if fetched.is_none() {
            self.call.give_back_points(most, grid);
        }
        Ok(fetched.map(|fetched| self.taken(fetched, grid, most)))
    }

    /// Every series of the instance on `grid`, `most` at most and no more than the tool may still read.
    /// Where they cannot be read, the coverage says why.
    ///
    /// # Errors
    /// When not even one series may still be read, or the call was stopped.
    pub async fn scan(
        &self,
        grid: &Grid,
        most: usize,
    ) -> Result<Option<SeriesReading<'a>>, ToolError> {
        let most = self.call.reserve_series(grid, most)?;
        self.call.expected();
        let stream = self.metrics.scan(grid, most).await;
        let stream = self.call.answered_by_metrics("series", stream)?;
        if stream.is_none() {
            self.call.give_back_points(most, grid);
        }
        Ok(stream.map(|stream| SeriesReading::new(self.call, stream, *grid, most)))
    }

    /// A query in the store's own language, `most` series at most and no more than the tool may still
    /// read.
    ///
    /// # Errors
    /// Whatever kept the store from answering: a tool that asks for one has nothing else to say.
    pub async fn query(&self, text: &str, grid: &Grid, most: usize) -> Result<Fetched, ToolError> {
        let most = self.call.reserve_series(grid, most)?;
        self.call.expected();
        let fetched = self.metrics.query(text, grid, most).await?;
        self.call.note_metrics();
        Ok(self.taken(fetched, grid, most))
    }

    /// The names of the instance's series that contain `part`, `most` at most, in order. Where they
    /// cannot be listed, the coverage says why.
    ///
    /// # Errors
    /// Only when the call was stopped.
    pub async fn names(&self, part: &str, most: usize) -> Result<Option<Vec<SeriesId>>, ToolError> {
        self.call.expected();
        let names = self.metrics.names(part, most).await;
        let names = self.call.answered_by_metrics("names of series", names)?;
        Ok(names.map(|mut names| {
            names.truncate(most);
            names
        }))
    }

    /// Counts what was read, keeps it within what was reserved, and tells what is missing.
    fn taken(&self, mut fetched: Fetched, grid: &Grid, reserved: usize) -> Fetched {
        fetched
            .series
            .retain(|series| series.values.len() == grid.len());
        let read = fetched.series.len();
        if read > reserved {
            fetched.series.truncate(reserved);
            let why = format!("{read} match what was asked for, and {reserved} are read at once");
            self.call.missing("further series", why, NARROWER);
        }
        let kept = fetched.series.len();
        self.call.state().cost.points += (kept * grid.len()) as u64;
        self.call.give_back_points(reserved - kept, grid);
        self.call.missing_series(&fetched.missing);
        fetched
    }
}

/// What to ask for instead of too much.
const NARROWER: &str = "ask for a shorter range, a longer step or fewer series";

fn too_much(what: &str, grid: &Grid) -> ToolError {
    ToolError::bad_input(format!(
        "{what} of {} points each are more than this tool reads at once; {NARROWER}",
        grid.len()
    ))
}

impl Call {
    /// What a source answered; where it did not, the coverage says why.
    fn answered_by_metrics<T>(
        &self,
        what: &str,
        answer: Result<T, MetricsError>,
    ) -> Result<Option<T>, ToolError> {
        match answer {
            Ok(answer) => {
                self.note_metrics();
                Ok(Some(answer))
            }
            Err(error) if error.blame() == Blame::Call => Err(error.into()),
            Err(error) => {
                self.without_metrics(what, error);
                Ok(None)
            }
        }
    }

    fn note_metrics(&self) {
        let mut state = self.state();
        state.coverage.answered += 1;
        state.metrics_read = true;
    }

    /// Room for up to `most` series on `grid`, at least one.
    fn reserve_series(&self, grid: &Grid, most: usize) -> Result<usize, ToolError> {
        if grid.is_empty() {
            return Err(ToolError::bad_input(
                "the window is shorter than one step; ask for a longer window or a shorter step",
            ));
        }
        let points = grid.len() as u64;
        let mut state = self.state();
        let left = self.parts.spec.metric_points;
        let left = left.saturating_sub(state.metric_points_taken);
        let room = usize::try_from(left / points).unwrap_or(usize::MAX);
        let series = room.min(most);
        if series == 0 && most > 0 {
            return Err(too_much("series", grid));
        }
        state.metric_points_taken += series as u64 * points;
        Ok(series)
    }

    fn give_back_points(&self, series: usize, grid: &Grid) {
        let mut state = self.state();
        let points = (series * grid.len()) as u64;
        state.metric_points_taken = state.metric_points_taken.saturating_sub(points);
    }
}
