//! What a store is, how often it takes an instance's figures, and which labels only say which instance it is.

mod learn;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use storex_series::{Grid, SeriesId, Step};
use storex_sources::{MetricsError, StoreFacts, wall_clock};

use super::Reader;
use super::answer::Labels;
use super::client::Ask;
use super::kinds::Types;
use super::selector::{NAME, Of, equal};

/// So long it is believed.
const FRESH: Duration = Duration::from_secs(300);
const SMALL: usize = 64 << 10;
const METADATA: usize = 16 << 20;
const DAY: Step = Step::of(86_400);
const QUARTER: Step = Step::of(900);
/// How far back the beginning is looked for.
const DAYS_BACK: i64 = 30;

/// What was learnt lately.
#[derive(Debug, Default)]
pub(super) struct Cache {
    known: Mutex<Option<(Instant, Arc<Known>)>>,
    types: Mutex<Option<(Instant, Arc<Types>)>>,
    about: Mutex<Option<(Instant, StoreFacts)>>,
}

/// What is known of an instance's series.
#[derive(Debug)]
pub(super) struct Known {
    /// How far apart figures are.
    pub(super) resolution: Step,
    /// How many exporters the database's selector matches.
    pub(super) exporters: usize,
    /// The name of a series that is always there.
    beacon: String,
    database: Labels,
    host: Labels,
}

impl Known {
    /// What a series is called without what says which instance it is.
    pub(super) fn id(&self, of: Of, mut labels: Labels) -> SeriesId {
        let name = labels.remove(NAME).unwrap_or_default();
        let own = match of {
            Of::Database => &self.database,
            Of::Host => &self.host,
        };
        labels.retain(|label, value| own.get(label) != Some(value));
        SeriesId { name, labels }
    }

