//! Learns which labels an instance's series all have, and how often figures are taken, from a series that
//! has no labels of its own.

use jiff::Timestamp;
use storex_series::Step;
use storex_sources::{MetricsError, wall_clock};

use super::Known;
use crate::prometheus::Reader;
use crate::prometheus::answer::{self, Answer, Labels, Many, Sample};
use crate::prometheus::client::Ask;
use crate::prometheus::range::no_answer;
use crate::prometheus::selector::{NAME, Of, equal};

/// Told by every exporter of a server and of a host.
const OF_SERVER: &str = "mysql_up";
const OF_HOST: &str = "node_time_seconds";
/// How far back it is looked for, one after the other; where a store takes figures seldom, or has taken
/// none lately.
const BACK: [&str; 2] = ["10m", "6h"];
/// Series of one name are looked at, to see whether there are more exporters than one.
const MOST: usize = 20;
const BYTES: usize = 8 << 20;
/// Where it cannot be told.
const USUAL: Step = Step::of(60);

const CHECK: &str = "check the selector of the instance's series in the inventory, and that the store \
    scrapes the exporter: the series `mysql_up` must be there with these labels";

pub(super) async fn known(reader: &Reader) -> Result<Known, MetricsError> {
    let instance = &reader.shared.instance;
    let found = taken(reader, Of::Database, OF_SERVER).await?;
    let host = if instance.has_host() {
        common(&taken(reader, Of::Host, OF_HOST).await?)
    } else {
        None
    };
    let host = host.unwrap_or_else(|| instance.stated(Of::Host));
    let Some(database) = common(&found) else {
        let beacon = any(reader).await?;
        return Ok(Known {
            resolution: USUAL,
            exporters: 1,
            beacon,
            database: instance.stated(Of::Database),
            host,
        });
    };
    Ok(Known {
        resolution: resolution(&found).unwrap_or(USUAL),
        exporters: found.len(),
        beacon: OF_SERVER.to_owned(),
        database,
        host,
    })
}

/// What was lately taken of a series.
async fn taken(reader: &Reader, of: Of, name: &str) -> Result<Many<Sample>, MetricsError> {
    let selector = reader.shared.instance.selector(of, &[equal(NAME, name)]);
    for back in BACK {
        let form = vec![
            ("query", format!("{selector}[{back}]")),
            ("time", seconds(wall_clock())),
        ];
        let body = reader.ask(&Ask::form("query", form, BYTES)).await?;
        let Answer { data, .. } = answer::samples(&body, MOST).map_err(|_| no_answer())?;
        let is_enough = data.iter().any(|(_, samples)| samples.len() > 2);
        if is_enough || (!data.is_empty() && Some(&back) == BACK.last()) {
            return Ok(data);
        }
    }
    Ok(Vec::new())
}

/// The name of any series of the last day.
async fn any(reader: &Reader) -> Result<String, MetricsError> {
    let found = super::super::names::listed(reader, Of::Database, &[], None, 1).await?;
    let name = found
        .data
        .into_iter()
        .next()
        .and_then(|mut labels| labels.remove(NAME));
    name.ok_or(MetricsError::NoSeries { remedy: CHECK })
}

fn seconds(at: Timestamp) -> String {
    format!("{}.{:03}", at.as_second(), at.subsec_millisecond().max(0))
}

/// The labels that all have alike; `None` of none.
fn common(found: &[(Labels, Vec<Sample>)]) -> Option<Labels> {
    let ((first, _), others) = found.split_first()?;
    let mut labels = first.clone();
    labels.remove(NAME);
    labels.retain(|label, value| {
        others
            .iter()
            .all(|(labels, _)| labels.get(label) == Some(value))
    });
    Some(labels)
}

/// The middle one of the times between samples, in whole seconds.
fn resolution(found: &[(Labels, Vec<Sample>)]) -> Option<Step> {
    let (_, samples) = found.iter().max_by_key(|(_, samples)| samples.len())?;
    let mut gaps: Vec<f64> = samples
        .windows(2)
        .filter_map(|pair| Some(pair.get(1)?.at_s - pair.first()?.at_s))
        .filter(|gap| gap.is_finite() && *gap > 0.0)
        .collect();
    gaps.sort_by(f64::total_cmp);
    let middle = gaps.get(gaps.len() / 2)?.round().clamp(1.0, 86_400.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a whole number within a day"
    )]
    let seconds = middle as u32;
    Some(Step::of(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(labels: &[(&str, &str)], at: &[f64]) -> (Labels, Vec<Sample>) {
        let labels = labels
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let samples = at.iter().map(|at_s| Sample {
            at_s: *at_s,
            value: 1.0,
        });
        (labels.collect(), samples.collect())
    }

    #[test]
    fn the_usual_time_between_samples_counts() {
        let found = [series(&[], &[0.0, 15.0, 30.01, 90.0, 105.02, 120.0])];
        assert_eq!(resolution(&found), Some(Step::of(15)));
        assert_eq!(resolution(&[series(&[], &[1.0])]), None);
        assert_eq!(
            resolution(&[series(&[], &[1.0, 1.2, 1.4])]),
            Some(Step::of(1))
        );
    }

    #[test]
    fn labels_that_differ_between_exporters_are_not_the_instances() {
        let one = series(
            &[
                ("__name__", "mysql_up"),
                ("instance", "a"),
                ("replica", "0"),
            ],
            &[],
        );
        let two = series(
            &[
                ("__name__", "mysql_up"),
                ("instance", "a"),
                ("replica", "1"),
            ],
            &[],
        );
        let labels = common(&[one, two]).unwrap();
        assert_eq!(
            labels.into_iter().collect::<Vec<_>>(),
            [("instance".to_owned(), "a".to_owned())]
        );
        assert_eq!(common(&[]), None);
    }
}
