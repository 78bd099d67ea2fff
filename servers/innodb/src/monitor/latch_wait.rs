//! One thread's wait for a latch, as the wait array prints it.

use serde::Serialize;

use super::scan::{Scan, short};
use super::tally::Read;

/// A thread that waits for a mutex or a read-write latch.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LatchWait {
    /// The waiting thread: an operating system thread handle, as printed with transactions.
    pub thread: String,
    /// Where in the server's source it waits.
    pub waits_at: Place,
    /// How long it has waited so far, in seconds (whole ones from MySQL 8.0 on).
    pub waited_s: f64,
    /// What it wants.
    pub wants: Option<LatchMode>,
    /// The mutex's name: `BUF_POOL_LRU_LIST`.
    pub mutex: Option<String>,
    /// Where in the source the latch is created: tells latches without a name apart.
    pub created_at: Option<Place>,
    /// The thread that holds the mutex, or the writer that has reserved the latch.
    pub held_by: Option<String>,
    /// How the writer has it: `exclusive`, `SX`, `wait exclusive`.
    pub held_mode: Option<String>,
    /// Threads that hold it shared.
    pub readers: Option<u64>,
    /// The reader, where there is only one (MySQL 8.0.26 and later).
    pub reader_thread: Option<String>,
    /// Whether threads are to be woken at release.
    pub has_waiters: Option<bool>,
    /// Where it was last taken shared.
    pub last_read_locked: Option<Place>,
    /// Where it was last taken exclusively.
    pub last_write_locked: Option<Place>,
    /// The wait ended while the monitor was printed.
    pub ended: bool,
}

/// A place in the server's source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// File, as printed.
    pub file: String,
    /// Line.
    pub line: u64,
}

/// How a latch is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LatchMode {
    /// A mutex.
    Mutex,
    /// A read-write latch, shared.
    Shared,
    /// A read-write latch, shared-exclusive.
    SharedExclusive,
    /// A read-write latch, exclusively.
    Exclusive,
    /// A read-write latch reserved exclusively, waiting for its readers to leave.
    ExclusiveWaitsForReaders,
}

impl LatchWait {
    /// `--Thread 1396 has waited at buf0buf.cc line 6011 for 0 seconds the semaphore:`
    pub(super) fn start(line: &str) -> Option<Self> {
        let mut scan = Scan::new(line);
        scan.lit("--Thread ")?;
        let thread = short(scan.until(" has waited at ")?)?;
        let file = scan.until(" line ")?;
        let waits_at = Place {
            file: short(file)?,
            line: scan.number()?,
        };
        scan.lit(" for ")?;
        let waited_s = scan.decimal()?;
        scan.lit(" seconds the semaphore:")?;
        Some(Self {
            thread,
            waits_at,
            waited_s,
            ..Self::default()
        })
    }

    /// Takes a further line about the wait.
    pub(super) fn line(&mut self, line: &str) -> Option<Read> {
        let known = self
            .wants_mutex(line)
            .or_else(|| self.wants_latch(line))
            .or_else(|| self.writer(line))
            .or_else(|| self.readers(line))
            .or_else(|| self.places(line));
        known.map(|()| Read::Value)
    }

    /// `Mutex at 0x55, Mutex BUF_POOL created buf0buf.cc:1282, locked by 1396`; `lock var 1`
    /// instead of the holder up to 5.7.
    fn wants_mutex(&mut self, line: &str) -> Option<()> {
        let mut scan = Scan::new(line);
        scan.lit("Mutex at ")?;
        scan.until(", ")?;
        scan.eat("Mutex ");
        let mutex = scan.until(" created ")?;
        let file = scan.until(":")?;
        let created_at = Place {
            file: short(file)?,
            line: scan.number()?,
        };
        if scan.eat(", locked by ") {
            let holder = scan.rest().trim();
            self.held_by = if holder == "nobody" {
                None
            } else {
                short(holder)
            };
        } else {
            scan.lit(", lock var ")?;
            scan.number::<u64>()?;
            scan.end()?;
        }
        self.wants = Some(LatchMode::Mutex);
        self.mutex = short(mutex);
        self.created_at = Some(created_at);
        Some(())
    }

    /// `X-lock (wait_ex) on RW-latch at 0x55 created in file hash0hash.cc line 117`
    fn wants_latch(&mut self, line: &str) -> Option<()> {
        let mut scan = Scan::new(line);
        let mode = match scan.until(" on RW-latch at ")? {
            "S-lock" => LatchMode::Shared,
            "SX-lock" => LatchMode::SharedExclusive,
            "X-lock" => LatchMode::Exclusive,
            "X-lock (wait_ex)" => LatchMode::ExclusiveWaitsForReaders,
            _ => return None,
        };
        scan.until(" created in file ")?;
        self.created_at = Some(place(scan.rest())?);
        self.wants = Some(mode);
        Some(())
    }

    /// `a writer (thread id 1396) has reserved it in mode wait exclusive`
    fn writer(&mut self, line: &str) -> Option<()> {
        let mut scan = Scan::new(line);
        scan.lit("a writer (thread id ")?;
        let thread = scan.until(") has reserved it in mode ")?;
        self.held_by = short(thread);
        self.held_mode = short(scan.rest());
        Some(())
    }

    /// `number of readers 1 (thread id 1396), waiters flag 0, lock_word: ffffffffffffffff`
    fn readers(&mut self, line: &str) -> Option<()> {
        let mut scan = Scan::new(line);
        scan.lit("number of readers ")?;
        let readers = scan.number()?;
        let reader = if scan.eat(" (thread id ") {
            short(scan.until(")")?)
        } else {
            None
        };
        scan.lit(", waiters flag ")?;
        let flag: u64 = scan.number()?;
        scan.lit(", lock_word: ")?;
        self.readers = Some(readers);
        self.reader_thread = reader;
        self.has_waiters = Some(flag != 0);
        Some(())
    }

    fn places(&mut self, line: &str) -> Option<()> {
        if let Some(at) = line.strip_prefix("Last time read locked in file ") {
            self.last_read_locked = reached(place(at)?);
        } else if let Some(at) = line.strip_prefix("Last time write locked in file ") {
            self.last_write_locked = reached(place(at)?);
        } else if line.trim() == "wait has ended" {
            self.ended = true;
        } else {
            return None;
        }
        Some(())
    }
}

/// `hash0hash.cc line 117`
fn place(text: &str) -> Option<Place> {
    let (file, line) = text.rsplit_once(" line ")?;
    Some(Place {
        file: short(file)?,
        line: line.trim().parse().ok()?,
    })
}

/// A latch nobody has taken yet prints `not yet reserved line 0`.
fn reached(place: Place) -> Option<Place> {
    (place.line > 0).then_some(place)
}
