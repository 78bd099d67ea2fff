//! What really happened, for comparison with what a diagnosis says.

use serde::{Deserialize, Serialize};

use crate::accounts::App;

/// The truth about an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// The incident's name.
    pub incident: String,
    /// Who caused it.
    pub culprit: Party,
    /// Who waits for the culprit and makes others wait, without being at fault.
    pub via: Vec<Party>,
    /// Who suffers. Healthy traffic on the same object suffers too and is not listed.
    pub victims: Vec<Party>,
    /// What they fight over, as `schema.table` where it is a table.
    pub object: String,
    /// The culprit's last statement, where there is one.
    pub statement: Option<String>,
}

/// An application, and those of its sessions that take part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The account.
    pub user: String,
    /// The connection attribute.
    pub program_name: String,
    /// The sessions; none for an application that cannot connect.
    pub connection_ids: Vec<u32>,
}

impl Party {
    pub(super) fn new(app: App, connection_ids: Vec<u32>) -> Self {
        Self {
            user: app.user().to_owned(),
            program_name: app.program_name().to_owned(),
            connection_ids,
        }
    }
}
