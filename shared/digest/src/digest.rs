//! Entries added up by fingerprint, in bounded memory.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::entry::{Entry, Unread};
use crate::fingerprint::Writer;
use crate::form_id::FormId;
use crate::group::{Figures, Group};
use crate::histogram::Histogram;
use crate::outlines::Outlines;
use crate::runs::Runs;
use crate::samples::Samples;
use crate::tags;
use crate::timeline::{Slot, Timeline};

/// A stretch of time: from the first microsecond (of 1970 UTC) to before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first microsecond in it.
    pub from_us: i64,
    /// The first one after it.
    pub to_us: i64,
}

/// What to keep.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only entries that ended in it; all where there is none.
    pub window: Option<Window>,
    /// Groups kept at most; when there are more, those with the least time are folded into
    /// [`Digest::rest`].
    pub most_groups: usize,
    /// Whether names that differ in digits only are the same: see [`Writer::folding_digits`].
    pub folds_digits: bool,
    /// Keys of sqlcommenter tags that may be kept; others may hold personal data.
    pub tag_keys: Vec<String>,
    /// The form whose slowest statements are kept as they were written.
    pub samples_of: Option<FormId>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            window: None,
            most_groups: 5_000,
            folds_digits: false,
            tag_keys: tags::KEYS.map(str::to_owned).to_vec(),
            samples_of: None,
        }
    }
}

/// All statements together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// What they did.
    pub figures: Figures,
    /// Their times, in microseconds.
    pub times: Histogram,
    /// When they ended.
    pub timeline: Timeline,
}

/// Names longer than this are cut: a user, a host and an address are not.
const NAME_BYTES: usize = 256;
/// Different names kept in all.
const NAMES: usize = 50_000;

/// Entries added up by fingerprint.
pub struct Digest {
    options: Options,
    hasher: RandomState,
    groups: Vec<Group>,
    by_fingerprint: HashTable<u32>,
    names: Vec<Box<[u8]>>,
    by_name: HashTable<u32>,
    /// Client and database of the last entry: the next often has the same.
    latest: [(Vec<u8>, u32); 2],
    runs: Runs,
    outlines: Outlines,
    writer: Writer,
    buffer: Vec<u8>,
    /// Which piece of a log is read: what stands for a database that only the piece before knows.
    piece: Option<u32>,
    totals: Totals,
    rest: Figures,
    folded: u64,
    unread: Unread,
}

impl Digest {
    /// A digest of nothing yet.
    pub fn new(options: Options) -> Self {
        let writer = if options.folds_digits {
            Writer::folding_digits()
        } else {
            Writer::default()
        };
        Self {
            options,
            hasher: RandomState::default(),
            groups: Vec::new(),
            by_fingerprint: HashTable::new(),
            // The name of what has no name.
            names: vec![Box::default()],
            by_name: HashTable::new(),
            latest: [(Vec::new(), 0), (Vec::new(), 0)],
            runs: Runs::default(),
            outlines: Outlines::default(),
            writer,
            buffer: Vec::new(),
            piece: None,
            totals: Totals::default(),
            rest: Figures::default(),
            folded: 0,
            unread: Unread::default(),
        }
    }

    /// Adds an entry, if it is in the window.
    pub fn add(&mut self, entry: &Entry<'_>) {
        if let Some(window) = self.options.window {
            match entry.ended_us {
                Some(at) if at < window.from_us || at >= window.to_us => {
                    self.unread.outside_window += 1;
                    return;
                }
                Some(_) => {}
                None => {
                    self.unread.without_time += 1;
                    return;
                }
            }
        }
        let times = entry.rate.max(1);
        self.totals.figures.add(entry);
        self.totals.times.add(entry.query_us, times);
        if let Some(ended) = entry.ended_us {
            let slot = Slot {
                count: times,
                time_us: entry.query_us.saturating_mul(times),
            };
            self.totals.timeline.add(ended, slot);
        }
        let client = self.latest_name(0, entry.client);
        let database = match (entry.database, self.piece) {
            (Some(name), _) => self.latest_name(1, name),
            (None, Some(piece)) => self.latest_name(1, &unknown(piece)),
            (None, None) => 0,
        };
        let at = self.group(entry.sql);
        if let Some(group) = self.groups.get_mut(at) {
            group.add(entry, client);
            if let Some(connection) = entry.connection {
                group.repeats += u64::from(self.runs.repeats(connection, at));
            }
            if let Some(samples) = &mut group.samples {
                samples.add(entry, client, database);
            }
            if database > 0 {
                group.databases.add(database, times);
            }
        }
        if tags::may_have(entry.sql) {
            self.tag(entry.sql, at, times);
        }
        if self.groups.len() > self.options.most_groups {
            self.fold();
        }
    }

