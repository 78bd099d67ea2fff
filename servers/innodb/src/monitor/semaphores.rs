//! `SEMAPHORES`: threads that wait for InnoDB's own latches, and how often any did.

use serde::Serialize;

use super::latch_wait::LatchWait;
use super::scan::{counts, labelled};
use super::tally::{Read, Reader};

const WAITS_AT_MOST: usize = 500;

/// Waits for mutexes and read-write latches. MariaDB 10.6 and later print an empty section.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Semaphores {
    /// Times a thread took a place in a wait array since start-up, over all arrays
    /// (`innodb_sync_array_size`).
    pub reservations: Option<u64>,
    /// Wait arrays printed.
    pub wait_arrays: u64,
    /// Times a waiting thread was signalled since start-up.
    pub signals: Option<u64>,
    /// Threads that wait now.
    pub waits: Vec<LatchWait>,
    /// Further threads that wait, not listed.
    pub waits_left_out: u64,
    /// Mutex spins (up to MySQL 5.7).
    pub mutex: Option<Spins>,
    /// Shared latches.
    pub rw_shared: Option<Spins>,
    /// Exclusive latches.
    pub rw_excl: Option<Spins>,
    /// Shared-exclusive latches.
    pub rw_sx: Option<Spins>,
}

/// How a kind of latch was waited for since start-up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Spins {
    /// Waits that began to spin.
    pub spins: u64,
    /// Rounds spun.
    pub rounds: u64,
    /// Waits that ended in a wait by the operating system.
    pub os_waits: u64,
}

/// Reads the section.
#[derive(Debug, Default)]
pub(super) struct SemaphoresReader {
    out: Semaphores,
    open: Option<LatchWait>,
}

impl SemaphoresReader {
    pub(super) fn finish(mut self) -> Semaphores {
        self.close();
        self.out
    }

    fn close(&mut self) {
        let Some(wait) = self.open.take() else { return };
        if self.out.waits.len() < WAITS_AT_MOST {
            self.out.waits.push(wait);
        } else {
            self.out.waits_left_out += 1;
        }
    }

    /// `OS WAIT ARRAY INFO: reservation count 73[, signal count 71]`
    fn array(&mut self, line: &str) -> Option<()> {
        let line = line.strip_prefix("OS WAIT ARRAY INFO: ")?;
        let (reserved, signals) = match line.split_once(", ") {
            Some((reserved, signals)) => (reserved, Some(signals)),
            None => (line, None),
        };
        for part in [Some(reserved), signals].into_iter().flatten() {
            match labelled(part)? {
                ("reservation count", count) => {
                    let before = self.out.reservations.unwrap_or(0);
                    self.out.reservations = Some(before.saturating_add(count));
                    self.out.wait_arrays += 1;
                }
                ("signal count", count) => self.out.signals = Some(count),
                _ => return None,
            }
        }
        Some(())
    }

    fn spins(&mut self, line: &str) -> Option<()> {
        let kinds = [
            ("RW-shared spins ", &mut self.out.rw_shared),
            ("RW-excl spins ", &mut self.out.rw_excl),
            ("RW-sx spins ", &mut self.out.rw_sx),
            ("Mutex spin waits ", &mut self.out.mutex),
        ];
        for (literal, into) in kinds {
            if let Some([spins, rounds, os_waits]) =
                counts(line, [literal, ", rounds ", ", OS waits "], "")
            {
                *into = Some(Spins {
                    spins,
                    rounds,
                    os_waits,
                });
                return Some(());
            }
        }
        None
    }
}

impl Reader for SemaphoresReader {
    fn line(&mut self, line: &str) -> Option<Read> {
        if let Some(wait) = LatchWait::start(line) {
            self.close();
            self.open = Some(wait);
            return Some(Read::Value);
        }
        if self.array(line).or_else(|| self.spins(line)).is_some() {
            self.close();
            return Some(Read::Value);
        }
        if line.starts_with("Spin rounds per wait: ") {
            return Some(Read::Average);
        }
        self.open.as_mut()?.line(line)
    }
}
