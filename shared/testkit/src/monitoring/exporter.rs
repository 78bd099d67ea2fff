//! What makes figures of a server or of the machine: `mysqld_exporter` and `node_exporter`.

use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;

use anyhow::Result;

use super::{free_address, get, ready};
use crate::MySqlServer;
use crate::servers::Monitor;

/// The collector of `information_schema.innodb_metrics`, which is off unless it is asked for.
pub const INNODB_METRICS: &str = "info_schema.innodb_metrics";

/// A running exporter. Dropping it kills it.
pub struct Exporter {
    address: SocketAddr,
    _monitor: Monitor,
}

impl Exporter {
    /// An exporter of a server, with these collectors beside its own choice. It keeps to the server's
    /// socket, so it finds the server again after a restart.
    pub async fn of_server(server: &MySqlServer, collectors: &[&str]) -> Result<Self> {
        let address = free_address()?;
        let socket = server.socket().to_owned();
        let switches: Vec<OsString> = collectors
            .iter()
            .map(|collector| format!("--collect.{collector}").into())
            .collect();
        let monitor = tokio::task::spawn_blocking(move || {
            Monitor::start("prometheus-mysqld-exporter", |folder| {
                let account = folder.join("client.cnf");
                let socket = socket.display();
                fs::write(&account, format!("[client]\nuser=root\nsocket={socket}\n"))?;
                let mut words: Vec<OsString> = vec![
                    format!("--config.my-cnf={}", account.display()).into(),
                    format!("--web.listen-address={address}").into(),
                ];
                words.extend(switches);
                Ok(words)
            })
        })
        .await??;
        ready(&monitor, address, "/").await?;
        Ok(Self {
            address,
            _monitor: monitor,
        })
    }

    /// An exporter of this machine.
    pub async fn of_machine() -> Result<Self> {
        let address = free_address()?;
        let monitor = tokio::task::spawn_blocking(move || {
            Monitor::start("prometheus-node-exporter", |_| {
                Ok(vec![format!("--web.listen-address={address}").into()])
            })
        })
        .await??;
        ready(&monitor, address, "/").await?;
        Ok(Self {
            address,
            _monitor: monitor,
        })
    }

    /// Where it is scraped.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it tells now, as it is scraped.
    pub async fn figures(&self) -> Result<String> {
        get(self.address, "/metrics").await
    }
}