    /// The groups, in no order.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Everything added, folded groups included.
    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    /// What groups did that were folded because there were too many, and how many those were.
    pub fn rest(&self) -> (&Figures, u64) {
        (&self.rest, self.folded)
    }

    /// What was not read.
    pub fn unread(&self) -> &Unread {
        &self.unread
    }

    /// Adds what a reader could not read.
    pub fn left_out(&mut self, unread: &Unread) {
        self.unread.merge(unread);
    }

    /// The name of that number, as the log writes it.
    pub fn name(&self, number: u32) -> &[u8] {
        usize::try_from(number)
            .ok()
            .and_then(|at| self.names.get(at))
            .map_or(&[], |name| name)
    }

    /// Adds a digest of a later part: what comes out is what one digest of both parts would hold.
    pub fn merge(&mut self, later: &Self) {
        self.totals.figures.merge(&later.totals.figures);
        self.totals.times.merge(&later.totals.times);
        self.totals.timeline.merge(&later.totals.timeline);
        self.rest.merge(&later.rest);
        self.folded += later.folded;
        self.unread.merge(&later.unread);
        let numbers: Vec<u32> = later.names.iter().map(|name| self.number(name)).collect();
        let number = |name: u32| {
            let at = usize::try_from(name).unwrap_or(usize::MAX);
            numbers.get(at).copied().unwrap_or(0)
        };
        for group in &later.groups {
            let at = self.known_or_new(&group.fingerprint);
            if let Some(known) = self.groups.get_mut(at) {
                known.merge(group, &number);
            }
        }
        if self.groups.len() > self.options.most_groups {
            self.fold();
        }
    }

    /// From here on entries are of this piece of a log.
    pub(crate) fn begin_piece(&mut self, piece: u32) {
        self.piece = Some(piece);
        self.runs.forget();
    }

    /// Names the databases that only pieces before knew.
    pub(crate) fn name_unknown(&mut self, database_before: &dyn Fn(u32) -> Option<Vec<u8>>) {
        let renamed: Vec<(usize, Option<Vec<u8>>)> = self
            .names
            .iter()
            .enumerate()
            .filter_map(|(at, name)| Some((at, database_before(piece_of(name)?))))
            .collect();
        let mut numbers: Vec<u32> = (0..).take(self.names.len()).collect();
        for (at, name) in renamed {
            let number = name.map_or(0, |name| self.number(&name));
            if let Some(slot) = numbers.get_mut(at) {
                *slot = number;
            }
        }
        let number = |name: u32| {
            let at = usize::try_from(name).unwrap_or(usize::MAX);
            numbers.get(at).copied().unwrap_or(name)
        };
        for group in &mut self.groups {
            let databases = std::mem::take(&mut group.databases);
            group.databases.merge(&databases, &number);
            group.databases.forget(0);
            if let Some(samples) = &mut group.samples {
                samples.renumber_databases(&number);
            }
        }
        self.piece = None;
    }

    fn group(&mut self, sql: &[u8]) -> usize {
        if let Some(at) = self.outlines.find(sql) {
            return at;
        }
        let mut writer = std::mem::take(&mut self.writer);
        let at = self.known_or_new(writer.write(sql));
        self.writer = writer;
        self.outlines.learn(at);
        at
    }

