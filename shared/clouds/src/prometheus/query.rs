//! A caller's own query.

use storex_series::{Grid, Kind, Series, SeriesId, Unit};
use storex_sources::{Fetched, MetricsError, MissingSeries};

use super::Reader;
use super::answer::Aside;
use super::fence::fenced;
use super::kinds;
use super::plain::plain;
use super::selector::{NAME, Of};

/// Points of a series at most, as Prometheus has it.
const MOST_POINTS: usize = 11_000;
/// Figures at most of all series together.
const MOST_FIGURES: usize = 1_000_000;
/// Words of a query that stand for the name of a series that has none.
const MOST_NAME: usize = 120;

pub(super) async fn query(
    reader: &Reader,
    text: &str,
    grid: &Grid,
    most: usize,
) -> Result<Fetched, MetricsError> {
    for (asked, bound, what) in [
        (grid.len(), MOST_POINTS, "points a series"),
        (grid.len().saturating_mul(most), MOST_FIGURES, "figures"),
    ] {
        if asked > bound {
            return Err(MetricsError::TooMuch {
                what: format!("{asked} {what}"),
                most: bound.to_string(),
            });
        }
    }
    let sent = fenced(text, &reader.shared.instance, grid)?;
    let known = reader.known().await?;
    let types = reader.types().await?;
    let found = reader.range(&sent, grid, most).await?;
    let mut missing = said(&found.aside);
    if found.aside.has_more {
        missing.push(MissingSeries {
            what: format!("series beyond the first {most}"),
            why: "the query has more".to_owned(),
            fix: "add label matchers, or aggregate with sum, max or topk",
        });
    }
    missing.extend(found.aside.infos.iter().map(|info| MissingSeries {
        what: "the query".to_owned(),
        why: format!("the store remarks: {}", plain(info)),
        fix: "",
    }));
    let series = found.data.into_iter().map(|(labels, values)| {
        let of = reader
            .shared
            .instance
            .of(labels.get(NAME).map(String::as_str));
        let is_named = labels.contains_key(NAME);
        let id = known.id(of, labels);
        // Only a name that is still there says what the figures are: functions take it away.
        if is_named {
            let (kind, unit) = (types.kind(&id.name), kinds::unit(&id.name));
            return Series {
                id,
                kind,
                unit,
                values,
            };
        }
        let id = SeriesId {
            name: plain(text).chars().take(MOST_NAME).collect(),
            labels: host_free(reader, &known, id),
        };
        Series {
            id,
            kind: Kind::Gauge,
            unit: Unit::Count,
            values,
        }
    });
    Ok(Fetched {
        series: series.collect(),
        missing,
    })
}

/// A series without a name may be of the host's series: then the host's labels are left out.
fn host_free(reader: &Reader, known: &super::facts::Known, id: SeriesId) -> super::answer::Labels {
    if reader.shared.instance.has_host() {
        known.id(Of::Host, id.labels).labels
    } else {
        id.labels
    }
}

/// What a store said is missing from its answer.
pub(super) fn said(aside: &Aside) -> Vec<MissingSeries> {
    let part = |why: String| MissingSeries {
        what: "a part of the metrics store".to_owned(),
        why,
        fix: "",
    };
    let mut said: Vec<MissingSeries> = aside
        .warnings
        .iter()
        .map(|warning| part(format!("the store warns: {}", plain(warning))))
        .collect();
    if aside.is_partial && said.is_empty() {
        said.push(part("the store says that its answer is partial".to_owned()));
    }
    if aside.has_histograms {
        said.push(MissingSeries {
            what: "native histograms".to_owned(),
            why: "they are no figures".to_owned(),
            fix: "ask for histogram_quantile or histogram_avg of them",
        });
    }
    said
}
