//! All statements of one fingerprint.

use std::cmp::Ordering;
use std::ops::Deref;

use crate::entry::Entry;
use crate::names::Names;
use crate::samples::Samples;
use crate::tally::Tally;

/// The statement of a group that took longest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Worst {
    /// Its time.
    pub query_us: u64,
    /// When it ended.
    pub ended_us: Option<i64>,
    /// Rows it read.
    pub rows_examined: u64,
    /// Rows it returned.
    pub rows_sent: u64,
    /// Its connection.
    pub connection: Option<u64>,
    /// The number of its client's name.
    pub client: u32,
    /// Where its entry begins, in bytes from the start of what was read.
    pub offset: u64,
}

/// All statements of one fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// The statement's form, literals replaced.
    pub fingerprint: Box<[u8]>,
    /// What they did, how long they took and when.
    pub tally: Tally,
    /// Who ran them: `user[user] @ host [address]`.
    pub clients: Names,
    /// Their default databases.
    pub databases: Names,
    /// `key=value` of sqlcommenter tags.
    pub tags: Names,
    /// The one that took longest; the first of them.
    pub worst: Worst,
    /// Entries that followed one of the same group on their connection, with nothing logged between. At
    /// least so many: where a log is read in pieces, the first of a piece follows nothing.
    pub repeats: u64,
    /// The slowest as they were written, where [`crate::Options::samples_of`] asks for them.
    pub samples: Option<Samples>,
    /// The server's own digest; where it changed, as it may when the server is upgraded, the least of
    /// them, so that it does not depend on the order in which parts of a log are read.
    pub server_digest: Option<Box<[u8]>>,
}

/// A group is a tally of its statements, and who ran them.
impl Deref for Group {
    type Target = Tally;

    fn deref(&self) -> &Tally {
        &self.tally
    }
}

/// Where what is added to a digest was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Behind all that is in it, maybe in another log.
    Later,
    /// Anywhere in the same log: offsets tell what comes first.
    OfSameLog,
}

impl Group {
    pub(crate) fn add(&mut self, entry: &Entry<'_>, client: u32) {
        let times = entry.rate.max(1);
        if entry.query_us > self.worst.query_us || self.figures.entries == 0 {
            self.worst = Worst {
                query_us: entry.query_us,
                ended_us: entry.ended_us,
                rows_examined: entry.rows_examined,
                rows_sent: entry.rows_sent,
                connection: entry.connection,
                client,
                offset: entry.offset,
            };
        }
        self.tally.add(entry);
        self.clients.add(client, times);
        self.take_digest(entry.server_digest);
    }

    /// Adds the same group of another part, whose names have other numbers.
    pub(crate) fn merge(&mut self, other: &Self, part: Part, number: &dyn Fn(u32) -> u32) {
        let is_first = match part {
            Part::Later => false,
            Part::OfSameLog => other.worst.offset < self.worst.offset,
        };
        let is_worse = match other.worst.query_us.cmp(&self.worst.query_us) {
            Ordering::Greater => true,
            Ordering::Equal => is_first,
            Ordering::Less => false,
        };
        if is_worse || self.figures.entries == 0 {
            self.worst = other.worst;
            self.worst.client = number(other.worst.client);
        }
        self.tally.merge(&other.tally);
        self.repeats += other.repeats;
        if let Some(theirs) = &other.samples {
            let ours = self.samples.get_or_insert_default();
            ours.merge(theirs, number);
        }
        self.clients.merge(&other.clients, number);
        self.databases.merge(&other.databases, number);
        self.tags.merge(&other.tags, number);
        self.take_digest(other.server_digest.as_deref());
    }

    fn take_digest(&mut self, digest: Option<&[u8]>) {
        let Some(digest) = digest else { return };
        let known = self.server_digest.as_deref();
        if known.is_none_or(|known| digest < known) {
            self.server_digest = Some(digest.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u64) -> Group {
        let mut group = Group::default();
        let entry = Entry {
            query_us: 7,
            offset,
            ..Entry::default()
        };
        group.add(&entry, 0);
        group
    }

    #[test]
    fn of_equally_slow_statements_the_first_of_the_log_is_kept_in_whatever_order_it_was_read() {
        for (one, other) in [(1, 2), (2, 1)] {
            let mut group = at(one);
            group.merge(&at(other), Part::OfSameLog, &|name| name);
            assert_eq!(group.worst.offset, 1);
        }
        let mut group = at(2);
        group.merge(&at(1), Part::Later, &|name| name);
        assert_eq!(group.worst.offset, 2, "offsets of two logs tell nothing");
    }

    #[test]
    fn of_two_digests_of_the_server_the_same_is_kept_in_whatever_order_they_were_read() {
        let of = |digest: &'static [u8]| {
            let mut group = Group::default();
            let entry = Entry {
                server_digest: Some(digest),
                ..Entry::default()
            };
            group.add(&entry, 0);
            group
        };
        for (one, other) in [(b"a1", b"b2"), (b"b2", b"a1")] {
            let mut group = of(one);
            group.merge(&of(other), Part::Later, &|name| name);
            assert_eq!(group.server_digest.as_deref(), Some(&b"a1"[..]));
        }
    }
}
