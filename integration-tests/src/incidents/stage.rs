//! Where an incident happens: the servers it needs, with the shop.

use anyhow::Result;
use futures::FutureExt;
use futures::future::BoxFuture;
use storex_testkit::{Flavour, MySqlServer, Options, accounts};

/// The servers of an incident; killed when dropped, because one in trouble may never end by itself.
pub struct Stage {
    server: MySqlServer,
}

/// A stage being set; none where this process cannot set it, as without the right to mount a disk.
pub type Setting = BoxFuture<'static, Result<Option<Stage>>>;

impl Stage {
    /// A server by itself.
    pub fn alone(flavour: Flavour, options: Options) -> Setting {
        async move {
            let server = MySqlServer::start(flavour, options).await?;
            accounts::create_shop(&server).await?;
            Ok(Some(Self { server }))
        }
        .boxed()
    }

    /// The server the applications use.
    pub fn server(&self) -> &MySqlServer {
        &self.server
    }

    /// The server whose trouble is asked about.
    pub fn asked(&self) -> &MySqlServer {
        &self.server
    }
}
