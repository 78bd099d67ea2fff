//! Every series of an instance: the signals, then what says more than they do, a batch at a time.

mod batches;
mod stream;

use std::collections::{BTreeMap, BTreeSet};

use storex_series::Grid;
use storex_sources::{MetricsError, MissingSeries, SIGNALS, SeriesStream, Wanted};

use super::answer::Labels;
use super::facts::Known;
use super::selector::{NAME, Of, is_plain_name};
use super::{Reader, expressions, kinds, names, query, read};
use batches::batches;
use stream::{Plan, Scan};

/// Signals in one piece.
const SIGNALS_AT_ONCE: usize = 16;
/// Signals that an instance may well not have.
const NOT_EVERYWHERE: &[&str] = &[
    "replication_lag_s",
    "replication_running",
    "commit_latency_s",
];

pub(super) async fn scan(
    reader: &Reader,
    grid: &Grid,
    most: usize,
) -> Result<Box<dyn SeriesStream>, MetricsError> {
    let known = reader.known().await?;
    let types = reader.types().await?;
    let wanted: Vec<Wanted> = SIGNALS.iter().map(Wanted::Signal).collect();
    let signals = read::read(reader, &wanted, grid).await?;
    let found: BTreeSet<&str> = signals
        .series
        .iter()
        .map(|series| series.id.name.as_str())
        .collect();
    let mut missing = grouped(&signals.missing);
    let left = most.saturating_sub(signals.series.len());

    let mut listed = Listed::default();
    for of in [Of::Database, Of::Host] {
        if of == Of::Host && !reader.shared.instance.has_host() {
            continue;
        }
        let one = names::listed(reader, of, &[], Some(grid), names::MOST_LISTED).await?;
        read::add(&mut missing, query::said(&one.aside));
        listed.has_more |= one.aside.has_more;
        listed.add(&known, of, one.data, &found);
    }
    let cut = listed.cut(left);
    if cut > 0 || listed.has_more {
        missing.push(MissingSeries {
            what: format!("series beyond the first {most}"),
            why: if listed.has_more {
                "the instance has more than are listed".to_owned()
            } else {
                format!("the instance has {cut} more")
            },
            fix: "",
        });
    }
    let batches = batches(listed.by_name, grid.len());
    let mut series = signals.series;
    series.truncate(most);
    let first: Vec<_> = series.chunks(SIGNALS_AT_ONCE).map(<[_]>::to_vec).collect();
    let plan = Plan {
        grid: *grid,
        first,
        batches,
        room: left,
        missing,
    };
    Ok(Box::new(Scan::new(reader.clone(), known, types, plan)))
}

/// The series that are there, by whose they are and by name.
#[derive(Debug, Default)]
struct Listed {
    by_name: BTreeMap<(bool, String), Vec<Labels>>,
    has_more: bool,
}

impl Listed {
    /// Adds those that tell more than the signals that were found.
    fn add(&mut self, known: &Known, of: Of, listed: Vec<Labels>, found: &BTreeSet<&str>) {
        for labels in listed {
            let Some(name) = labels.get(NAME).filter(|name| is_plain_name(name)) else {
                continue;
            };
            if kinds::is_of_the_exporter(name) {
                continue;
            }
            let own = known.id(of, labels.clone()).labels;
            let signal = expressions::signal_of(name, &own);
            if signal.is_some_and(|signal| found.contains(signal)) {
                continue;
            }
            let key = (of == Of::Host, name.clone());
            self.by_name.entry(key).or_default().push(labels);
        }
    }

    /// Keeps `most` series; how many were left out.
    fn cut(&mut self, most: usize) -> usize {
        let (mut kept, mut cut) = (0, 0);
        for list in self.by_name.values_mut() {
            let room = most - kept;
            if list.len() > room {
                list.sort();
                cut += list.len() - room;
                list.truncate(room);
            }
            kept += list.len();
        }
        self.by_name.retain(|_, list| !list.is_empty());
        cut
    }
}

/// Signals that are missing for the same reason, in one line each.
fn grouped(missing: &[MissingSeries]) -> Vec<MissingSeries> {
    let mut groups: Vec<MissingSeries> = Vec::new();
    for one in missing {
        if NOT_EVERYWHERE.contains(&one.what.as_str()) {
            continue;
        }
        let same = groups
            .iter_mut()
            .find(|group| group.why == one.why && group.fix == one.fix);
        match same {
            Some(group) => {
                group.what.push_str(", ");
                group.what.push_str(&one.what);
            }
            None => groups.push(one.clone()),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_for_the_same_reason_is_said_in_one_line() {
        let one = |what: &str, why: &str| MissingSeries {
            what: what.to_owned(),
            why: why.to_owned(),
            fix: "",
        };
        let missing = [
            one("a", "x"),
            one("replication_lag_s", "x"),
            one("b", "y"),
            one("c", "x"),
        ];
        assert_eq!(grouped(&missing), [one("a, c", "x"), one("b", "y")]);
    }

    #[test]
    fn series_beyond_the_bound_are_counted() {
        let labels = |number: usize| Labels::from([("n".to_owned(), number.to_string())]);
        let mut listed = Listed::default();
        for (name, count) in [("a", 3), ("b", 4), ("c", 2)] {
            let list = (0..count).map(labels).collect();
            listed.by_name.insert((false, name.to_owned()), list);
        }
        assert_eq!(listed.cut(5), 4);
        let kept: Vec<usize> = listed.by_name.values().map(Vec::len).collect();
        assert_eq!(kept, [3, 2]);
    }
}
