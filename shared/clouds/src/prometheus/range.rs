//! Range queries of any length, a bearable part at a time.

use std::collections::BTreeMap;

use storex_series::Grid;
use storex_sources::MetricsError;

use super::Reader;
use super::answer::{self, Answer, Aside, Labels, Many};
use super::client::Ask;
use super::trouble::Trouble;

/// Points of a series asked for at once; Prometheus answers 11,000 at most.
const MOST_POINTS: usize = 10_000;
/// Bytes of one answer at most. Batches are made up to stay far below.
pub(super) const MOST_BYTES: usize = 48 << 20;
/// A larger answer is decoded beside the threads that wait for others.
const LARGE: usize = 256 << 10;

/// Series and what was said of them.
pub(super) type Found = Answer<Many<f64>>;

impl Reader {
    /// The series of a query on `grid`, `most` at most.
    pub(super) async fn range(
        &self,
        query: &str,
        grid: &Grid,
        most: usize,
    ) -> Result<Found, MetricsError> {
        if grid.len() <= MOST_POINTS {
            return self.part(query, *grid, most).await;
        }
        let mut whole: BTreeMap<Labels, Vec<f64>> = BTreeMap::new();
        let mut aside = Aside::default();
        let mut from = 0;
        while from < grid.len() {
            let to = (from + MOST_POINTS).min(grid.len());
            let part = Grid::new(grid.at(from), grid.at(to), grid.step());
            let found = self.part(query, part, most).await?;
            aside.add(found.aside);
            for (labels, values) in found.data {
                if whole.len() >= most && !whole.contains_key(&labels) {
                    aside.has_more = true;
                    continue;
                }
                let all = whole
                    .entry(labels)
                    .or_insert_with(|| vec![f64::NAN; grid.len()]);
                for (place, value) in all.iter_mut().skip(from).zip(values) {
                    *place = value;
                }
            }
            from = to;
        }
        let data = whole.into_iter().collect();
        Ok(Answer { data, aside })
    }

    async fn part(&self, query: &str, grid: Grid, most: usize) -> Result<Found, MetricsError> {
        let Some(last) = grid.len().checked_sub(1) else {
            return Ok(Answer {
                data: Vec::new(),
                aside: Aside::default(),
            });
        };
        let form = vec![
            ("query", query.to_owned()),
            ("start", grid.start().as_second().to_string()),
            ("end", grid.at(last).as_second().to_string()),
            ("step", grid.step().seconds().to_string()),
        ];
        let body = self
            .ask(&Ask::form("query_range", form, MOST_BYTES))
            .await?;
        if body.len() < LARGE {
            return answer::range(&body, &grid, most).map_err(|_| no_answer());
        }
        let decoded = tokio::task::spawn_blocking(move || answer::range(&body, &grid, most));
        let decoded = decoded.await.map_err(|_panicked| MetricsError::Cancelled)?;
        decoded.map_err(|_| no_answer())
    }

    /// The body of an answer.
    pub(super) async fn ask(&self, ask: &Ask) -> Result<Vec<u8>, MetricsError> {
        let place = tokio::select! {
            biased;
            () = self.limits.cancel.cancelled() => return Err(MetricsError::Cancelled),
            () = tokio::time::sleep_until(self.limits.deadline.into()) => {
                return Err(MetricsError::Cancelled);
            }
            place = self.shared.places.acquire() => place,
        };
        let _place = place.map_err(|_| MetricsError::Cancelled)?;
        self.shared.store.ask(ask, &self.limits).await
    }
}

impl Aside {
    fn add(&mut self, other: Self) {
        for (all, more) in [
            (&mut self.warnings, other.warnings),
            (&mut self.infos, other.infos),
        ] {
            for said in more {
                if !all.contains(&said) {
                    all.push(said);
                }
            }
        }
        self.is_partial |= other.is_partial;
        self.has_histograms |= other.has_histograms;
        self.has_more |= other.has_more;
    }
}

pub(super) fn no_answer() -> MetricsError {
    Trouble::Odd("what answers there does not speak Prometheus' interface")
        .told(std::time::Duration::ZERO)
}
