//! Incidents as code: each breaks a running shop in a known way, waits until the server itself
//! shows it, and states the truth that a diagnosis has to find.

pub mod connection_exhaustion;
pub mod deadlock_storm;
pub mod hot_row;
pub mod long_read_view;
pub mod mdl_pileup;
mod sessions;
mod truth;
mod watch;

pub use sessions::Incident;
pub use truth::{Party, Truth};

use anyhow::Result;

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
}

impl Kind {
    /// Every incident.
    pub const ALL: [Self; 5] = [
        Self::HotRow,
        Self::MdlPileup,
        Self::ConnectionExhaustion,
        Self::LongReadView,
        Self::DeadlockStorm,
    ];

    /// The name used in commands and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HotRow => "hot_row",
            Self::MdlPileup => "mdl_pileup",
            Self::ConnectionExhaustion => "connection_exhaustion",
            Self::LongReadView => "long_read_view",
            Self::DeadlockStorm => "deadlock_storm",
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
        }
    }
}
