//! `FILE I/O`: the I/O threads, what they have pending, and counts since start-up.

use serde::Serialize;

use super::scan::{Scan, counts, short};
use super::tally::{Read, Reader};

const THREADS_AT_MOST: usize = 256;

/// File I/O. MariaDB 10.5 and later print neither threads nor queues.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FileIo {
    /// The I/O threads.
    pub threads: Vec<IoThread>,
    /// Requests queued for the read threads, over all of them.
    pub pending_reads: Option<u64>,
    /// Requests queued for the write threads, over all of them.
    pub pending_writes: Option<u64>,
    /// Requests queued for the change buffer thread.
    pub pending_ibuf_reads: Option<u64>,
    /// Requests queued for the log thread (up to MySQL 8.0).
    pub pending_log_ios: Option<u64>,
    /// Synchronous requests under way (up to MySQL 8.0).
    pub pending_sync_ios: Option<u64>,
    /// Flushes of the redo log under way.
    pub pending_log_flushes: Option<u64>,
    /// Flushes of data files under way (MariaDB 10.6 and later: of all files).
    pub pending_data_flushes: Option<u64>,
    /// Reads in the operating system now; printed only where there are reads or writes.
    pub pending_os_reads: Option<u64>,
    /// Writes in the operating system now.
    pub pending_os_writes: Option<u64>,
    /// Reads since start-up.
    pub os_reads: Option<u64>,
    /// Writes since start-up.
    pub os_writes: Option<u64>,
    /// Flushes to disk since start-up.
    pub os_fsyncs: Option<u64>,
}

/// An I/O thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IoThread {
    /// Its number.
    pub number: u64,
    /// `waiting for completed aio requests`, `complete io for buf page`.
    pub state: Option<String>,
    /// `read thread`, `write thread`, `insert buffer thread`.
    pub role: Option<String>,
    /// It has been woken (simulated asynchronous I/O).
    pub event_set: bool,
}

impl FileIo {
    /// `I/O thread 8 state: waiting for i/o request (write thread) ev set`
    fn thread(&mut self, line: &str) -> Option<Read> {
        let mut scan = Scan::new(line);
        scan.lit("I/O thread ")?;
        let number = scan.number()?;
        scan.lit(" state: ")?;
        let (text, event_set) = match scan.rest().strip_suffix(" ev set") {
            Some(text) => (text, true),
            None => (scan.rest(), false),
        };
        let (state, role) = text.trim_end().rsplit_once(" (")?;
        if self.threads.len() >= THREADS_AT_MOST {
            return Some(Read::LeftOut);
        }
        let role = short(role.strip_suffix(')')?);
        self.threads.push(IoThread {
            number,
            state: short(state),
            role,
            event_set,
        });
        Some(Read::Value)
    }

    /// `Pending normal aio reads: [0, 0] , aio writes: [0, 0] ,`
    fn queues(&mut self, line: &str) -> Option<Read> {
        if let Some(text) = line.strip_prefix("Pending normal aio reads:") {
            let (reads, writes) = text.split_once(", aio writes:")?;
            queued(reads, &mut self.pending_reads)?;
            queued(writes, &mut self.pending_writes)?;
            return Some(Read::Value);
        }
        let text = line.trim_start().strip_prefix("ibuf aio reads:")?;
        let (text, sync) = text.split_once(", sync i/o's:").unwrap_or((text, ""));
        let (ibuf, log) = text.split_once(", log i/o's:").unwrap_or((text, ""));
        queued(ibuf, &mut self.pending_ibuf_reads)?;
        queued(log, &mut self.pending_log_ios)?;
        queued(sync, &mut self.pending_sync_ios)?;
        Some(Read::Value)
    }

    fn flushes(&mut self, line: &str) -> Option<Read> {
        let both = ["Pending flushes (fsync) log: ", "; buffer pool: "];
        if let Some([log, data]) = counts(line, both, "") {
            self.pending_log_flushes = Some(log);
            self.pending_data_flushes = Some(data);
        } else {
            let [data] = counts(line, ["Pending flushes (fsync): "], "")?;
            self.pending_data_flushes = Some(data);
        }
        Some(Read::Value)
    }

    fn totals(&mut self, line: &str) -> Option<Read> {
        let before = ["", " OS file reads, ", " OS file writes, "];
        if let Some([reads, writes, fsyncs]) = counts(line, before, " OS fsyncs") {
            self.os_reads = Some(reads);
            self.os_writes = Some(writes);
            self.os_fsyncs = Some(fsyncs);
            return Some(Read::Value);
        }
        let [reads, writes] = counts(line, ["", " pending preads, "], " pending pwrites")
            .or_else(|| counts(line, ["", " pending reads, "], " pending writes"))?;
        self.pending_os_reads = Some(reads);
        self.pending_os_writes = Some(writes);
        Some(Read::Value)
    }
}

impl Reader for FileIo {
    fn line(&mut self, line: &str) -> Option<Read> {
        if line.ends_with(" fsyncs/s") {
            return Some(Read::Average);
        }
        self.thread(line)
            .or_else(|| self.queues(line))
            .or_else(|| self.flushes(line))
            .or_else(|| self.totals(line))
    }
}

/// ` [0, 2, 0, 0] ,` is 2; ` 3 [1, 2] ` is 3; nothing changes nothing. `None` where it is no queue.
fn queued(text: &str, into: &mut Option<u64>) -> Option<()> {
    let text = text.trim_matches([' ', ',']);
    if text.is_empty() {
        return Some(());
    }
    let list = match text.split_once('[') {
        Some((_, list)) => list.strip_suffix(']')?,
        None => text,
    };
    let mut sum = 0_u64;
    for count in list.split(',').map(str::trim) {
        sum = sum.saturating_add(count.parse().ok()?);
    }
    *into = Some(sum);
    Some(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn queues_are_summed_over_their_threads() {
        let queued = |text: &str| {
            let mut sum = None;
            super::queued(text, &mut sum).map(|()| sum)
        };
        assert_eq!(queued(" [0, 2, 0, 1] "), Some(Some(3)));
        assert_eq!(queued(" 3 [1, 2] ,"), Some(Some(3)));
        assert_eq!(queued(" 4"), Some(Some(4)));
        assert_eq!(queued(""), Some(None));
        assert_eq!(queued(" [0, "), None);
    }
}
