//! Signals and series by name.

use std::sync::Arc;

use futures::StreamExt as _;
use promql_parser::label::Matcher;
use storex_series::{Grid, Kind, Series, SeriesId};
use storex_sources::{Fetched, MetricsError, MissingSeries, Signal, Wanted};

use super::facts::Known;
use super::kinds::{self, Types};
use super::query::said;
use super::range::Found;
use super::selector::{NAME, equal, is_plain_label};
use super::{AT_ONCE, Reader, expressions};

/// Series of one name.
const MOST_OF_A_NAME: usize = 500;

pub(super) async fn read(
    reader: &Reader,
    wanted: &[Wanted],
    grid: &Grid,
) -> Result<Fetched, MetricsError> {
    let known = reader.known().await?;
    let types = if wanted.iter().any(|one| matches!(one, Wanted::Named(_))) {
        reader.types().await?
    } else {
        Arc::default()
    };
    let asked = wanted.iter().cloned().map(|one| {
        let (reader, known, types) = (reader.clone(), Arc::clone(&known), Arc::clone(&types));
        let grid = *grid;
        async move {
            let part = match &one {
                Wanted::Signal(signal) => signal_of(&reader, &known, signal, &grid).await,
                Wanted::Named(id) => named(&reader, &known, &types, id, &grid).await,
            };
            (one, part)
        }
    });
    let mut parts = futures::stream::iter(asked).buffered(AT_ONCE);
    let mut fetched = Fetched::default();
    let mut failed = None;
    while let Some((one, part)) = parts.next().await {
        match part {
            Ok(part) => {
                fetched.series.extend(part.series);
                add(&mut fetched.missing, part.missing);
            }
            Err(error @ MetricsError::Cancelled) => return Err(error),
            Err(error) => {
                let what = match &one {
                    Wanted::Signal(signal) => signal.name.to_owned(),
                    Wanted::Named(id) => id.to_string(),
                };
                let why = error.to_string();
                add(
                    &mut fetched.missing,
                    vec![MissingSeries { what, why, fix: "" }],
                );
                failed = Some(error);
            }
        }
    }
    match failed {
        Some(error) if fetched.series.is_empty() => Err(error),
        _ => {
            add(&mut fetched.missing, several(&known));
            Ok(fetched)
        }
    }
}

/// Says so where the selector matches more than one exporter.
pub(super) fn several(known: &Known) -> Vec<MissingSeries> {
    if known.exporters < 2 {
        return Vec::new();
    }
    vec![MissingSeries {
        what: "one exporter of the instance".to_owned(),
        why: format!(
            "the selector matches {} exporters; of each signal the largest figure is shown",
            known.exporters
        ),
        fix: "make the selector of the instance's series in the inventory match one exporter",
    }]
}

/// What is not said yet.
pub(super) fn add(all: &mut Vec<MissingSeries>, more: Vec<MissingSeries>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

async fn signal_of(
    reader: &Reader,
    known: &Known,
    signal: &'static Signal,
    grid: &Grid,
) -> Result<Fetched, MetricsError> {
    let missing = |why: &str, fix| Fetched {
        series: Vec::new(),
        missing: vec![MissingSeries {
            what: signal.name.to_owned(),
            why: why.to_owned(),
            fix,
        }],
    };
    let Some(spelling) = expressions::spelling(signal) else {
        return Ok(missing("no exporter tells it", ""));
    };
    let window_s = known.window_s(grid.step());
    let Some(query) = spelling.sent(&reader.shared.instance, window_s) else {
        let why = "the inventory does not say which series are the host's";
        return Ok(missing(why, spelling.needs));
    };
    let found = reader.range(&query, grid, 1).await?;
    let mut said = said(&found.aside);
    let mut data = found.data.into_iter();
    let Some((_, values)) = data.next().filter(|(_, values)| has_figures(values)) else {
        let mut missing = missing(
            "the store has no figures for it in this window",
            spelling.needs,
        );
        add(&mut missing.missing, said);
        return Ok(missing);
    };
    let series = vec![Series {
        id: SeriesId::named(signal.name),
        kind: Kind::Gauge,
        unit: signal.unit,
        values,
    }];
    said.dedup();
    Ok(Fetched {
        series,
        missing: said,
    })
}

pub(super) fn has_figures(values: &[f64]) -> bool {
    values.iter().any(|value| value.is_finite())
}

async fn named(
    reader: &Reader,
    known: &Known,
    types: &Types,
    id: &SeriesId,
    grid: &Grid,
) -> Result<Fetched, MetricsError> {
    let missing = |why: String, fix| MissingSeries {
        what: id.to_string(),
        why,
        fix,
    };
    if !id
        .labels
        .keys()
        .all(|label| is_plain_label(label) && label != NAME)
    {
        let why = "it has labels that no series has".to_owned();
        return Ok(Fetched {
            series: Vec::new(),
            missing: vec![missing(why, "")],
        });
    }
    let instance = &reader.shared.instance;
    let of = instance.of(Some(&id.name));
    let mut matchers: Vec<Matcher> = vec![equal(NAME, &id.name)];
    matchers.extend(id.labels.iter().map(|(label, value)| equal(label, value)));
    let selector = instance.selector(of, &matchers);
    let is_counter = types.kind(&id.name) == Kind::Counter;
    let unit = kinds::unit(&id.name);
    let (query, unit) = if is_counter {
        let window_s = known.window_s(grid.step());
        (format!("rate({selector}[{window_s}s])"), unit.per_second())
    } else {
        (selector, unit)
    };
    let Found { data, aside } = reader.range(&query, grid, MOST_OF_A_NAME).await?;
    let mut said = said(&aside);
    if aside.has_more {
        said.push(missing(
            format!("more than {MOST_OF_A_NAME} series have that name"),
            "name labels as well",
        ));
    }
    let series: Vec<Series> = data
        .into_iter()
        .filter(|(_, values)| has_figures(values))
        .map(|(mut labels, values)| {
            labels.insert(NAME.to_owned(), id.name.clone());
            let id = known.id(of, labels);
            Series {
                id,
                kind: Kind::Gauge,
                unit,
                values,
            }
        })
        .collect();
    if series.is_empty() {
        let why = "the store has no such series of this instance in this window".to_owned();
        said.push(missing(why, ""));
    }
    Ok(Fetched {
        series,
        missing: said,
    })
}
