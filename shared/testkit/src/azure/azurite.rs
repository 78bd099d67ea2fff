//! Azurite, running.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tempfile::TempDir;
use tokio::time::sleep;

use super::http::{connector, is_ours};
use super::stand_in::token;
use crate::clients::azurite;
use crate::servers::{Process, TlsFiles};

const START_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);
const ATTEMPTS: u32 = 5;

/// Microsoft's emulator of Azure Storage, on a port of its own with nothing in it.
pub struct Azurite {
    port: u16,
    _process: Process,
    _folder: TempDir,
}

impl Azurite {
    /// Starts it with this certificate, and waits until it listens. It is installed first, where needed.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(tls: &TlsFiles) -> Result<Self> {
        let (node, script) = tokio::task::spawn_blocking(azurite).await??;
        let connector = connector(tls)?;
        for _ in 0..ATTEMPTS {
            let folder = tempfile::Builder::new()
                .prefix("storex-azurite-")
                .tempdir()?;
            let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
            let mut words = vec![node.clone().into(), script.clone().into()];
            for word in [
                "--disableTelemetry",
                "--silent",
                "--oauth",
                "basic",
                "--blobPort",
            ] {
                words.push(word.into());
            }
            words.push(port.to_string().into());
            for (word, path) in [
                ("--location", folder.path()),
                ("--cert", &tls.certificate),
                ("--key", &tls.key),
            ] {
                words.extend([word.into(), path.into()]);
            }
            let process = Process::spawn(&words, folder.path())?;
            let deadline = Instant::now() + START_LIMIT;
            while !process.has_ended() && Instant::now() < deadline {
                if is_ours(port, &connector).await.is_ok() {
                    return Ok(Self {
                        port,
                        _process: process,
                        _folder: folder,
                    });
                }
                sleep(POLL).await;
            }
        }
        bail!("Azurite does not come up")
    }

    /// The address of its blob service, as `storage` in an inventory has it.
    pub fn storage(&self) -> String {
        format!("https://127.0.0.1:{}/devstoreaccount1", self.port)
    }

    /// A token it takes.
    pub fn token(&self) -> String {
        token("https://storage.azure.com")
    }
}
