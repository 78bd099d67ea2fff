//! Which series are read with one request: as many as keep its answer to a bearable size.

use std::collections::BTreeMap;

use promql_parser::label::Matcher;

use crate::prometheus::answer::Labels;
use crate::prometheus::selector::{NAME, Of, equal, is_plain_label, one_of};

/// Bytes of the answers that batches are made for.
const BYTES: usize = 6 << 20;
/// A figure with its moment, as JSON: `[1700000000,"123456.789"],` and a little more.
const FIGURE: usize = 32;
/// Series of a batch at most.
const MOST: usize = 100;
/// Bytes of the names or values that one query lists at most.
const MOST_TEXT: usize = 6_000;

/// Series read with one request.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) of: Of,
    pub(super) matchers: Vec<Matcher>,
    /// What they are called, for saying what is missing.
    pub(super) names: Vec<String>,
    /// How many there are.
    pub(super) series: usize,
}

/// Batches of series that have so many figures each.
pub(super) fn batches(by_name: BTreeMap<(bool, String), Vec<Labels>>, points: usize) -> Vec<Batch> {
    let room = (BYTES / (points.max(1) * FIGURE)).clamp(1, MOST);
    let mut batches: Vec<Batch> = Vec::new();
    let mut open: Option<Open> = None;
    for ((is_host, name), list) in by_name {
        let of = if is_host { Of::Host } else { Of::Database };
        if list.len() > room {
            batches.extend(split(of, &name, &list, room));
            continue;
        }
        let fits = open.as_ref().is_some_and(|open| {
            open.of == of && open.series + list.len() <= room && open.text + name.len() <= MOST_TEXT
        });
        if !fits {
            batches.extend(open.take().and_then(Open::close));
        }
        let one = open.get_or_insert(Open {
            of,
            names: Vec::new(),
            series: 0,
            text: 0,
        });
        one.series += list.len();
        one.text += name.len() + 1;
        one.names.push(name);
    }
    batches.extend(open.and_then(Open::close));
    batches
}

/// A batch that has room.
struct Open {
    of: Of,
    names: Vec<String>,
    series: usize,
    text: usize,
}

impl Open {
    fn close(self) -> Option<Batch> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        Some(Batch {
            of: self.of,
            matchers: vec![one_of(NAME, &names)?],
            names: self.names,
            series: self.series,
        })
    }
}

/// One name with many series: a part of the values of the label that tells most of them apart.
fn split(of: Of, name: &str, list: &[Labels], room: usize) -> Vec<Batch> {
    let mut values: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for labels in list {
        for (label, value) in labels {
            if is_plain_label(label) && label != NAME {
                *values.entry(label).or_default().entry(value).or_default() += 1;
            }
        }
    }
    let telling = values.iter().max_by_key(|(_, values)| values.len());
    let batch = |matcher: Option<Matcher>, series| Batch {
        of,
        matchers: std::iter::once(equal(NAME, name)).chain(matcher).collect(),
        names: vec![name.to_owned()],
        series,
    };
    let Some((label, values)) = telling.filter(|(_, values)| values.len() > 1) else {
        return vec![batch(None, list.len())];
    };
    let mut batches = Vec::new();
    let (mut part, mut series, mut text): (Vec<&str>, usize, usize) = (Vec::new(), 0, 0);
    for (value, count) in values {
        if !part.is_empty() && (series + count > room || text + value.len() > MOST_TEXT) {
            batches.push(batch(one_of(label, &part), series));
            (part, series, text) = (Vec::new(), 0, 0);
        }
        part.push(value);
        series += count;
        text += value.len() + 1;
    }
    batches.push(batch(one_of(label, &part), series));
    // Series without the label would be passed over.
    let without = list
        .iter()
        .filter(|labels| !labels.contains_key(*label))
        .count();
    if without > 0 {
        batches.push(batch(Some(equal(label, "")), without));
    }
    batches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_of(batch: &Batch, labels: &Labels) -> bool {
        batch
            .matchers
            .iter()
            .all(|matcher| matcher.is_match(labels.get(&matcher.name).map_or("", String::as_str)))
    }

    proptest! {
        #[test]
        fn every_series_is_in_one_batch_and_batches_keep_to_their_size(
            names in proptest::collection::btree_map("[a-c]{1,3}", 1..60_usize, 0..12),
            points in 1..20_000_usize,
            tables in 1..9_usize,
        ) {
            let by_name: BTreeMap<(bool, String), Vec<Labels>> = names.iter().map(|(name, count)| {
                let list = (0..*count).map(|number| {
                    let mut labels = Labels::from([
                        (NAME.to_owned(), name.clone()),
                        ("number".to_owned(), format!("{number}.x|")),
                        ("table".to_owned(), (number % tables).to_string()),
                    ]);
                    if number == 7 {
                        labels.remove("number");
                    }
                    labels
                }).collect();
                ((false, name.clone()), list)
            }).collect();
            let all: Vec<Labels> = by_name.values().flatten().cloned().collect();
            let batches = batches(by_name, points);
            let room = (BYTES / (points * FIGURE)).clamp(1, MOST);
            for labels in &all {
                prop_assert_eq!(batches.iter().filter(|batch| is_of(batch, labels)).count(), 1);
            }
            for batch in &batches {
                let series = all.iter().filter(|labels| is_of(batch, labels)).count();
                prop_assert_eq!(series, batch.series);
                prop_assert!(series <= room);
            }
        }
    }
}
