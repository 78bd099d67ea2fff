//! A server that lets everyone in and never says a word, and counts who came.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use storex_integration_tests::Instance;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A listener on loopback that accepts and never answers.
pub(crate) struct BlackHole {
    port: u16,
    visits: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl BlackHole {
    /// Opens one.
    pub(crate) async fn open() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let visits = Arc::new(AtomicUsize::new(0));
        let accepting = tokio::spawn({
            let visits = Arc::clone(&visits);
            async move {
                let mut held = Vec::new();
                while let Ok((stream, _)) = listener.accept().await {
                    visits.fetch_add(1, Ordering::SeqCst);
                    held.push(stream);
                }
            }
        });
        Ok(Self {
            port,
            visits,
            accepting,
        })
    }

    /// It as an entry of the inventory.
    pub(crate) fn instance(&self, name: &str) -> Instance {
        let port = self.port;
        Instance::with(
            name,
            &format!("address = \"127.0.0.1:{port}\"\nuser = \"storex\"\ntls = \"off\""),
        )
    }

    /// Connections made to it so far.
    pub(crate) fn visits(&self) -> usize {
        self.visits.load(Ordering::SeqCst)
    }
}

impl Drop for BlackHole {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
