//! Real clients against the real program, over both transports and in both eras of the protocol.

mod conversation;
mod desktop;
mod door;
mod inspector;
mod python;
mod typescript;

use std::process::{Command, Output};

use anyhow::{Context, Result};
use storex_integration_tests::Instance;
use storex_testkit::{Flavour, MySqlServer, Options};
use tokio::net::TcpListener;

use crate::product::{PATIENCE, Product};

/// A product over a database, `shop`, and over one that never answers, `stuck`.
struct Scene {
    product: Product,
    _server: MySqlServer,
    _stuck: TcpListener,
}

impl Scene {
    async fn set() -> Result<Self> {
        let server = MySqlServer::start(Flavour::Mariadb1011, Options::default()).await?;
        // Connections are taken by the kernel and never served.
        let stuck = TcpListener::bind("127.0.0.1:0").await?;
        let port = stuck.local_addr()?.port();
        let product = Product::over(&[
            Instance::of("shop", &server),
            Instance::with(
                "stuck",
                &format!("address = \"127.0.0.1:{port}\"\nuser = \"root\"\ntls = \"off\""),
            ),
        ])?;
        Ok(Self {
            product,
            _server: server,
            _stuck: stuck,
        })
    }
}

/// Runs a client to its end, off the threads that drive the test.
async fn finish(mut command: Command) -> Result<Output> {
    let running = tokio::task::spawn_blocking(move || command.output());
    Ok(tokio::time::timeout(PATIENCE, running)
        .await
        .context("the client does not end")???)
}
