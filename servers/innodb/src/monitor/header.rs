//! The head of the text: when it was printed, and over which window its averages run.

use serde::Serialize;

use super::scan::{counts, is_rule, short, stamp};
use super::tally::{Read, Reader};

/// The head of the monitor's text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Header {
    /// The server's local time as printed, without a zone: `2026-11-23 07:16:41`.
    pub printed_at: Option<String>,
    /// The thread that printed it, decimal or hexadecimal.
    pub thread: Option<String>,
    /// The window of all averages: seconds since anyone last printed the monitor, often 0 or 1.
    pub averages_over_s: Option<u64>,
}

impl Reader for Header {
    fn line(&mut self, line: &str) -> Option<Read> {
        if is_rule(line, '=') || is_client_frame(line) {
            return Some(Read::Structure);
        }
        let before = ["Per second averages calculated from the last "];
        if let Some([seconds]) = counts(line, before, " seconds") {
            self.averages_over_s = Some(seconds);
            return Some(Read::Value);
        }
        let printed = line.strip_suffix(" INNODB MONITOR OUTPUT")?;
        let (time, thread, _) = stamp(printed)?;
        self.printed_at = short(time);
        self.thread = thread;
        Some(Read::Value)
    }
}

/// What the command-line client prints around the text with `\G` or `-E`.
fn is_client_frame(line: &str) -> bool {
    let line = line.trim();
    matches!(line, "Type: InnoDB" | "Name:" | "Status:")
        || (line.starts_with("***") && line.ends_with("row ***************************"))
}
