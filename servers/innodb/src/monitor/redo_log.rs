//! `LOG`: how far the redo log is written, and how far behind it the checkpoint is.

use serde::Serialize;

use super::scan::{Scan, counts, labelled};
use super::tally::{Read, Reader};

/// The redo log. A log sequence number counts bytes of redo ever written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RedoLog {
    /// The newest redo.
    pub lsn: Option<u64>,
    /// Space in the log buffer is given out up to here (MySQL 8.0 and later).
    pub buffer_assigned_lsn: Option<u64>,
    /// The log buffer has no holes up to here.
    pub buffer_completed_lsn: Option<u64>,
    /// Written to the log files up to here.
    pub written_lsn: Option<u64>,
    /// Flushed to disk up to here: what survives a power cut.
    pub flushed_lsn: Option<u64>,
    /// Pages changed up to here are in the flush lists.
    pub dirty_pages_added_lsn: Option<u64>,
    /// Pages changed before this are written.
    pub pages_flushed_lsn: Option<u64>,
    /// Recovery would begin here.
    pub checkpoint_lsn: Option<u64>,
    /// Derived: redo that recovery would read, `lsn` − `checkpoint_lsn`, in bytes. To be compared
    /// with the log's capacity.
    pub checkpoint_age_bytes: Option<u64>,
    /// `innodb_redo_log_capacity` (MySQL 8.0.30 and later).
    pub capacity_bytes: Option<u64>,
    /// Printed as `Log capacity used`: the capacity in force, which differs while the log is
    /// resized. Not how much of it is full.
    pub capacity_in_force_bytes: Option<u64>,
    /// The oldest log file.
    pub min_file_id: Option<u64>,
    /// The newest log file.
    pub max_file_id: Option<u64>,
    /// The checkpoint age at which user threads have to wait (Percona Server).
    pub max_checkpoint_age_bytes: Option<u64>,
    /// The checkpoint age flushing aims at (Percona Server up to 5.7).
    pub checkpoint_age_target_bytes: Option<u64>,
    /// Writes or flushes of the log under way (up to MySQL 5.7).
    pub pending_log_writes: Option<u64>,
    /// Writes of checkpoints under way (up to MySQL 5.7).
    pub pending_checkpoint_writes: Option<u64>,
    /// Writes to the log since start-up.
    pub log_ios: Option<u64>,
}

impl RedoLog {
    /// Adds what follows from the lines read.
    pub(super) fn derive(&mut self) {
        self.checkpoint_age_bytes = self
            .lsn
            .zip(self.checkpoint_lsn)
            .and_then(|(lsn, at)| lsn.checked_sub(at));
    }

    fn field(&mut self, label: &str) -> Option<&mut Option<u64>> {
        Some(match label {
            "Log sequence number" => &mut self.lsn,
            "Log buffer assigned up to" => &mut self.buffer_assigned_lsn,
            "Log buffer completed up to" => &mut self.buffer_completed_lsn,
            "Log written up to" => &mut self.written_lsn,
            "Log flushed up to" => &mut self.flushed_lsn,
            "Added dirty pages up to" => &mut self.dirty_pages_added_lsn,
            "Pages flushed up to" => &mut self.pages_flushed_lsn,
            "Last checkpoint at" => &mut self.checkpoint_lsn,
            "Log capacity" => &mut self.capacity_bytes,
            "Log capacity used" => &mut self.capacity_in_force_bytes,
            "Log minimum file id is" => &mut self.min_file_id,
            "Log maximum file id is" => &mut self.max_file_id,
            "Max checkpoint age" => &mut self.max_checkpoint_age_bytes,
            "Checkpoint age target" => &mut self.checkpoint_age_target_bytes,
            _ => return None,
        })
    }

    /// `9134 log i/o's done, 23.00 log i/o's/second`
    fn ios(&mut self, line: &str) -> Option<Read> {
        let mut scan = Scan::new(line);
        let done = scan.number()?;
        scan.lit(" log i/o's done, ")?;
        scan.decimal()?;
        scan.lit(" log i/o's/second")?;
        self.log_ios = Some(done);
        Some(Read::Average)
    }

    fn pending(&mut self, line: &str) -> Option<Read> {
        let [log, checkpoints] =
            counts(line, ["", " pending log flushes, "], " pending chkp writes")
                .or_else(|| counts(line, ["", " pending log writes, "], " pending chkp writes"))?;
        self.pending_log_writes = Some(log);
        self.pending_checkpoint_writes = Some(checkpoints);
        Some(Read::Value)
    }
}

impl Reader for RedoLog {
    fn line(&mut self, line: &str) -> Option<Read> {
        if let Some((label, number)) = labelled(line) {
            // Percona Server prints these two as well; the first is `checkpoint_age_bytes`.
            let derived = [
                "Checkpoint age",
                "Modified age",
                "Modified age no less than",
            ];
            if !derived.contains(&label) {
                *self.field(label)? = Some(number);
            }
            return Some(Read::Value);
        }
        self.ios(line).or_else(|| self.pending(line))
    }
}
