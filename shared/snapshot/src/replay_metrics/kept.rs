//! The recorded grids, and what of them answers for another.

use std::time::Instant;

use jiff::Timestamp;
use storex_series::{Grid, Kind, Series, Unit};
use storex_sources::{MetricsError, MissingSeries, Wanted};

use super::Reader;
use crate::metrics::{
    Listed, RecordedGrid, RecordedMetrics, counted, decode, gauged, rows_in_piece,
};

/// A piece, decoded.
pub(super) struct Piece {
    number: usize,
    figures: Vec<f64>,
}

/// A recorded grid with the list of its series.
#[derive(Clone, Copy)]
pub(super) struct Kept<'r> {
    pub(super) recorded: &'r RecordedGrid,
    pub(super) listed: &'r [Listed],
    pub(super) grid: Grid,
}

impl Reader {
    /// Whether the call may go on.
    pub(super) fn check(&self) -> Result<(), MetricsError> {
        if self.limits.cancel.is_cancelled() || Instant::now() >= self.limits.deadline {
            return Err(MetricsError::Cancelled);
        }
        Ok(())
    }

    /// The metrics, of which there are some.
    pub(super) fn recorded(&self) -> Result<&RecordedMetrics, MetricsError> {
        self.check()?;
        let metrics = self.replay.manifest().metrics.as_ref();
        let some = metrics.filter(|metrics| !metrics.grids.is_empty());
        some.ok_or(MetricsError::NotCaptured)
    }

    pub(super) fn kept(&self) -> Result<Vec<Kept<'_>>, MetricsError> {
        let grids = self.recorded()?.grids.iter();
        let lists = self.replay.loaded().series_lists();
        let kept = grids.zip(lists).map(|(recorded, listed)| Kept {
            recorded,
            listed,
            grid: recorded.grid(),
        });
        Ok(kept.collect())
    }

    /// The recorded grid that answers for another: of those that cover most of it the one of the same
    /// step, else the finest.
    pub(super) fn best(&self, wanted: &Grid) -> Result<Kept<'_>, MetricsError> {
        let covered = |kept: &Kept<'_>| {
            let from = kept.grid.start().max(wanted.start()).as_second();
            let to = kept.grid.end().min(wanted.end()).as_second();
            (to - from).max(0)
        };
        let kept = self.kept()?;
        let most = kept.iter().map(covered).max().unwrap_or(0);
        // What one step more or less decides is not worth the finer figures.
        let slack = i64::from(wanted.step().seconds());
        let best = kept
            .iter()
            .filter(|kept| covered(kept) + slack >= most)
            .min_by_key(|kept| (kept.grid.step() != wanted.step(), kept.grid.step()));
        best.copied().ok_or(MetricsError::NotCaptured)
    }

    /// The recorded figures of a series. The piece that holds them stays open for those beside it.
    pub(super) fn figures<'o>(
        &self,
        kept: Kept<'_>,
        row: usize,
        open: &'o mut Option<Piece>,
    ) -> Result<&'o [f64], MetricsError> {
        self.check()?;
        let points = kept.recorded.points;
        let each = rows_in_piece(points);
        let (number, place) = (row / each, row % each);
        let piece = match open.take().filter(|piece| piece.number == number) {
            Some(piece) => piece,
            None => Piece {
                number,
                figures: self.piece(kept, number)?,
            },
        };
        let figures = &open.insert(piece).figures;
        Ok(figures
            .get(place * points..(place + 1) * points)
            .unwrap_or_default())
    }

    fn piece(&self, kept: Kept<'_>, piece: usize) -> Result<Vec<f64>, MetricsError> {
        let file = kept.recorded.pieces.get(piece);
        let bytes = file.map(|file| self.replay.loaded().metrics_file(file));
        let count = kept.recorded.rows_of(piece) * kept.recorded.points;
        // It was read without an error when the snapshot was opened, so this does not happen.
        decode(&bytes.unwrap_or_default(), count).map_err(|error| MetricsError::Failed {
            detail: error.to_string(),
        })
    }
}

impl Kept<'_> {
    /// What the recording lacks of a grid that is asked for.
    pub(super) fn lacking(&self, wanted: &Grid) -> Vec<MissingSeries> {
        let mut missing = Vec::new();
        let mut add =
            |what: String, why: String| missing.push(MissingSeries { what, why, fix: "" });
        let step = i64::from(wanted.step().max(self.grid.step()).seconds());
        let (from, end) = (self.grid.start(), self.grid.end());
        if wanted.start().as_second() + step <= from.as_second() {
            add(
                format!("figures before {from}"),
                "they were not recorded".to_owned(),
            );
        }
        if wanted.end().as_second() - step >= end.as_second() {
            add(
                format!("figures from {end} on"),
                "they were not recorded".to_owned(),
            );
        }
        if wanted.step() < self.grid.step() {
            let apart = self.grid.step().seconds();
            let why = format!("they were recorded {apart} s apart");
            add("figures in between".to_owned(), why);
        }
        missing
    }
}

/// A recorded series as a gauge on the grid wanted.
pub(super) fn as_gauge(listed: &Listed, figures: &[f64], recorded: &Grid, wanted: &Grid) -> Series {
    let as_kept = |values| Series {
        id: listed.id(),
        kind: listed.kind(),
        unit: listed.unit().unwrap_or(Unit::Count),
        values,
    };
    if listed.kind() == Kind::Gauge {
        return as_kept(gauged(figures, recorded, wanted));
    }
    // The first difference needs the count before.
    let before = wanted.start().as_second() - i64::from(wanted.step().seconds());
    let before = Timestamp::from_second(before).unwrap_or(wanted.start());
    let longer = Grid::new(before, wanted.end(), wanted.step());
    let counts = as_kept(counted(figures, recorded, &longer));
    let mut rates = counts.per_second(&longer).series;
    let more = rates.values.len().saturating_sub(wanted.len());
    rates.values.drain(..more);
    rates
}

/// Whether a recorded series is one asked for.
pub(super) fn answers(listed: &Listed, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Signal(signal) => listed.name == signal.name && listed.labels.is_empty(),
        Wanted::Named(id) => {
            let has = |(label, value): (&String, &String)| listed.labels.get(label) == Some(value);
            listed.name == id.name && id.labels.iter().all(has)
        }
    }
}

pub(super) fn name_of(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Signal(signal) => signal.name.to_owned(),
        Wanted::Named(id) => id.to_string(),
    }
}
