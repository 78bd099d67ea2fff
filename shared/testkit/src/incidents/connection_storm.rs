//! The mobile application leaks connections until the server lets nobody in, and the others keep
//! knocking.

use std::time::Duration;

use anyhow::Result;

use super::{Incident, Party, connection_exhaustion, watch};
use crate::MySqlServer;
use crate::accounts::App;

/// Refusals after which the incident is under way.
const REFUSED: u64 = 5;
/// Who keeps knocking.
const VICTIMS: [App; 3] = [App::Checkout, App::Storefront, App::Storefront];

/// Causes the incident. Start the server with a small `max_connections`.
pub async fn start(server: &MySqlServer) -> Result<Incident> {
    let query = if server.flavour().is_mariadb() {
        "SELECT CAST(variable_value AS UNSIGNED) FROM information_schema.global_status \
         WHERE variable_name = 'CONNECTION_ERRORS_MAX_CONNECTIONS'"
    } else {
        "SELECT CAST(variable_value AS UNSIGNED) FROM performance_schema.global_status \
         WHERE variable_name = 'Connection_errors_max_connections'"
    };
    let mut incident = connection_exhaustion::start(server).await?;
    let mut root = server.root_over_admin_port().await?;
    let before = watch::number(&mut root, query).await?;
    for app in VICTIMS {
        incident.work.knock(server, app);
    }
    watch::at_least(&mut root, query, before + REFUSED, "refused connections").await?;
    root.disconnect().await?;
    // A pool that has just filled up is not yet a leak.
    tokio::time::sleep(Duration::from_secs(1)).await;
    "connection_storm".clone_into(&mut incident.truth.incident);
    incident.truth.victims = vec![
        Party::new(App::Checkout, Vec::new()),
        Party::new(App::Storefront, Vec::new()),
    ];
    Ok(incident)
}
