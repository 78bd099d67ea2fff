//! Sets of MySQL's global transaction identifiers. Pure.
//!
//! `uuid:1-5:7:tag:1-3,uuid:9`: intervals per source and, since 8.3, per tag (MySQL Reference Manual,
//! "GTID Format and Storage").

use std::collections::BTreeMap;
use std::fmt;

/// Transactions, as closed intervals in order per source and tag, none touching the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GtidSet(BTreeMap<Origin, Vec<(u64, u64)>>);

/// Who numbered the transactions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Origin {
    uuid: String,
    /// Empty without a tag.
    tag: String,
}

impl GtidSet {
    /// Reads what the server prints; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut set = Self::default();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let mut fields = part.split(':').map(str::trim);
            let uuid = fields.next().filter(|uuid| is_uuid(uuid))?;
            let mut origin = Origin {
                uuid: uuid.to_ascii_lowercase(),
                tag: String::new(),
            };
            for field in fields {
                if field.starts_with(|c: char| c.is_ascii_digit()) {
                    set.add(origin.clone(), interval(field)?);
                } else {
                    origin.tag = Some(field).filter(|tag| is_tag(tag))?.to_ascii_lowercase();
                }
            }
        }
        Some(set)
    }

    /// Transactions in the set.
    pub fn count(&self) -> u64 {
        let intervals = self.0.values().flatten();
        intervals.fold(0, |sum, (first, last)| {
            sum.saturating_add(last - first).saturating_add(1)
        })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of this set that are not in `other`.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut rest = Self::default();
        for (origin, intervals) in &self.0 {
            let taken = other.0.get(origin).map_or(&[][..], Vec::as_slice);
            let left: Vec<_> = intervals
                .iter()
                .flat_map(|interval| without(*interval, taken))
                .collect();
            if !left.is_empty() {
                rest.0.insert(origin.clone(), left);
            }
        }
        rest
    }

    /// Those numbered by one source, whatever their tag.
    #[must_use]
    pub fn from_source(&self, uuid: &str) -> Self {
        let of_source = self
            .0
            .iter()
            .filter(|(origin, _)| origin.uuid.eq_ignore_ascii_case(uuid));
        Self(
            of_source
                .map(|(origin, intervals)| (origin.clone(), intervals.clone()))
                .collect(),
        )
    }

    fn add(&mut self, origin: Origin, new: (u64, u64)) {
        let intervals = self.0.entry(origin).or_default();
        intervals.push(new);
        intervals.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(intervals.len());
        for (first, last) in intervals.drain(..) {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => merged.push((first, last)),
            }
        }
        *intervals = merged;
    }
}

/// What is left of an interval, in pieces, when `taken` (in order) is removed from it.
fn without((first, last): (u64, u64), taken: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut pieces = Vec::new();
    let mut next = first;
    for &(from, to) in taken {
        if to < next {
            continue;
        }
        if from > last {
            break;
        }
        if from > next {
            pieces.push((next, from - 1));
        }
        next = to.saturating_add(1);
    }
    if next <= last {
        pieces.push((next, last));
    }
    pieces
}

fn interval(text: &str) -> Option<(u64, u64)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    // The server numbers from 1 to 2^63 - 2.
    (1..=last)
        .contains(&first)
        .then_some((first, last))
        .filter(|(_, last)| *last < u64::MAX >> 1)
}

fn is_uuid(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    digits == 32 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

fn is_tag(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !text.starts_with(|c: char| c.is_ascii_digit())
}

impl fmt::Display for GtidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut previous: Option<&str> = None;
        for (origin, intervals) in &self.0 {
            // Tags of one source follow each other: the untagged come first, as an empty tag sorts.
            if previous != Some(origin.uuid.as_str()) {
                if previous.is_some() {
                    f.write_str(",")?;
                }
                f.write_str(&origin.uuid)?;
                previous = Some(&origin.uuid);
            }
            if !origin.tag.is_empty() {
                write!(f, ":{}", origin.tag)?;
            }
            for (first, last) in intervals {
                if first == last {
                    write!(f, ":{first}")?;
                } else {
                    write!(f, ":{first}-{last}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
