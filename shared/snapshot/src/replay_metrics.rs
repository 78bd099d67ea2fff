//! The metrics of a snapshot as a source. A replay answers from the series that were recorded, on the
//! grid it is asked for; the clock stands where the replay starts.

mod kept;

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use storex_series::{Grid, Kind, Series, SeriesId, Step, Unit};
use storex_sources::{
    Fetched, Limits, Metrics, MetricsError, MetricsSource, MissingSeries, SeriesStream, StoreFacts,
    Wanted,
};

use crate::Replay;
use crate::metrics::{Listed, counted, gauged};

use kept::{Piece, answers, as_gauge, name_of};

/// The metrics of a recorded instance. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct ReplayMetrics(pub(crate) Replay);

impl MetricsSource for ReplayMetrics {
    fn open(&self, limits: Limits) -> Box<dyn Metrics> {
        Box::new(Reader {
            replay: self.0.clone(),
            limits,
        })
    }

    fn kind(&self) -> &'static str {
        "snapshot"
    }
}

impl Replay {
    /// The metrics that were recorded with it.
    pub fn metrics(&self) -> ReplayMetrics {
        ReplayMetrics(self.clone())
    }
}

#[derive(Clone)]
struct Reader {
    replay: Replay,
    limits: Limits,
}

#[async_trait]
impl Metrics for Reader {
    async fn about(&self) -> Result<StoreFacts, MetricsError> {
        let recorded = self.recorded()?;
        let grids = recorded.grids.iter();
        let finest = grids.clone().map(|grid| Step::of(grid.step_s)).min();
        Ok(StoreFacts {
            store: recorded.store.clone(),
            resolution: finest.unwrap_or(Step::MINUTE),
            since: grids.map(|grid| grid.from).min(),
            language: None,
        })
    }

    async fn read(&self, wanted: &[Wanted], grid: &Grid) -> Result<Fetched, MetricsError> {
        let kept = self.best(grid)?;
        let mut missing = kept.lacking(grid);
        let mut rows = BTreeSet::new();
        for one in wanted {
            let listed = kept.listed.iter().enumerate();
            let found = listed.filter(|(_, listed)| answers(listed, one));
            let before = rows.len();
            let found: Vec<usize> = found.map(|(row, _)| row).collect();
            rows.extend(&found);
            if found.is_empty() && rows.len() == before {
                let what = name_of(one);
                let recorded = self.recorded()?.missing.iter();
                let why = recorded.clone().find(|missing| missing.what == what);
                let why = why.map_or("the snapshot does not hold it", |missing| &missing.why);
                missing.push(MissingSeries {
                    what,
                    why: why.to_owned(),
                    fix: "",
                });
            }
        }
        let mut series = Vec::with_capacity(rows.len());
        let mut open = None;
        for row in rows {
            let Some(listed) = kept.listed.get(row) else {
                continue;
            };
            let figures = self.figures(kept, row, &mut open)?;
            series.push(as_gauge(listed, figures, &kept.grid, grid));
        }
        Ok(Fetched { series, missing })
    }

    async fn scan(&self, grid: &Grid, most: usize) -> Result<Box<dyn SeriesStream>, MetricsError> {
        let kept = self.best(grid)?;
        let mut missing = kept.lacking(grid);
        let recorded = self.recorded()?.missing.iter();
        missing.extend(recorded.map(|one| MissingSeries {
            what: one.what.clone(),
            why: one.why.clone(),
            fix: "",
        }));
        let total = kept.listed.len();
        if total > most {
            missing.push(MissingSeries {
                what: format!("{} further series", total - most),
                why: format!("{most} are read at once"),
                fix: "",
            });
        }
        let grids = self.recorded()?.grids.iter();
        let place = grids.take_while(|one| *one != kept.recorded).count();
        Ok(Box::new(Stream {
            reader: self.clone(),
            place,
            wanted: *grid,
            next: 0,
            end: total.min(most),
            open: None,
            missing,
        }))
    }

    async fn query(&self, _: &str, _: &Grid, _: usize) -> Result<Fetched, MetricsError> {
        self.recorded()?;
        Err(MetricsError::NoLanguage {
            store: "a snapshot",
        })
    }

    async fn names(&self, part: &str, most: usize) -> Result<Vec<SeriesId>, MetricsError> {
        let kept = self.kept()?;
        let listed = kept.iter().flat_map(|kept| kept.listed);
        let named = listed.filter(|listed| listed.name.contains(part));
        let ids: BTreeSet<SeriesId> = named.map(Listed::id).collect();
        Ok(ids.into_iter().take(most).collect())
    }

    fn now(&self) -> Timestamp {
        self.replay.starts_at()
    }
}

/// The series of a grid, some at a time.
struct Stream {
    reader: Reader,
    /// Of the recorded grid.
    place: usize,
    wanted: Grid,
    next: usize,
    end: usize,
    open: Option<Piece>,
    missing: Vec<MissingSeries>,
}

/// Series handed out at once.
const BATCH: usize = 64;

#[async_trait]
impl SeriesStream for Stream {
    async fn next(&mut self) -> Result<Option<Vec<Series>>, MetricsError> {
        let kept = self.reader.kept()?;
        let Some(kept) = kept.get(self.place) else {
            return Ok(None);
        };
        let rows = self.next..self.end.min(self.next + BATCH);
        self.next = rows.end;
        let listed = kept.listed.get(rows.clone()).unwrap_or_default();
        let mut series = Vec::with_capacity(listed.len());
        for (row, listed) in rows.zip(listed) {
            let figures = self.reader.figures(*kept, row, &mut self.open)?;
            let values = match listed.kind() {
                Kind::Gauge => gauged(figures, &kept.grid, &self.wanted),
                Kind::Counter => counted(figures, &kept.grid, &self.wanted),
            };
            series.push(Series {
                id: listed.id(),
                kind: listed.kind(),
                unit: listed.unit().unwrap_or(Unit::Count),
                values,
            });
        }
        Ok((!series.is_empty()).then_some(series))
    }

    fn missing(&self) -> &[MissingSeries] {
        &self.missing
    }
}
