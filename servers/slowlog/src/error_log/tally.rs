//! Counts entries by the form of their messages and by class; memory is bounded whatever the log holds.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use storex_sources::Window;
use storex_tool::Severity;

use super::classes::{KNOWN, class_of};
use super::form::form_of_plain;
use super::restarts::{is_backtrace, is_crash};
use super::{Entry, Level, Restarts};

/// Forms kept; entries of others are counted together.
const FORMS: usize = 1_000;
/// Names kept of a class.
const NAMES: usize = 50;
/// `ER_IB_MSG_644`: the parts of a deadlock's dump.
const DEADLOCK_PART: u32 = 12_469;

/// Entries of one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its place in the table of classes.
    pub class: Option<usize>,
    /// The level.
    pub level: Level,
    /// The code.
    pub code: Option<u32>,
    /// The subsystem.
    pub subsystem: Option<String>,
    /// The form.
    pub form: String,
    /// How many.
    pub count: u64,
    /// The first.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
}

/// Entries of one class.
#[derive(Debug, Clone)]
pub struct ClassTally {
    /// Its place in the table of classes.
    pub class: usize,
    /// How many.
    pub count: u64,
    /// The first.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
    /// The most within one minute of the clock.
    pub most_a_minute: u64,
    /// Who or what its messages name, and how often.
    pub names: BTreeMap<String, u64>,
    minute: (i64, u64),
}

/// Key of a group: level, code, subsystem, form.
type Key = (Level, Option<u32>, Option<String>, String);

/// What a log tells of a window.
#[derive(Debug)]
pub struct Tally {
    window: Window,
    groups: HashMap<Key, Group>,
    classes: BTreeMap<usize, ClassTally>,
    /// How the server stopped and started.
    pub restarts: Restarts,
    /// Entries in the window.
    pub entries: u64,
    /// Entries that are parts of the one before them: of a backtrace, of a deadlock's dump.
    pub parts: u64,
    /// Entries whose form was one too many.
    pub beyond_forms: u64,
    /// By level.
    pub levels: BTreeMap<Level, u64>,
    last_crash: Option<Timestamp>,
}

impl Tally {
    /// An empty one.
    pub fn new(window: Window) -> Self {
        Self {
            window,
            groups: HashMap::new(),
            classes: BTreeMap::new(),
            restarts: Restarts::default(),
            entries: 0,
            parts: 0,
            beyond_forms: 0,
            levels: BTreeMap::new(),
            last_crash: None,
        }
    }

    /// Counts an entry, if it is of the window.
    pub fn take(&mut self, entry: &Entry) {
        if entry.at < self.window.from || entry.at >= self.window.to {
            return;
        }
        self.restarts.take(entry);
        self.entries += 1;
        if self.is_part(entry) {
            self.parts += 1;
            return;
        }
        *self.levels.entry(entry.level).or_default() += 1;
        let class = class_of(entry);
        if let Some(class) = class {
            self.count_class(class, entry);
        }
        let key = (
            entry.level,
            entry.code,
            entry.subsystem.clone(),
            form_of_plain(&entry.plain),
        );
        if let Some(group) = self.groups.get_mut(&key) {
            group.count += 1;
            group.first = group.first.min(entry.at);
            group.last = group.last.max(entry.at);
        } else if self.groups.len() < FORMS {
            let group = Group {
                class,
                level: entry.level,
                code: entry.code,
                subsystem: entry.subsystem.clone(),
                form: key.3.clone(),
                count: 1,
                first: entry.at,
                last: entry.at,
            };
            self.groups.insert(key, group);
        } else {
            self.beyond_forms += 1;
        }
    }

    /// The groups, those that matter first: by class, then by level, then by how many.
    pub fn groups(&self) -> Vec<&Group> {
        let mut groups: Vec<&Group> = self.groups.values().collect();
        groups.sort_by(|one, other| rank(one).cmp(&rank(other)).then(one.form.cmp(&other.form)));
        groups
    }

