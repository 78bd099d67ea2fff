//! Incidents as code: each breaks a running shop in a known way, waits until the server itself
//! shows it, and states the truth that a diagnosis has to find.

mod big_table;
pub mod binlog_disk_full;
pub mod blob_reads;
pub mod buffer_pool_thrash;
pub mod connection_exhaustion;
pub mod connection_storm;
pub mod deadlock_storm;
pub mod dropped_index;
pub mod fsync_commits;
pub mod hot_row;
pub mod long_read_view;
pub mod mdl_pileup;
pub mod n_plus_one;
pub mod plan_switch;
pub mod redo_small;
pub mod replication_lag;
pub mod retry_storm;
mod sessions;
mod settings;
pub mod temp_table_spill;
mod truth;
mod watch;
mod work;

pub use sessions::Incident;
pub use truth::{Party, Truth};

use anyhow::Result;
use temp_table_spill::Limit;

use crate::MySqlServer;

/// The incidents the kit can cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// See [`hot_row`].
    HotRow,
    /// See [`mdl_pileup`].
    MdlPileup,
    /// See [`connection_exhaustion`].
    ConnectionExhaustion,
    /// See [`long_read_view`].
    LongReadView,
    /// See [`deadlock_storm`].
    DeadlockStorm,
    /// See [`temp_table_spill`], with the limit of one table.
    TempTableSpill,
    /// See [`temp_table_spill`], with MySQL's limit of all tables together.
    TempTableMaxRam,
    /// See [`fsync_commits`].
    FsyncCommits,
    /// See [`connection_storm`].
    ConnectionStorm,
    /// See [`binlog_disk_full`].
    BinlogDiskFull,
    /// See [`buffer_pool_thrash`].
    BufferPoolThrash,
    /// See [`redo_small`].
    RedoSmall,
    /// See [`plan_switch`].
    PlanSwitch,
    /// See [`dropped_index`].
    DroppedIndex,
    /// See [`retry_storm`].
    RetryStorm,
    /// See [`n_plus_one`].
    NPlusOne,
    /// See [`blob_reads`].
    BlobReads,
}

impl Kind {
    /// Every incident.
    pub const ALL: [Self; 17] = [
        Self::HotRow,
        Self::MdlPileup,
        Self::ConnectionExhaustion,
        Self::LongReadView,
        Self::DeadlockStorm,
        Self::TempTableSpill,
        Self::TempTableMaxRam,
        Self::FsyncCommits,
        Self::ConnectionStorm,
        Self::BinlogDiskFull,
        Self::BufferPoolThrash,
        Self::RedoSmall,
        Self::PlanSwitch,
        Self::DroppedIndex,
        Self::RetryStorm,
        Self::NPlusOne,
        Self::BlobReads,
    ];

    /// The name used in commands and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HotRow => "hot_row",
            Self::MdlPileup => "mdl_pileup",
            Self::ConnectionExhaustion => "connection_exhaustion",
            Self::LongReadView => "long_read_view",
            Self::DeadlockStorm => "deadlock_storm",
            Self::TempTableSpill => "temp_table_spill",
            Self::TempTableMaxRam => "temp_table_max_ram",
            Self::FsyncCommits => "fsync_commits",
            Self::ConnectionStorm => "connection_storm",
            Self::BinlogDiskFull => "binlog_disk_full",
            Self::BufferPoolThrash => "buffer_pool_thrash",
            Self::RedoSmall => "redo_small",
            Self::PlanSwitch => "plan_switch",
            Self::DroppedIndex => "dropped_index",
            Self::RetryStorm => "retry_storm",
            Self::NPlusOne => "n_plus_one",
            Self::BlobReads => "blob_reads",
        }
    }

    /// The incident of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Causes the incident at its usual size.
    pub async fn start(self, server: &MySqlServer) -> Result<Incident> {
        match self {
            Self::HotRow => hot_row::start(server, hot_row::VICTIMS).await,
            Self::MdlPileup => mdl_pileup::start(server, mdl_pileup::VICTIMS).await,
            Self::ConnectionExhaustion => connection_exhaustion::start(server).await,
            Self::LongReadView => long_read_view::start(server, long_read_view::HISTORY).await,
            Self::DeadlockStorm => deadlock_storm::start(server, deadlock_storm::SESSIONS).await,
            Self::TempTableSpill => {
                temp_table_spill::start(server, Limit::Table, temp_table_spill::REPORTS).await
            }
            Self::TempTableMaxRam => {
                temp_table_spill::start(server, Limit::AllTables, temp_table_spill::CROWD).await
            }
            Self::FsyncCommits => fsync_commits::start(server, fsync_commits::CLIENTS).await,
            Self::ConnectionStorm => connection_storm::start(server).await,
            Self::BinlogDiskFull => binlog_disk_full::start(server).await,
            Self::BufferPoolThrash => {
                buffer_pool_thrash::start(server, buffer_pool_thrash::EXPORTS).await
            }
            Self::RedoSmall => redo_small::start(server, redo_small::WORKERS).await,
            Self::PlanSwitch => plan_switch::start(server, plan_switch::VICTIMS).await,
            Self::DroppedIndex => dropped_index::start(server).await,
            Self::RetryStorm => retry_storm::start(server, retry_storm::CLIENTS).await,
            Self::NPlusOne => n_plus_one::start(server, n_plus_one::CLIENTS).await,
            Self::BlobReads => blob_reads::start(server, blob_reads::CLIENTS).await,
        }
    }
}
