//! The batches in turn: some are being read while others are used.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use storex_series::{Grid, Series, SeriesId};
use storex_sources::{MetricsError, MissingSeries, SeriesStream};

use super::batches::Batch;
use crate::prometheus::facts::Known;
use crate::prometheus::kinds::{self, Types};
use crate::prometheus::query::said;
use crate::prometheus::range::Found;
use crate::prometheus::read::{add, has_figures};
use crate::prometheus::selector::{NAME, Of};
use crate::prometheus::{AT_ONCE, Reader};

/// Series of a batch that came up since they were listed.
const NEW: usize = 20;
/// Names said of a batch that could not be read.
const NAMES: usize = 3;

/// What is to be read, and what is there already.
pub(super) struct Plan {
    pub(super) grid: Grid,
    /// The signals.
    pub(super) first: Vec<Vec<Series>>,
    pub(super) batches: Vec<Batch>,
    /// Series that the batches may hand out.
    pub(super) room: usize,
    pub(super) missing: Vec<MissingSeries>,
}

pub(super) struct Scan {
    /// What is there already.
    ready: VecDeque<Vec<Series>>,
    batches: BoxStream<'static, (Batch, Result<Found, MetricsError>)>,
    known: Arc<Known>,
    types: Arc<Types>,
    missing: Vec<MissingSeries>,
    seen: BTreeSet<SeriesId>,
    /// Batches that are not read yet.
    left: usize,
    /// Series that may still be handed out.
    room: usize,
    /// Any batch was read.
    is_read: bool,
}

impl Scan {
    pub(super) fn new(reader: Reader, known: Arc<Known>, types: Arc<Types>, plan: Plan) -> Self {
        let Plan {
            grid,
            first,
            batches,
            room,
            missing,
        } = plan;
        let left = batches.len();
        let is_read = !first.is_empty();
        let asked = futures::stream::iter(batches).map(move |batch| {
            let reader = reader.clone();
            async move {
                let query = reader.shared.instance.selector(batch.of, &batch.matchers);
                let found = reader.range(&query, &grid, batch.series + NEW).await;
                (batch, found)
            }
        });
        Self {
            ready: first.into(),
            batches: asked.buffered(AT_ONCE).boxed(),
            known,
            types,
            missing,
            seen: BTreeSet::new(),
            left,
            room,
            is_read,
        }
    }

    fn series(&mut self, of: Of, found: Found) -> Vec<Series> {
        add(&mut self.missing, said(&found.aside));
        let mut series = Vec::new();
        for (labels, values) in found.data {
            if self.room == 0 {
                break;
            }
            if !has_figures(&values) {
                continue;
            }
            self.room -= 1;
            let mut id = self.known.id(of, labels.clone());
            // Where the instance's own labels tell series apart, they stay.
            if self.seen.contains(&id) {
                let name = id.name;
                let mut labels = labels;
                labels.remove(NAME);
                id = SeriesId { name, labels };
            }
            let (kind, unit) = (self.types.kind(&id.name), kinds::unit(&id.name));
            self.seen.insert(id.clone());
            series.push(Series {
                id,
                kind,
                unit,
                values,
            });
        }
        series
    }

    /// Says what a failed batch leaves out; true when the others would fare no better.
    fn failed(&mut self, batch: &Batch, error: &MetricsError) -> bool {
        let is_over = matches!(
            error,
            MetricsError::Denied { .. }
                | MetricsError::Throttled { .. }
                | MetricsError::Unreachable { .. }
                | MetricsError::TimedOut { .. }
        );
        let mut what = batch
            .names
            .iter()
            .take(NAMES)
            .cloned()
            .collect::<Vec<_>>()
            .join(", ");
        if batch.names.len() > NAMES || is_over && self.left > 0 {
            what.push_str(" and others");
        }
        add(
            &mut self.missing,
            vec![MissingSeries {
                what,
                why: error.to_string(),
                fix: "",
            }],
        );
        is_over
    }
}

#[async_trait]
impl SeriesStream for Scan {
    async fn next(&mut self) -> Result<Option<Vec<Series>>, MetricsError> {
        if let Some(series) = self.ready.pop_front() {
            return Ok(Some(series));
        }
        while self.left > 0 {
            let Some((batch, found)) = self.batches.next().await else {
                break;
            };
            self.left -= 1;
            match found {
                Ok(found) => {
                    self.is_read = true;
                    let series = self.series(batch.of, found);
                    if !series.is_empty() {
                        return Ok(Some(series));
                    }
                }
                Err(error @ MetricsError::Cancelled) => return Err(error),
                Err(error) if !self.is_read => return Err(error),
                Err(error) => {
                    if self.failed(&batch, &error) {
                        // Dropped, so that what is being read is given up.
                        self.batches = futures::stream::empty().boxed();
                        self.left = 0;
                    }
                }
            }
        }
        Ok(None)
    }

    fn missing(&self) -> &[MissingSeries] {
        &self.missing
    }
}
