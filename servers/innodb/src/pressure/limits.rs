//! What is read to tell that a limit is hit, beside the counters of both samples. Pure.

use serde::Deserialize;

use super::culprit::Blame;
use super::samples::Pair;

/// Part of a sample that is read twice.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    /// Errors the server gave.
    pub errors: Vec<ErrorRow>,
    /// Memory of temporary tables.
    pub temp_memory: Vec<TempMemoryRow>,
}

/// What is read once, with the second sample.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Connections by who holds them, most first.
    pub held: Vec<HeldRow>,
    /// Statements that have run for two seconds or more, longest first.
    pub long: Vec<LongRow>,
    /// What the error log says about disks.
    pub faults: Vec<FaultRow>,
    /// Statements that could not write, latest first.
    pub failed: Vec<FailedRow>,
    /// Temporary tables of sessions on disk, largest first.
    pub temp_spaces: Vec<TempSpaceRow>,
    /// Queues of the thread pool.
    pub pool: Vec<PoolGroupRow>,
}

/// How often an error was given since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ErrorRow {
    /// Its number; 0 collects those the server does not count by number.
    pub number: u64,
    /// Times.
    pub raised: u64,
}

/// Memory or memory-mapped files of temporary tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TempMemoryRow {
    /// `memory/temptable/physical_ram` or `memory/temptable/physical_disk`.
    pub event_name: String,
    /// In use.
    pub used_bytes: i64,
    /// Ever allocated.
    pub allocated_bytes: u64,
}

/// Connections of one user from one host by one program.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct HeldRow {
    /// Account.
    pub user: Option<String>,
    /// Client host.
    pub host: Option<String>,
    /// The `program_name` the client gave.
    pub program: Option<String>,
    /// Connections.
    pub connections: u64,
    /// Those that run nothing.
    pub idle: u64,
    /// How long the longest has run nothing.
    pub longest_idle_s: f64,
    /// How long they have, on average.
    pub mean_idle_s: Option<f64>,
}

/// A statement that has run for two seconds or more.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LongRow {
    /// Connection id.
    pub id: u64,
    /// Account.
    pub user: Option<String>,
    /// Client host and port.
    pub host: Option<String>,
    /// `Query`, `Execute`, ...
    pub command: Option<String>,
    /// How long it has run.
    pub time_s: f64,
    /// State in the server's words.
    pub state: Option<String>,
    /// Its text.
    pub info: Option<String>,
}

/// A line of the error log about a disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FaultRow {
    /// `MY-000035`, ...
    pub code: String,
    /// Its text.
    pub text: String,
    /// How long ago.
    pub age_s: i64,
}

/// A statement that ended in an error of writing.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct FailedRow {
    /// Account.
    pub user: Option<String>,
    /// Client host.
    pub host: Option<String>,
    /// The error's number.
    pub number: u64,
    /// Its message.
    pub message: Option<String>,
    /// The statement.
    pub sql_text: Option<String>,
    /// Statements that ended so.
    pub statements: u64,
    /// How long ago the last one ended, in picoseconds.
    pub age_ps: f64,
}

/// Temporary tables of one session on disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct TempSpaceRow {
    /// Connection id.
    pub id: u64,
    /// Size.
    pub size_bytes: u64,
    /// `INTRINSIC` for those the server makes, `USER` for those a client makes.
    pub purpose: String,
}

/// One group of a thread pool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PoolGroupRow {
    /// Its number.
    pub group_id: u64,
    /// Connections it serves.
    pub connections: u64,
    /// Its threads.
    pub threads: u64,
    /// Those at work.
    pub active_threads: u64,
    /// Statements waiting for a thread.
    pub queued: u64,
}

impl HeldRow {
    /// `program, user u@host`, marked where needed.
    pub fn who(&self) -> String {
        super::work::Who {
            user: self.user.clone(),
            host: self.host.clone(),
            program: self.program.clone(),
            connections: Vec::new(),
        }
        .phrase()
    }
}

impl LongRow {
    /// Its state in lower case.
    pub fn state(&self) -> String {
        self.state.as_deref().unwrap_or_default().to_lowercase()
    }
}

impl Pair {
    /// The same blame with the program named, where all connections of that user are of one program.
    pub fn with_program(&self, mut blame: Blame) -> Blame {
        if let Some(who) = blame.who.as_mut().filter(|who| who.program.is_none()) {
            who.program = self.program_of(who.user.as_deref());
        }
        blame
    }

    /// The one program by which a user is connected.
    pub fn program_of(&self, user: Option<&str>) -> Option<String> {
        let held = self.once.seen.held.iter();
        let mut programs = held
            .filter(|row| row.user.as_deref() == user)
            .map(|row| row.program.as_deref());
        let first = programs.next()??;
        programs
            .all(|program| program == Some(first))
            .then(|| first.to_owned())
    }

    /// How often these errors were given, where the server counts them.
    pub fn errors_per_s(&self, numbers: &[u64]) -> Option<f64> {
        let window = self.window_s?;
        let (before, after) = (&self.before.counted.errors, &self.after.counted.errors);
        if before.is_empty() || after.is_empty() {
            return None;
        }
        let of = |rows: &[ErrorRow], number: u64| {
            let mut rows = rows.iter();
            rows.find(|row| row.number == number)
                .map_or(0, |row| row.raised)
        };
        let raised: Option<u64> = numbers
            .iter()
            .map(|number| of(after, *number).checked_sub(of(before, *number)))
            .sum();
        Some(raised? as f64 / window)
    }
}
