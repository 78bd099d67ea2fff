//! `ROW OPERATIONS`: what is inside InnoDB now, and rows counted since start-up.

use serde::Serialize;

use super::scan::{Scan, counts, is_rule, short};
use super::tally::{Read, Reader};

/// Row operations. MariaDB 10.5 and later print little of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RowOperations {
    /// Statements inside InnoDB under `innodb_thread_concurrency`.
    pub queries_inside: Option<u64>,
    /// Statements that wait to enter.
    pub queries_in_queue: Option<u64>,
    /// Snapshots open.
    pub read_views_open: Option<u64>,
    /// Transactions that write (Percona Server).
    pub rw_transactions: Option<u64>,
    /// Transactions that only read (Percona Server up to 5.6).
    pub ro_transactions: Option<u64>,
    /// The snapshot purge stops at (Percona Server).
    pub oldest_view: Option<OldestView>,
    /// Extents reserved for page splits of the system tablespace.
    pub reserved_extents: Option<u64>,
    /// What the master thread does.
    pub main_thread_state: Option<String>,
    /// The master thread.
    pub main_thread: Option<String>,
    /// The server's process.
    pub process_id: Option<u64>,
    /// Rows of user tables since start-up.
    pub rows: Option<RowCounts>,
    /// Rows of the server's own tables since start-up.
    pub system_rows: Option<RowCounts>,
}

/// Rows by operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RowCounts {
    /// Inserted.
    pub inserted: u64,
    /// Updated.
    pub updated: u64,
    /// Deleted.
    pub deleted: u64,
    /// Read.
    pub read: u64,
}

/// The oldest snapshot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OldestView {
    /// Purge may not go beyond this transaction number.
    pub purge_stops_at_trx_no: Option<u64>,
    /// Transactions from this id on are not seen.
    pub not_seen_from: Option<u64>,
    /// Transactions below this id are seen.
    pub seen_below: Option<u64>,
    /// Transactions between the two that were open when it was taken.
    pub open_then: u64,
}

impl Reader for RowOperations {
    fn line(&mut self, line: &str) -> Option<Read> {
        if line.ends_with(" reads/s") {
            return Some(Read::Average);
        }
        if line == "---OLDEST VIEW---" || line == "Normal read view" || is_rule(line, '-') {
            return Some(Read::Structure);
        }
        self.inside(line)
            .or_else(|| self.rows(line))
            .or_else(|| self.main_thread(line))
            .or_else(|| self.view(line))
            .map(|()| Read::Value)
    }
}

impl RowOperations {
    fn inside(&mut self, line: &str) -> Option<()> {
        let queries = ["", " queries inside InnoDB, "];
        if let Some([inside, queued]) = counts(line, queries, " queries in queue") {
            self.queries_inside = Some(inside);
            self.queries_in_queue = Some(queued);
            return Some(());
        }
        let mut scan = Scan::new(line);
        let count = scan.number()?;
        *match scan.rest().trim() {
            "read views open inside InnoDB" => &mut self.read_views_open,
            "RW transactions active inside InnoDB" => &mut self.rw_transactions,
            "RO transactions active inside InnoDB" => &mut self.ro_transactions,
            "tablespace extents now reserved for B-tree split operations" => {
                &mut self.reserved_extents
            }
            _ => return None,
        } = Some(count);
        Some(())
    }

    fn rows(&mut self, line: &str) -> Option<()> {
        let kinds = [
            ("Number of rows inserted ", &mut self.rows),
            ("Number of system rows inserted ", &mut self.system_rows),
        ];
        for (literal, into) in kinds {
            let before = [literal, ", updated ", ", deleted ", ", read "];
            if let Some([inserted, updated, deleted, read]) = counts(line, before, "") {
                *into = Some(RowCounts {
                    inserted,
                    updated,
                    deleted,
                    read,
                });
                return Some(());
            }
        }
        None
    }

    /// `Process ID=13664, Main thread ID=139762206807744 , state=sleeping`, `state: sleeping`, or
    /// `Main thread process no. 1082, id 140644597085952, state: sleeping`
    fn main_thread(&mut self, line: &str) -> Option<()> {
        let (ids, state) = line
            .split_once("state=")
            .or_else(|| line.split_once("state: "))?;
        let mut scan = Scan::new(ids.trim_end_matches([' ', ',']));
        if scan.eat("Process ID=") {
            self.process_id = Some(scan.number()?);
            scan.lit(", Main thread ID=")?;
            self.main_thread = short(scan.rest());
        } else if scan.eat("Main thread process no. ") {
            self.process_id = Some(scan.number()?);
            scan.lit(", id ")?;
            self.main_thread = short(scan.rest());
        } else {
            scan.end()?;
        }
        self.main_thread_state = short(state);
        Some(())
    }

    fn view(&mut self, line: &str) -> Option<()> {
        let view = self.oldest_view.unwrap_or_default();
        let mut scan = Scan::new(line.trim_start());
        self.oldest_view = Some(if scan.eat("Read view low limit trx n:o ") {
            OldestView {
                purge_stops_at_trx_no: Some(scan.number()?),
                ..view
            }
        } else if scan.eat("Trx read view will not see trx with id >= ") {
            let not_seen_from = Some(scan.number()?);
            scan.lit(", sees < ")?;
            OldestView {
                not_seen_from,
                seen_below: Some(scan.number()?),
                ..view
            }
        } else if scan.eat("Read view low limit trx id ") {
            OldestView {
                not_seen_from: Some(scan.number()?),
                ..view
            }
        } else if scan.eat("Read view up limit trx id ") {
            OldestView {
                seen_below: Some(scan.number()?),
                ..view
            }
        } else if scan.eat("Read view trx id ") {
            scan.number::<u64>()?;
            OldestView {
                open_then: view.open_then.saturating_add(1),
                ..view
            }
        } else {
            scan.lit("Read view individually stored trx ids:")?;
            view
        });
        Some(())
    }
}
