//! What one shape of statement did in a window, and who was seen running it. Pure.

use super::rows::{CurrentRow, ProcessRow};

/// What one shape of statement did in the window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Work {
    /// The statement, its literals replaced.
    pub shape: String,
    /// Runs that ended.
    pub runs: u64,
    /// Seconds of all its runs within the window.
    pub time_s: f64,
    /// Rows read.
    pub rows_examined: u64,
    /// Rows returned by runs that ended.
    pub rows_sent: u64,
    /// Rows changed.
    pub rows_affected: u64,
    /// Temporary tables made.
    pub tmp_tables: u64,
    /// Those that went to disk.
    pub tmp_disk_tables: u64,
    /// Merge passes of sorts.
    pub sort_merge_passes: u64,
    /// Runs that ended in an error.
    pub errors: u64,
    /// Pages its sessions read from files, where that is counted by thread.
    pub pages_read: u64,
    /// Runs that still go on.
    pub running: u64,
    /// Times it was seen running in the process list of either sample.
    pub seen_running: u64,
    /// How long the longest of those has run.
    pub longest_s: f64,
    /// Who was seen running it, most often seen first.
    pub who: Vec<Who>,
}

/// Someone seen running a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// Account.
    pub user: Option<String>,
    /// Client host, without a port.
    pub host: Option<String>,
    /// Program.
    pub program: Option<String>,
    /// Connections seen.
    pub connections: Vec<u64>,
}

impl Work {
    /// Whether it changes rows, by its first word.
    pub fn is_write(&self) -> bool {
        const WRITES: [&str; 6] = ["update", "insert", "delete", "replace", "load", "call"];
        let first = self.shape.split_whitespace().next().unwrap_or_default();
        WRITES.iter().any(|word| first.eq_ignore_ascii_case(word))
    }

    pub(super) fn add(&mut self, more: &Self) {
        self.runs += more.runs;
        self.time_s += more.time_s;
        self.rows_examined += more.rows_examined;
        self.rows_sent += more.rows_sent;
        self.rows_affected += more.rows_affected;
        self.tmp_tables += more.tmp_tables;
        self.tmp_disk_tables += more.tmp_disk_tables;
        self.sort_merge_passes += more.sort_merge_passes;
        self.errors += more.errors;
        self.pages_read += more.pages_read;
        self.running += more.running;
        self.seen_running += more.seen_running;
        self.longest_s = self.longest_s.max(more.longest_s);
        for who in &more.who {
            self.seen(who.clone());
        }
    }

    pub(super) fn seen(&mut self, who: Who) {
        let same = |known: &&mut Who| known.user == who.user && known.program == who.program;
        match self.who.iter_mut().find(same) {
            Some(known) => {
                for id in who.connections {
                    if !known.connections.contains(&id) {
                        known.connections.push(id);
                    }
                }
            }
            None => self.who.push(who),
        }
        self.who
            .sort_by_key(|who| std::cmp::Reverse(who.connections.len()));
    }
}

impl Who {
    pub(super) fn of_session(row: &CurrentRow) -> Self {
        Self {
            user: row.user.clone(),
            host: row.host.clone(),
            program: row.program.clone(),
            connections: vec![row.id],
        }
    }

    pub(super) fn of_process(row: &ProcessRow) -> Self {
        let host = row.host.as_deref().unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
        Self {
            user: row.user.clone(),
            host: Some(host.to_owned()).filter(|host| !host.is_empty()),
            program: None,
            connections: vec![row.id],
        }
    }
}