    /// The time that rates are taken over: three figures at least, so that one may be missing.
    pub(super) fn window_s(&self, step: Step) -> u32 {
        step.seconds()
            .max(self.resolution.seconds().saturating_mul(3))
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fresh<T: Clone>(mutex: &Mutex<Option<(Instant, T)>>) -> Option<T> {
    let cached = locked(mutex);
    let (at, value) = cached.as_ref()?;
    (at.elapsed() < FRESH).then(|| value.clone())
}

fn keep<T: Clone>(mutex: &Mutex<Option<(Instant, T)>>, value: &T) {
    *locked(mutex) = Some((Instant::now(), value.clone()));
}

impl Reader {
    /// What is known of the instance's series.
    pub(super) async fn known(&self) -> Result<Arc<Known>, MetricsError> {
        if let Some(known) = fresh(&self.shared.cache.known) {
            return Ok(known);
        }
        let known = Arc::new(learn::known(self).await?);
        keep(&self.shared.cache.known, &known);
        Ok(known)
    }

    /// What the store says of the types of series; not every store does.
    pub(super) async fn types(&self) -> Result<Arc<Types>, MetricsError> {
        if let Some(types) = fresh(&self.shared.cache.types) {
            return Ok(types);
        }
        let one_each = vec![("limit_per_metric", "1".to_owned())];
        let types = match self.ask(&Ask::plain("metadata", one_each, METADATA)).await {
            Ok(body) => types(&body),
            Err(MetricsError::Cancelled) => return Err(MetricsError::Cancelled),
            Err(_) => Types::default(),
        };
        let types = Arc::new(types);
        keep(&self.shared.cache.types, &types);
        Ok(types)
    }
}

/// What the store says of itself and of this instance.
pub(super) async fn about(reader: &Reader) -> Result<StoreFacts, MetricsError> {
    if let Some(facts) = fresh(&reader.shared.cache.about) {
        return Ok(facts);
    }
    let known = reader.known().await?;
    let build = reader
        .ask(&Ask::plain("status/buildinfo", Vec::new(), SMALL))
        .await;
    let facts = StoreFacts {
        store: match build {
            Ok(body) => product(&body),
            Err(MetricsError::Cancelled) => return Err(MetricsError::Cancelled),
            Err(_) => product(b""),
        },
        resolution: known.resolution,
        since: since(reader, &known).await?,
        language: Some("PromQL"),
    };
    keep(&reader.shared.cache.about, &facts);
    Ok(facts)
}

/// Since when there are figures, to a quarter of an hour; `None` where that is longer ago than looked for.
async fn since(reader: &Reader, known: &Known) -> Result<Option<Timestamp>, MetricsError> {
    let now = wall_clock();
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let days = Grid::new(now - days(DAYS_BACK), now + days(1), DAY);
    let Some(day) = first(reader, known, &days).await?.filter(|day| *day > 0) else {
        return Ok(None);
    };
    let quarters = Grid::new(days.at(day - 1), days.at(day), QUARTER);
    let quarter = first(reader, known, &quarters).await?;
    // The last quarter ends with the day, which is no moment of the grid.
    let since = quarters.at(quarter.unwrap_or(quarters.len()));
    Ok(Some(since.min(now)))
}

/// The first moment before which, within a step, there are figures.
async fn first(reader: &Reader, known: &Known, grid: &Grid) -> Result<Option<usize>, MetricsError> {
    let beacon = [equal(NAME, &known.beacon)];
    let selector = reader.shared.instance.selector(Of::Database, &beacon);
    let query = format!(
        "max(present_over_time({selector}[{}s]))",
        grid.step().seconds()
    );
    let found = match reader.range(&query, grid, 1).await {
        Err(MetricsError::Cancelled) => return Err(MetricsError::Cancelled),
        // It is not needed for anything else.
        Err(_) => return Ok(None),
        Ok(found) => found,
    };
    let values = found.data.into_iter().next();
    Ok(values.and_then(|(_, values)| values.iter().position(|value| value.is_finite())))
}

/// Product and version: only Prometheus itself tells what it was built from, or a product names itself.
fn product(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Answer {
        data: Build,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Build {
        version: Option<String>,
        application: Option<String>,
        go_version: Option<String>,
    }
    let unknown = "Prometheus-compatible".to_owned();
    let Ok(Answer { data }) = serde_json::from_slice::<Answer>(body) else {
        return unknown;
    };
    let name = match (data.application, data.go_version) {
        (Some(application), _) => super::plain::plain(&application),
        (None, Some(_)) => "Prometheus".to_owned(),
        // Others state the version of Prometheus they are like.
        (None, None) => return unknown,
    };
    let version = data.version.unwrap_or_default();
    format!("{name} {}", super::plain::plain(&version))
        .trim()
        .to_owned()
}

fn types(body: &[u8]) -> Types {
    #[derive(Deserialize)]
    struct Answer {
        data: std::collections::BTreeMap<String, Vec<Told>>,
    }
    #[derive(Deserialize)]
    struct Told {
        r#type: String,
    }
    let mut types = Types::default();
    if let Ok(answer) = serde_json::from_slice::<Answer>(body) {
        for (name, told) in answer.data {
            if let Some(told) = told.first() {
                types.note(name, &told.r#type);
            }
        }
    }
    types
}

#[cfg(test)]
mod tests {
    use storex_series::Kind;

    use super::*;

    #[test]
    fn a_product_is_named_only_by_itself() {
        let prometheus = br#"{"status":"success","data":{"version":"3.5.0","revision":"x","goVersion":"go1.24"}}"#;
        assert_eq!(product(prometheus), "Prometheus 3.5.0");
        let mimir = br#"{"status":"success","data":{"application":"Grafana Mimir","version":"2.15","goVersion":"x"}}"#;
        assert_eq!(product(mimir), "Grafana Mimir 2.15");
        let like = br#"{"status":"success","data":{"version":"2.24.0"}}"#;
        assert_eq!(product(like), "Prometheus-compatible");
        assert_eq!(product(b"<html>"), "Prometheus-compatible");
    }

    #[test]
    fn types_are_read_from_metadata() {
        let body = br#"{"status":"success","data":{"a":[{"type":"counter","help":"","unit":""}],"b_total":[]}}"#;
        let types = types(body);
        assert_eq!(types.kind("a"), Kind::Counter);
        assert_eq!(types.kind("b_total"), Kind::Counter);
        assert_eq!(types.kind("c"), Kind::Gauge);
    }
}
