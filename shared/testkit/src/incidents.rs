//! Incidents as code: each breaks a running shop in a known way, waits until the server itself
//! shows it, and states the truth that a diagnosis has to find.

pub mod connection_exhaustion;
pub mod hot_row;
pub mod long_read_view;
pub mod mdl_pileup;
pub mod replication_lag;
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
}

impl Kind {
    /// Every incident.
    pub const ALL: [Self; 4] = [
        Self::HotRow,
        Self::MdlPileup,
        Self::ConnectionExhaustion,
        Self::LongReadView,
    ];

    /// The name used in commands and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HotRow => "hot_row",
            Self::MdlPileup => "mdl_pileup",
            Self::ConnectionExhaustion => "connection_exhaustion",
            Self::LongReadView => "long_read_view",
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
        }
    }
}
