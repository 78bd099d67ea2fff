//! A TCP relay before a server that can hold back what the server says.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Connections numbered below this are held back.
type HeldBelow = watch::Sender<usize>;

pub(crate) struct Relay {
    pub(crate) port: u16,
    made: Arc<AtomicUsize>,
    held_below: Arc<HeldBelow>,
}

impl Relay {
    pub(crate) async fn to(port: u16) -> Self {
        Self::at("127.0.0.1", port).await
    }

    /// A relay that listens at another loopback address.
    pub(crate) async fn at(address: &str, port: u16) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let relay = Self {
            port: listener.local_addr().unwrap().port(),
            made: Arc::default(),
            held_below: Arc::new(watch::Sender::new(0)),
        };
        let (made, held_below) = (Arc::clone(&relay.made), Arc::clone(&relay.held_below));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let number = made.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(pass(client, server, number, held_below.subscribe()));
            }
        });
        relay
    }

    /// From now on nothing the server says arrives over the connections made so far.
    pub(crate) fn hold_back(&self) {
        self.held_below
            .send_replace(self.made.load(Ordering::Relaxed));
    }

    pub(crate) fn let_through(&self) {
        self.held_below.send_replace(0);
    }

    /// Connections made so far.
    pub(crate) fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }
}

async fn pass(
    client: TcpStream,
    server: TcpStream,
    number: usize,
    mut held_below: watch::Receiver<usize>,
) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move {
        let _ = copy(&mut from_client, &mut to_server).await;
    });
    let mut buffer = vec![0; 64 << 10];
    while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
        if held_below.wait_for(|below| number >= *below).await.is_err() {
            return;
        }
        if to_client.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
