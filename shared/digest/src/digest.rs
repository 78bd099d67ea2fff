//! Entries added up by fingerprint, in bounded memory.

use crate::entry::{Entry, Unread};
use crate::figures::Figures;
use crate::fingerprint::Writer;
use crate::group::{Group, Part};
use crate::groups::Groups;
use crate::name_table::{Latest, NameTable, Renumbered};
use crate::options::Options;
use crate::outlines::Outlines;
use crate::runs::Runs;
use crate::tags;
use crate::tally::Tally;

/// Entries added up by fingerprint.
pub struct Digest {
    options: Options,
    groups: Groups,
    outlines: Outlines,
    writer: Writer,
    names: NameTable,
    latest_client: Latest,
    latest_database: Latest,
    /// A tag as it is read.
    tag: Vec<u8>,
    runs: Runs,
    /// Which piece of a log is read: what stands for a database that only the piece before knows.
    piece: Option<u32>,
    totals: Tally,
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
            groups: Groups::new(options.samples_of),
            options,
            outlines: Outlines::default(),
            writer,
            names: NameTable::default(),
            latest_client: Latest::default(),
            latest_database: Latest::default(),
            tag: Vec::new(),
            runs: Runs::default(),
            piece: None,
            totals: Tally::default(),
            rest: Figures::default(),
            folded: 0,
            unread: Unread::default(),
        }
    }

    /// Adds an entry, if it is in the window.
    pub fn add(&mut self, entry: &Entry<'_>) {
        if !self.is_in_window(entry) {
            return;
        }
        self.totals.add(entry);
        let client = self.latest_client.number(entry.client, &mut self.names);
        let database = self.database(entry.database);
        let times = entry.rate.max(1);
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
            if tags::may_have(entry.sql) {
                tags::each(entry.sql, &self.options.tag_keys, &mut self.tag, |tag| {
                    group.tags.add(self.names.number(tag), times);
                });
            }
        }
        self.fold();
    }

    /// The groups, in no order.
    pub fn groups(&self) -> &[Group] {
        self.groups.all()
    }

    /// Everything added, folded groups included.
    pub fn totals(&self) -> &Tally {
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
        self.names.name(number)
    }

    /// Adds a digest of a later part: what comes out is what one digest of both parts would hold.
    pub fn merge(&mut self, later: &Self) {
        self.merge_part(later, Part::Later);
    }

    /// Adds a digest of other pieces of the same log, wherever they stand in it.
    pub(crate) fn merge_pieces(&mut self, others: &Self) {
        self.merge_part(others, Part::OfSameLog);
    }

    fn merge_part(&mut self, other: &Self, part: Part) {
        self.totals.merge(&other.totals);
        self.rest.merge(&other.rest);
        self.folded += other.folded;
        self.unread.merge(&other.unread);
        let numbers = other.names.iter().map(|name| self.names.number(name));
        let numbers = Renumbered(numbers.collect());
        for group in other.groups() {
            let at = self.groups.number(&group.fingerprint);
            if let Some(known) = self.groups.get_mut(at) {
                known.merge(group, part, &|name| numbers.number(name));
            }
        }
        self.fold();
    }

    /// From here on entries are of this piece of a log.
    pub(crate) fn begin_piece(&mut self, piece: u32) {
        self.piece = Some(piece);
        self.runs.forget();
    }

    /// Names the databases that only pieces before knew.
    pub(crate) fn name_unknown(&mut self, database_before: &dyn Fn(u32) -> Option<Vec<u8>>) {
        let names: Vec<Option<Vec<u8>>> = self
            .names
            .iter()
            .map(|name| piece_of(name).map_or_else(|| Some(name.to_vec()), database_before))
            .collect();
        let number = |name: Option<Vec<u8>>| name.map_or(0, |name| self.names.number(&name));
        let numbers = Renumbered(names.into_iter().map(number).collect());
        for group in self.groups.all_mut() {
            let databases = std::mem::take(&mut group.databases);
            group
                .databases
                .merge(&databases, &|name| numbers.number(name));
            group.databases.forget(0);
            if let Some(samples) = &mut group.samples {
                samples.renumber_databases(&|name| numbers.number(name));
            }
        }
        self.piece = None;
    }

    fn is_in_window(&mut self, entry: &Entry<'_>) -> bool {
        let Some(window) = self.options.window else {
            return true;
        };
        let Some(ended) = entry.ended_us else {
            self.unread.without_time += 1;
            return false;
        };
        let is_in = window.holds(ended);
        self.unread.outside_window += u64::from(!is_in);
        is_in
    }

    /// The number of a database's name, or of what stands for the one the piece before knows.
    fn database(&mut self, name: Option<&[u8]>) -> u32 {
        match (name, self.piece) {
            (Some(name), _) => self.latest_database.number(name, &mut self.names),
            (None, Some(piece)) => self
                .latest_database
                .number(&unknown(piece), &mut self.names),
            (None, None) => 0,
        }
    }

    fn group(&mut self, sql: &[u8]) -> usize {
        if let Some(at) = self.outlines.find(sql) {
            return at;
        }
        let at = self.groups.number(self.writer.write(sql));
        self.outlines.learn(at);
        at
    }

    /// Adds up the half of the groups that took least time where there are too many.
    fn fold(&mut self) {
        if self.groups.all().len() <= self.options.most_groups {
            return;
        }
        let folded = self.groups.keep_slowest(self.options.most_groups / 2);
        for group in &folded {
            self.rest.merge(&group.figures);
        }
        self.folded += folded.len() as u64;
        self.outlines.forget();
        self.runs.forget();
    }
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
