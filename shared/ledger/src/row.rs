//! One row of the summary.

use serde::Deserialize;

/// What one statement digest has done since it was first seen, or between two samples. Columns a probe
/// does not ask for are as if nothing was counted. Times are in picoseconds, as all timers of the
/// performance schema.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DigestRow {
    /// The schema it ran in.
    pub db: Option<String>,
    /// Its hash; none for the row that collects what found no place.
    pub digest: Option<String>,
    /// Its text, without literals, in the second sample.
    pub digest_text: Option<String>,
    /// How long ago it was first seen.
    pub first_seen_age_s: Option<i64>,
    /// How long ago it was last seen.
    pub last_seen_age_s: Option<i64>,
    /// Times it ran to its end.
    pub runs: u64,
    /// Time in it.
    pub time_ps: u64,
    /// The longest time of one run; between samples none unless it was one of these runs.
    pub max_ps: Option<u64>,
    /// Time waiting for locks.
    pub lock_ps: u64,
    /// Time on a processor, where the server counts it.
    pub cpu_ps: Option<u64>,
    /// Runs that ended in an error.
    pub errors: u64,
    /// Rows changed.
    pub rows_affected: u64,
    /// Rows returned.
    pub rows_sent: u64,
    /// Rows read.
    pub rows_examined: u64,
    /// Temporary tables made.
    pub tmp_tables: u64,
    /// Those that went to disk.
    pub tmp_disk_tables: u64,
    /// Merge passes of sorts that did not fit their buffer.
    pub sort_merge_passes: u64,
    /// Rows sorted.
    pub sort_rows: u64,
    /// Runs that read their first table whole.
    pub scans: u64,
    /// Runs that joined a table read whole.
    pub full_joins: u64,
    /// Runs that used no index.
    pub no_index_used: u64,
}

impl DigestRow {
    /// What it did since `then`; none where a counter went backwards, as a truncated table makes it.
    pub fn since(&self, then: &Self) -> Option<Self> {
        let less = u64::checked_sub;
        Some(Self {
            db: self.db.clone(),
            digest: self.digest.clone(),
            digest_text: self.digest_text.clone(),
            first_seen_age_s: self.first_seen_age_s,
            last_seen_age_s: self.last_seen_age_s,
            runs: less(self.runs, then.runs)?,
            time_ps: less(self.time_ps, then.time_ps)?,
            max_ps: self.max_ps.filter(|max| Some(*max) > then.max_ps),
            lock_ps: less(self.lock_ps, then.lock_ps)?,
            cpu_ps: match (self.cpu_ps, then.cpu_ps) {
                (Some(now), then) => Some(less(now, then.unwrap_or(0))?),
                (None, _) => None,
            },
            errors: less(self.errors, then.errors)?,
            rows_affected: less(self.rows_affected, then.rows_affected)?,
            rows_sent: less(self.rows_sent, then.rows_sent)?,
            rows_examined: less(self.rows_examined, then.rows_examined)?,
            tmp_tables: less(self.tmp_tables, then.tmp_tables)?,
            tmp_disk_tables: less(self.tmp_disk_tables, then.tmp_disk_tables)?,
            sort_merge_passes: less(self.sort_merge_passes, then.sort_merge_passes)?,
            sort_rows: less(self.sort_rows, then.sort_rows)?,
            scans: less(self.scans, then.scans)?,
            full_joins: less(self.full_joins, then.full_joins)?,
            no_index_used: less(self.no_index_used, then.no_index_used)?,
        })
    }
}