    fn known_or_new(&mut self, fingerprint: &[u8]) -> usize {
        let hash = self.hasher.hash_one(fingerprint);
        let groups = &self.groups;
        let is_same = |at: &u32| is(groups, *at, fingerprint);
        if let Some(at) = self.by_fingerprint.find(hash, is_same) {
            return usize::try_from(*at).unwrap_or(usize::MAX);
        }
        let at = self.groups.len();
        let samples_of = self.options.samples_of;
        self.groups.push(Group {
            fingerprint: fingerprint.into(),
            samples: samples_of
                .filter(|wanted| FormId::of(fingerprint) == *wanted)
                .map(|_| Samples::default()),
            ..Group::default()
        });
        self.index(at);
        at
    }

    fn index(&mut self, at: usize) {
        let (groups, hasher) = (&self.groups, &self.hasher);
        let hash_of = |at: u32| {
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            let fingerprint = groups.get(at).map(|group| &*group.fingerprint);
            hasher.hash_one(fingerprint.unwrap_or_default())
        };
        if let Ok(number) = u32::try_from(at) {
            self.by_fingerprint
                .insert_unique(hash_of(number), number, |at| hash_of(*at));
        }
    }

    /// Keeps the half of the groups that took most time.
    fn fold(&mut self) {
        let mut groups = std::mem::take(&mut self.groups);
        groups.sort_by_key(|group| std::cmp::Reverse(group.figures.query_us.sum));
        let folded = groups.split_off(self.options.most_groups / 2);
        for group in &folded {
            self.rest.merge(&group.figures);
        }
        self.folded += folded.len() as u64;
        self.groups = groups;
        self.by_fingerprint.clear();
        self.outlines.forget();
        self.runs.forget();
        for at in 0..self.groups.len() {
            self.index(at);
        }
    }

    fn tag(&mut self, sql: &[u8], at: usize, times: u64) {
        let keys = std::mem::take(&mut self.options.tag_keys);
        let mut buffer = std::mem::take(&mut self.buffer);
        tags::each(sql, &keys, &mut buffer, |tag| {
            let name = self.number(tag);
            if let Some(group) = self.groups.get_mut(at) {
                group.tags.add(name, times);
            }
        });
        self.options.tag_keys = keys;
        self.buffer = buffer;
    }

    fn latest_name(&mut self, kind: usize, name: &[u8]) -> u32 {
        if let Some((known, number)) = self.latest.get(kind)
            && known == name
        {
            return *number;
        }
        let number = self.number(name);
        if let Some((known, latest)) = self.latest.get_mut(kind) {
            known.clear();
            known.extend_from_slice(name);
            *latest = number;
        }
        number
    }

    fn number(&mut self, name: &[u8]) -> u32 {
        let name = name.get(..NAME_BYTES).unwrap_or(name);
        if name.is_empty() {
            return 0;
        }
        let hash = self.hasher.hash_one(name);
        let (names, hasher) = (&self.names, &self.hasher);
        let at_number = |at: u32| {
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            names.get(at).map(|name| &**name).unwrap_or_default()
        };
        if let Some(known) = self.by_name.find(hash, |at| at_number(*at) == name) {
            return *known;
        }
        let Some(number) = u32::try_from(names.len())
            .ok()
            .filter(|_| names.len() < NAMES)
        else {
            return 0;
        };
        self.by_name
            .insert_unique(hash, number, |at| hasher.hash_one(at_number(*at)));
        self.names.push(name.into());
        number
    }
}

fn is(groups: &[Group], at: u32, fingerprint: &[u8]) -> bool {
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    groups
        .get(at)
        .is_some_and(|group| *group.fingerprint == *fingerprint)
}

/// Stands for the database a piece begins with, which only the piece before it knows. No name of a
/// database holds a NUL (`MySQL` Reference Manual, "Schema Object Names").
fn unknown(piece: u32) -> [u8; 5] {
    let [a, b, c, d] = piece.to_be_bytes();
    [0, a, b, c, d]
}

fn piece_of(name: &[u8]) -> Option<u32> {
    let [0, a, b, c, d] = *name else {
        return None;
    };
    Some(u32::from_be_bytes([a, b, c, d]))
}
