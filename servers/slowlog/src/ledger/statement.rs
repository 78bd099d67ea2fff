//! What one statement did between two samples. Pure.

use jiff::{SignedDuration, Timestamp};
use storex_ledger::DigestRow;

use super::sample::LedgerSample;
use super::times::Times;

/// What one statement did between two samples. Times are in microseconds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LedgerStatement {
    /// The server's digest of it: to be compared on this server only.
    pub digest: String,
    /// The database it ran in, the default one of its sessions.
    pub database: Option<String>,
    /// The server's text of it, literals replaced, at most 2,000 characters: hostile.
    pub text: String,
    /// Runs that ended.
    pub count: u64,
    /// From start to end, of all runs.
    pub time_us: u64,
    /// The longest run; unknown where a run before the first sample was as long.
    pub max_us: Option<u64>,
    /// How the times of its runs are distributed, where the server keeps it and it was asked.
    pub times: Option<Times>,
    /// Waiting for locks. Waits for rows are in it on MySQL from 8.0.28 on, and not on MariaDB.
    pub lock_us: u64,
    /// On a processor; unknown where the server does not count it (the consumer `events_statements_cpu`
    /// of MySQL, off by default).
    pub cpu_us: Option<u64>,
    /// Rows read by the server layer.
    pub rows_examined: u64,
    /// Rows given to clients.
    pub rows_sent: u64,
    /// Rows changed.
    pub rows_affected: u64,
    /// Temporary tables made.
    pub tmp_tables: u64,
    /// Those that went to disk.
    pub tmp_disk_tables: u64,
    /// Merge passes of sorts.
    pub sort_merge_passes: u64,
    /// Runs that read a first table whole.
    pub full_scans: u64,
    /// Runs that joined a table read whole.
    pub full_joins: u64,
    /// Runs that used no index.
    pub no_index: u64,
    /// Runs that ended in an error.
    pub failed: u64,
    /// When it was first seen, to the second: since the server started or the table was emptied.
    pub first_seen: Option<Timestamp>,
    /// When it was last seen, to the second.
    pub last_seen: Option<Timestamp>,
    /// Who was seen running it in the history, most often seen first. It is no full account: the history
    /// is short, and of a session that has ended nothing is known.
    pub seen: Vec<Seen>,
}

/// Someone seen running a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Account.
    pub user: String,
    /// Client host.
    pub host: String,
    /// Runs of the history.
    pub runs: u64,
}

/// Statements that found no place in the server's table, all together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rest {
    /// Runs that ended.
    pub count: u64,
    /// From start to end, in microseconds.
    pub time_us: u64,
}

impl LedgerStatement {
    /// The statement of a difference read at `now`; none for the row of what found no place.
    pub(super) fn of(done: DigestRow, now: Timestamp) -> Option<Self> {
        let seen = |age: Option<i64>| now.checked_sub(SignedDuration::from_secs(age?)).ok();
        Some(Self {
            digest: done.digest?,
            database: done.db,
            text: done.digest_text.unwrap_or_default().trim().to_owned(),
            count: done.runs,
            time_us: micros(done.time_ps),
            max_us: done.max_ps.map(micros),
            times: None,
            lock_us: micros(done.lock_ps),
            // Zero for statements that ran is what a consumer that is off tells.
            cpu_us: done.cpu_ps.filter(|cpu| *cpu > 0).map(micros),
            rows_examined: done.rows_examined,
            rows_sent: done.rows_sent,
            rows_affected: done.rows_affected,
            tmp_tables: done.tmp_tables,
            tmp_disk_tables: done.tmp_disk_tables,
            sort_merge_passes: done.sort_merge_passes,
            full_scans: done.scans,
            full_joins: done.full_joins,
            no_index: done.no_index_used,
            failed: done.errors,
            first_seen: seen(done.first_seen_age_s),
            last_seen: seen(done.last_seen_age_s),
            seen: Vec::new(),
        })
    }

    /// Counts who ran it among the statements of the history.
    pub(super) fn look_for_users(&mut self, samples: &[LedgerSample]) {
        for sample in samples {
            let (true, Some(user)) = (sample.digest == self.digest, &sample.user) else {
                continue;
            };
            let host = sample.host.as_deref().unwrap_or_default();
            let same = |seen: &&mut Seen| seen.user == *user && seen.host == host;
            match self.seen.iter_mut().find(same) {
                Some(seen) => seen.runs += 1,
                None => self.seen.push(Seen {
                    user: user.clone(),
                    host: host.to_owned(),
                    runs: 1,
                }),
            }
        }
        self.seen.sort_by_key(|seen| std::cmp::Reverse(seen.runs));
    }
}

impl Rest {
    /// What found no place, where there was any.
    pub(super) fn of(done: &DigestRow) -> Option<Self> {
        done.digest.is_none().then(|| Self {
            count: done.runs,
            time_us: micros(done.time_ps),
        })
    }
}

/// Picoseconds in microseconds.
fn micros(ps: u64) -> u64 {
    ps / 1_000_000
}
