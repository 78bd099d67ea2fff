//! All series of an instance, in turn, as a tool reads them.

use std::time::{Duration, Instant};

use storex_series::{Grid, Series};
use storex_sources::{Blame, SeriesStream};

use super::super::Call;
use crate::ToolError;

/// How often the client is told how far reading has come.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// The series of an instance being read. Dropped, it tells the coverage what it did not read.
pub struct SeriesReading<'a> {
    call: &'a Call,
    stream: Option<Box<dyn SeriesStream>>,
    grid: Grid,
    /// Series it may still read; the room of those left at the end is given back.
    reserved: usize,
    read: usize,
    told: Instant,
}

impl<'a> SeriesReading<'a> {
    pub(super) fn new(
        call: &'a Call,
        stream: Box<dyn SeriesStream>,
        grid: Grid,
        reserved: usize,
    ) -> Self {
        Self {
            call,
            stream: Some(stream),
            grid,
            reserved,
            read: 0,
            told: Instant::now(),
        }
    }

    /// The next series, some dozens of them; `None` after the last. Where the store stops answering, the
    /// coverage says so and what was read stands.
    ///
    /// # Errors
    /// Only when the call was stopped.
    pub async fn next(&mut self) -> Result<Option<Vec<Series>>, ToolError> {
        let Some(stream) = &mut self.stream else {
            return Ok(None);
        };
        match stream.next().await {
            Ok(Some(batch)) => Ok(Some(self.take(batch))),
            Ok(None) => {
                self.close();
                Ok(None)
            }
            Err(error) if error.blame() == Blame::Call => Err(error.into()),
            Err(error) => {
                let what = format!("the series after the first {}", self.read);
                self.call.without_metrics(&what, error);
                self.close();
                Ok(None)
            }
        }
    }

    /// How many series were read so far.
    pub fn read(&self) -> usize {
        self.read
    }

    /// Counts a batch and keeps it within what was reserved.
    fn take(&mut self, mut batch: Vec<Series>) -> Vec<Series> {
        batch.retain(|series| series.values.len() == self.grid.len());
        if batch.len() > self.reserved {
            batch.truncate(self.reserved);
            let why = "they are more than are read at once";
            self.call.missing("further series", why, super::NARROWER);
            self.close();
        }
        self.reserved = self.reserved.saturating_sub(batch.len());
        self.read += batch.len();
        self.call.state().cost.points += (batch.len() * self.grid.len()) as u64;
        if self.told.elapsed() >= TOLD_EVERY {
            self.told = Instant::now();
            self.call.progress(format!("{} series read", self.read));
        }
        batch
    }

    fn close(&mut self) {
        if let Some(stream) = self.stream.take() {
            self.call.missing_series(stream.missing());
        }
    }
}

impl Drop for SeriesReading<'_> {
    fn drop(&mut self) {
        self.close();
        self.call.give_back_points(self.reserved, &self.grid);
    }
}