    /// The classes that occurred, those that matter most first.
    pub fn classes(&self) -> impl Iterator<Item = &ClassTally> {
        self.classes.values()
    }

    /// The window.
    pub fn window(&self) -> Window {
        self.window
    }

    /// MySQL 9 prints a crash again at the next start, each line an entry; dumps of deadlocks are
    /// several entries.
    fn is_part(&mut self, entry: &Entry) -> bool {
        let crash = is_crash(entry);
        if is_backtrace(entry) {
            let known = self.last_crash.is_some_and(|at| {
                entry.at.duration_since(at).abs() < jiff::SignedDuration::from_secs(1)
            });
            return !crash || known;
        }
        if crash {
            self.last_crash = Some(entry.at);
        }
        let part = entry.text.is_empty() || entry.text.starts_with("*** ");
        entry.is_innodb() && (entry.code == Some(DEADLOCK_PART) || (entry.code.is_none() && part))
    }

    fn count_class(&mut self, class: usize, entry: &Entry) {
        let tally = self.classes.entry(class).or_insert_with(|| ClassTally {
            class,
            count: 0,
            first: entry.at,
            last: entry.at,
            most_a_minute: 0,
            names: BTreeMap::new(),
            minute: (i64::MIN, 0),
        });
        tally.count += 1;
        tally.first = tally.first.min(entry.at);
        tally.last = tally.last.max(entry.at);
        let minute = entry.at.as_second().div_euclid(60);
        if tally.minute.0 != minute {
            tally.minute = (minute, 0);
        }
        tally.minute.1 += 1;
        tally.most_a_minute = tally.most_a_minute.max(tally.minute.1);
        if KNOWN.get(class).is_some_and(|class| class.names)
            && let Some(name) = name(&entry.text)
            && (tally.names.len() < NAMES || tally.names.contains_key(&name))
        {
            *tally.names.entry(name).or_default() += 1;
        }
    }
}

/// What a group is ordered by, least first. What is known to be noise comes last.
fn rank(group: &Group) -> (u8, usize, Level, Reverse<u64>) {
    let class = group.class.and_then(|class| KNOWN.get(class));
    let tier = match (class, group.level) {
        (Some(class), _) if class.severity != Severity::Info => 0,
        (None, Level::Error) => 1,
        (None, Level::Warning) => 2,
        (Some(class), _) if class.from > 0 => 3,
        (None, _) => 4,
        (Some(_), _) => 5,
    };
    let place = group.class.unwrap_or(usize::MAX);
    (tier, place, group.level, Reverse(group.count))
}

/// Who or what a message names: `user: 'app' host: '10.0.0.7'`, `'app'@'10.0.0.7'`, a quoted table.
fn name(text: &str) -> Option<String> {
    if let Some((_, rest)) = text.split_once(" user: '") {
        let (user, rest) = rest.split_once('\'')?;
        let host = rest
            .split_once(" host: '")
            .and_then(|(_, rest)| rest.split_once('\''));
        return Some(match host {
            Some((host, _)) => format!("{user}@{host}"),
            None => user.to_owned(),
        });
    }
    if let Some((before, after)) = text.split_once("'@'") {
        let (_, user) = before.rsplit_once('\'')?;
        let (host, _) = after.split_once('\'')?;
        return Some(format!("{user}@{host}"));
    }
    if let Some((_, rest)) = text.split_once('`') {
        let quoted = rest.split(' ').next()?;
        return Some(
            quoted
                .replace('`', "")
                .trim_end_matches(['.', ',', ';'])
                .to_owned(),
        );
    }
    let (_, rest) = text
        .split_once("able '")
        .or_else(|| text.split_once("table "))?;
    let end = rest.find(['\'', ' ', ';', ',']).unwrap_or(rest.len());
    rest.get(..end)
        .filter(|name| name.contains(['.', '/']))
        .map(|name| name.trim_start_matches("./").to_owned())
}
