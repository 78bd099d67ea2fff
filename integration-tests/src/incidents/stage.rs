//! Where an incident happens: the servers it needs, with the shop.

use anyhow::{Context, Result};
use futures::FutureExt;
use futures::future::BoxFuture;
use storex_testkit::replica::{Replica, ReplicaOptions};
use storex_testkit::{Flavour, MySqlServer, Options, SmallDisk, accounts};

/// Room for a binary log that an incident can fill.
const DISK_BYTES: u64 = 12 << 20;

/// The servers of an incident; killed when dropped, because one in trouble may never end by itself.
pub struct Stage {
    server: MySqlServer,
    replica: Option<Replica>,
    // Unmounted after the server on it has ended.
    disk: Option<SmallDisk>,
}

/// A stage being set; none where this process cannot set it, as without the right to mount a disk.
pub type Setting = BoxFuture<'static, Result<Option<Stage>>>;

impl Stage {
    /// A server by itself.
    pub fn alone(flavour: Flavour, options: Options) -> Setting {
        async move { Ok(Some(Self::start(flavour, options).await?)) }.boxed()
    }

    /// A server whose binary log is on a small disk of its own.
    pub fn with_small_disk(flavour: Flavour, mut options: Options) -> Setting {
        async move {
            let Some(disk) = SmallDisk::mount(DISK_BYTES)? else {
                return Ok(None);
            };
            options.binlog = true;
            let log = format!("--log-bin={}/binlog", disk.path().display());
            options.extra_args.push(log);
            let mut stage = Self::start(flavour, options).await?;
            stage.disk = Some(disk);
            Ok(Some(stage))
        }
        .boxed()
    }

    /// A server and a replica of it, which is the one asked about.
    pub fn with_replica(flavour: Flavour, mut options: Options) -> Setting {
        async move {
            options.binlog = true;
            let mut stage = Self::start(flavour, options.clone()).await?;
            let options = ReplicaOptions {
                server: options,
                ..ReplicaOptions::default()
            };
            let replica = Replica::of(&stage.server, options).await?;
            replica.catch_up(&stage.server).await?;
            stage.replica = Some(replica);
            Ok(Some(stage))
        }
        .boxed()
    }

    async fn start(flavour: Flavour, options: Options) -> Result<Self> {
        let server = MySqlServer::start(flavour, options).await?;
        accounts::create_shop(&server).await?;
        Ok(Self {
            server,
            replica: None,
            disk: None,
        })
    }

    /// The server the applications use.
    pub fn server(&self) -> &MySqlServer {
        &self.server
    }

    /// The server whose trouble is asked about.
    pub fn asked(&self) -> &MySqlServer {
        self.replica.as_ref().map_or(&self.server, Replica::server)
    }

    /// The replica.
    ///
    /// # Errors
    /// When this stage has none.
    pub fn replica(&self) -> Result<&Replica> {
        self.replica.as_ref().context("the stage has no replica")
    }
}
