//! Which series there are.

use jiff::{SignedDuration, Timestamp};
use promql_parser::label::Matcher;
use storex_series::{Grid, SeriesId};
use storex_sources::{MetricsError, wall_clock};

use super::Reader;
use super::answer::{self, Answer, Labels};
use super::client::Ask;
use super::kinds;
use super::range::no_answer;
use super::selector::{NAME, Of, matching, quoted};

/// How far back a series counts as being there.
const LATELY: SignedDuration = SignedDuration::from_hours(24);
/// Bytes of a list of series at most.
const BYTES: usize = 32 << 20;
/// Series of an instance that are listed at most; names are told from them.
pub(super) const MOST_LISTED: usize = 20_000;

/// Label sets of an instance's series in the time of a grid, or lately.
pub(super) async fn listed(
    reader: &Reader,
    of: Of,
    more: &[Matcher],
    grid: Option<&Grid>,
    most: usize,
) -> Result<Answer<Vec<Labels>>, MetricsError> {
    let now = wall_clock();
    let (from, to) = match grid {
        Some(grid) => (grid.start(), grid.end()),
        None => (now - LATELY, now),
    };
    let seconds = |at: Timestamp| at.as_second().to_string();
    let form = vec![
        ("match[]", reader.shared.instance.selector(of, more)),
        ("start", seconds(from)),
        ("end", seconds(to)),
        ("limit", most.saturating_add(1).to_string()),
    ];
    let body = reader.ask(&Ask::form("series", form, BYTES)).await?;
    answer::series(&body, most).map_err(|_| no_answer())
}

/// The names of the instance's series that contain `part`, in order.
pub(super) async fn names(
    reader: &Reader,
    part: &str,
    most: usize,
) -> Result<Vec<SeriesId>, MetricsError> {
    let known = reader.known().await?;
    let pattern = format!("(?i).*{}.*", quoted(part));
    let more: Vec<Matcher> = matching(NAME, &pattern)
        .filter(|_| !part.is_empty())
        .into_iter()
        .collect();
    let mut found = Vec::new();
    for of in [Of::Database, Of::Host] {
        if of == Of::Host && !reader.shared.instance.has_host() {
            continue;
        }
        let listed = listed(reader, of, &more, None, MOST_LISTED).await?;
        found.extend(listed.data.into_iter().map(|labels| known.id(of, labels)));
    }
    found.retain(|id| !kinds::is_of_the_exporter(&id.name));
    found.sort();
    found.dedup();
    found.truncate(most);
    Ok(found)
}
