//! What a store answers, decoded as it is read: figures go straight to their places on the grid, and a
//! store that answers more than was asked for costs no memory.

mod figures;
mod seeds;

use std::collections::BTreeMap;

use serde::de::DeserializeSeed as _;
use storex_series::Grid;

pub(super) use figures::Sample;
use figures::{OnGrid, Samples};
use seeds::{Body, Data, List, ResultSeed};

/// Labels of a series, its name among them.
pub(super) type Labels = BTreeMap<String, String>;

/// Series: labels and figures.
pub(super) type Many<T> = Vec<(Labels, Vec<T>)>;

/// What comes around the data.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Aside {
    /// Parts that are missing, in the store's words.
    pub(super) warnings: Vec<String>,
    /// What the store thinks of the query.
    pub(super) infos: Vec<String>,
    /// What went wrong, of an answer that is an error.
    pub(super) error: Option<String>,
    /// The kind of error, as the interface names it.
    pub(super) error_type: Option<String>,
    /// The store says that parts are missing, in no words.
    pub(super) is_partial: bool,
    /// There were series with histograms, which are no figures.
    pub(super) has_histograms: bool,
    /// More series came than were asked for.
    pub(super) has_more: bool,
}

/// An answer.
#[derive(Debug, PartialEq)]
pub(super) struct Answer<T> {
    pub(super) data: T,
    pub(super) aside: Aside,
}

/// Why bytes are no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoAnswer;

/// Series of a range query: labels, and one figure for each moment of the grid.
pub(super) fn range(bytes: &[u8], grid: &Grid, most: usize) -> Result<Answer<Many<f64>>, NoAnswer> {
    let figures = || OnGrid::new(grid);
    whole(
        bytes,
        most,
        &|list: &mut Vec<_>, labels, figures: OnGrid| {
            list.push((labels, figures.values));
        },
        &figures,
    )
}

/// Series of an instant query over a range: labels, and the samples as they were taken.
pub(super) fn samples(bytes: &[u8], most: usize) -> Result<Answer<Many<Sample>>, NoAnswer> {
    whole(
        bytes,
        most,
        &|list: &mut Vec<_>, labels, figures: Samples| {
            list.push((labels, figures.taken));
        },
        &Samples::default,
    )
}

fn whole<T: Default, F: figures::Figures>(
    bytes: &[u8],
    most: usize,
    keep: &dyn Fn(&mut T, Labels, F),
    figures: &dyn Fn() -> F,
) -> Result<Answer<T>, NoAnswer> {
    let mut aside = Aside::default();
    let mut data = T::default();
    let mut take = |labels: Labels, one: F| keep(&mut data, labels, one);
    let result = ResultSeed {
        most,
        take: &mut take,
        figures,
    };
    read(
        bytes,
        Body {
            aside: &mut aside,
            data: Data::Query(result),
        },
    )?;
    Ok(Answer { data, aside })
}

/// Label sets of `/api/v1/series`.
pub(super) fn series(bytes: &[u8], most: usize) -> Result<Answer<Vec<Labels>>, NoAnswer> {
    let mut aside = Aside::default();
    let mut data = Vec::new();
    let list = List {
        most,
        found: &mut data,
    };
    read(
        bytes,
        Body::<OnGrid> {
            aside: &mut aside,
            data: Data::List(list),
        },
    )?;
    Ok(Answer { data, aside })
}

/// Of an error, what the store says of it; nothing where it says nothing in the interface's form.
pub(super) fn complaint(bytes: &[u8]) -> Option<Aside> {
    let mut aside = Aside::default();
    let mut none = Vec::new();
    let list = List {
        most: 0,
        found: &mut none,
    };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let body = Body::<OnGrid> {
        aside: &mut aside,
        data: Data::List(list),
    };
    body.deserialize(&mut json).ok()?;
    aside.error.is_some().then_some(aside)
}

fn read<F: figures::Figures>(bytes: &[u8], body: Body<'_, F>) -> Result<(), NoAnswer> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let is_success = body.deserialize(&mut json).map_err(|_| NoAnswer)?;
    json.end().map_err(|_| NoAnswer)?;
    if is_success { Ok(()) } else { Err(NoAnswer) }
}

#[cfg(test)]
mod tests;
