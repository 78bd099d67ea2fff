//! What one round of reads gave. Pure.

use super::gtid::GtidSet;
use super::position::Position;
use super::rows::{ChannelRow, GtidRow, StatusRow, ThreadRow, WorkerRow};
use crate::sessions::TrxRow;

/// One round of reads; empty where a table does not answer or is of another flavour.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// `SHOW REPLICA STATUS`.
    pub status: Vec<StatusRow>,
    /// MySQL's channels.
    pub channels: Vec<ChannelRow>,
    /// MySQL's workers.
    pub workers: Vec<WorkerRow>,
    /// Threads in the process list, where the workers are not in the performance schema.
    pub threads: Vec<ThreadRow>,
    /// Open transactions.
    pub transactions: Vec<TrxRow>,
    /// Transactions by identifier.
    pub gtids: GtidRow,
}

/// Transactions applied, in the flavour's own form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// MySQL.
    Set(GtidSet),
    /// MariaDB.
    Position(Position),
}

impl Applied {
    /// Reads what one of the flavours prints; `None` for an empty text: nothing yet, or no
    /// identifiers.
    pub fn parse(text: Option<&str>) -> Option<Self> {
        let text = text.filter(|text| !text.trim().is_empty())?;
        let set = GtidSet::parse(text).map(Self::Set);
        set.or_else(|| Position::parse(text).map(Self::Position))
    }

    /// Transactions of this that are not in `other`.
    pub fn ahead_of(&self, other: Option<&Self>) -> Option<u64> {
        match (self, other) {
            (Self::Set(here), Some(Self::Set(there))) => Some(here.minus(there).count()),
            (Self::Position(here), Some(Self::Position(there))) => Some(here.ahead_of(there)),
            (Self::Set(here), None) => Some(here.count()),
            (Self::Position(here), None) => Some(here.ahead_of(&Position::default())),
            _ => None,
        }
    }
}

impl Sample {
    /// Transactions applied; `None` when there are none yet.
    pub fn executed(&self) -> Option<Applied> {
        Applied::parse(self.gtids.executed.as_deref())
    }

    /// Transactions that were written on this server itself: numbered with its own identity, and on
    /// MariaDB beyond what it has received in the same domain.
    pub fn written_here(&self) -> Option<(u64, String)> {
        let own = self.gtids.own.as_deref()?;
        match self.executed()? {
            Applied::Set(set) => {
                let here = set.from_source(own);
                (!here.is_empty()).then(|| (here.count(), here.to_string()))
            }
            Applied::Position(applied) => {
                let state = Position::parse(self.gtids.written.as_deref()?)?;
                let here = state.written_by(own.parse().ok()?, &applied);
                (!here.is_empty()).then(|| (here.ahead_of(&applied), here.to_string()))
            }
        }
    }
}
