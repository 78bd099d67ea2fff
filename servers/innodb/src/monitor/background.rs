//! `BACKGROUND THREAD`: how often the master thread went round.

use serde::Serialize;

use super::scan::counts;
use super::tally::{Read, Reader};

/// The master thread's loops since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Background {
    /// Loops while there was work.
    pub active_loops: Option<u64>,
    /// Loops during shutdown.
    pub shutdown_loops: Option<u64>,
    /// Loops while the server was idle.
    pub idle_loops: Option<u64>,
    /// Times the redo log was written and flushed from here.
    pub log_flushes: Option<u64>,
}

impl Reader for Background {
    fn line(&mut self, line: &str) -> Option<Read> {
        let loops = [
            "srv_master_thread loops: ",
            " srv_active, ",
            " srv_shutdown, ",
        ];
        if let Some([active, shutdown, idle]) = counts(line, loops, " srv_idle") {
            self.active_loops = Some(active);
            self.shutdown_loops = Some(shutdown);
            self.idle_loops = Some(idle);
        } else {
            let [flushes] = counts(line, ["srv_master_thread log flush and writes: "], "")?;
            self.log_flushes = Some(flushes);
        }
        Some(Read::Value)
    }
}
