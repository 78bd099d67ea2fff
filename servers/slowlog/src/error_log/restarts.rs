//! How the server stopped and started: pairs of stops and starts, told from the order of its messages.

use jiff::Timestamp;

use super::Entry;

/// Restarts kept of one log, the latest ones.
const KEPT: usize = 100;
/// A start says so once or twice within this time.
const ONE_START_S: i64 = 60;

/// How the server ended before a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It was told to shut down and did.
    Clean,
    /// It printed that it crashed.
    Crash,
    /// It ended without a word: killed, out of memory on the host, or power lost.
    Killed,
    /// What was read begins with this start.
    Unknown,
}

impl How {
    /// Its name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "a clean shutdown",
            Self::Crash => "a crash",
            Self::Killed => "an end without a word",
            Self::Unknown => "what was not read",
        }
    }
}

/// One start, and what came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restart {
    /// When it began to start.
    pub at: Timestamp,
    /// How it had ended.
    pub how: How,
    /// When it had ended, or was last heard of.
    pub down_since: Option<Timestamp>,
    /// When it was ready for connections.
    pub ready_at: Option<Timestamp>,
    /// Whether InnoDB had to recover.
    pub recovered: bool,
}

/// Follows the messages of a log.
#[derive(Debug, Default)]
pub struct Restarts {
    all: Vec<Restart>,
    /// Earlier ones that were not kept.
    pub left_out: u64,
    state: State,
    last_seen: Option<Timestamp>,
    /// When the crash was printed that counts now.
    crashed_at: Option<Timestamp>,
    /// Crashes printed.
    pub crashes: u64,
    /// Whether it was told to shut down and no start followed yet.
    pub stopped_at: Option<Timestamp>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Unknown,
    Starting,
    Running,
    Stopped,
    Crashed,
}

impl Restarts {
    /// Takes the next entry.
    pub fn take(&mut self, entry: &Entry) {
        // What MySQL 9 prints anew of a crash, at the next start, was seen when it crashed.
        if entry.code == Some(STACK_BACKTRACE) && !is_crash(entry) {
            return;
        }
        if is_crash(entry) {
            self.crash(entry.at);
        } else if is_start(entry) {
            self.start(entry.at);
        } else if is_recovery(entry) {
            if let Some(last) = self.starting() {
                last.recovered = true;
                if last.how == How::Unknown {
                    last.how = How::Killed;
                }
            }
        } else if is_ready(entry) {
            if let Some(last) = self.starting() {
                last.ready_at = Some(entry.at);
            }
            self.state = State::Running;
            self.stopped_at = None;
        } else if is_stop(entry) {
            self.state = State::Stopped;
            self.stopped_at = Some(entry.at);
        } else if self.state == State::Unknown {
            self.state = State::Running;
        }
        self.last_seen = self.last_seen.max(Some(entry.at));
    }

    /// The restarts, oldest first.
    pub fn all(&self) -> &[Restart] {
        &self.all
    }

    fn crash(&mut self, at: Timestamp) {
        let again = self.crashed_at.is_some_and(|known| {
            at.duration_since(known).abs() < jiff::SignedDuration::from_secs(1)
        });
        if again {
            return;
        }
        self.crashed_at = Some(at);
        self.crashes += 1;
        self.state = State::Crashed;
    }

    fn start(&mut self, at: Timestamp) {
        let latest = self.all.last().map(|last| last.at);
        let same = latest.is_some_and(|latest| {
            at.duration_since(latest).abs() < jiff::SignedDuration::from_secs(ONE_START_S)
        });
        if self.state == State::Starting && same {
            return;
        }
        let (how, down_since) = match self.state {
            State::Stopped => (How::Clean, self.stopped_at),
            State::Crashed => (How::Crash, self.crashed_at),
            State::Running | State::Starting => (How::Killed, self.last_seen),
            State::Unknown => (How::Unknown, None),
        };
        if self.all.len() >= KEPT {
            self.all.remove(0);
            self.left_out += 1;
        }
        self.all.push(Restart {
            at,
            how,
            down_since,
            ready_at: None,
            recovered: false,
        });
        self.state = State::Starting;
        self.stopped_at = None;
    }

    fn starting(&mut self) -> Option<&mut Restart> {
        (self.state == State::Starting).then(|| self.all.last_mut())?
    }
}

/// `ER_STACK_BACKTRACE`.
const STACK_BACKTRACE: u32 = 13_951;
/// `ER_SRV_START`, `ER_STARTING_AS`.
const START: [u32; 2] = [15_015, 10_116];
/// `ER_IB_MSG_726`, `ER_IB_MSG_727`.
const RECOVERY: [u32; 2] = [12_551, 12_552];
/// `ER_SERVER_STARTUP_MSG`.
const READY: u32 = 10_931;
/// `ER_SERVER_SHUTDOWN_COMPLETE`, and that of InnoDB, which is the last the JSON sink is told of.
const STOPPED: [u32; 2] = [10_910, 12_980];

/// Whether an entry is a part of what a crash printed rather than its head.
pub(super) fn is_backtrace(entry: &Entry) -> bool {
    entry.code == Some(STACK_BACKTRACE)
}

pub(super) fn is_crash(entry: &Entry) -> bool {
    [" got signal ", " got exception "]
        .iter()
        .any(|phrase| entry.says(phrase))
}

fn is_start(entry: &Entry) -> bool {
    match entry.code {
        Some(code) => START.contains(&code),
        None => entry.says("starting as process") || entry.plain.starts_with("Starting MariaDB"),
    }
}

fn is_recovery(entry: &Entry) -> bool {
    match entry.code {
        Some(code) => RECOVERY.contains(&code),
        None => {
            entry.plain.starts_with("Starting crash recovery")
                || entry.says("was not shutdown normally")
        }
    }
}

fn is_ready(entry: &Entry) -> bool {
    match entry.code {
        Some(code) => code == READY,
        None => entry.plain.ends_with(": ready for connections."),
    }
}

fn is_stop(entry: &Entry) -> bool {
    match entry.code {
        Some(code) => STOPPED.contains(&code),
        None => entry.plain.ends_with(": Shutdown complete"),
    }
}
