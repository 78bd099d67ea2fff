//! Healthy, labelled application traffic at bounded rates, counted.

mod statements;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::MySqlServer;
use crate::accounts::App;

/// How long a client whose connection broke waits before it tries again.
const RETRY: Duration = Duration::from_millis(200);
/// A client that waits for a lock of an incident is not waited for.
const STOP_LIMIT: Duration = Duration::from_secs(3);

/// The clients of one application.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Who connects.
    pub app: App,
    /// With how many connections.
    pub clients: u32,
    /// How many transactions each of them runs.
    pub per_second: u32,
}

/// A working day: about 90 transactions a second.
pub const HEALTHY: [Load; 6] = [
    load(App::Checkout, 2, 5),
    load(App::Storefront, 3, 20),
    load(App::Worker, 1, 5),
    load(App::Batch, 1, 1),
    load(App::Reporting, 1, 1),
    load(App::Mobile, 2, 5),
];

const fn load(app: App, clients: u32, per_second: u32) -> Load {
    Load {
        app,
        clients,
        per_second,
    }
}

/// What one application did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Transactions that succeeded.
    pub succeeded: u64,
    /// Transactions and connection attempts that failed.
    pub failed: u64,
}

/// Running clients. They end with [`Traffic::stop`], or with this value.
pub struct Traffic {
    stop: watch::Sender<bool>,
    clients: JoinSet<()>,
    counters: BTreeMap<App, Arc<Counter>>,
}

#[derive(Default)]
struct Counter {
    succeeded: AtomicU64,
    failed: AtomicU64,
}

impl Traffic {
    /// Starts the clients of a shop made by [`create_shop`](crate::accounts::create_shop), and
    /// waits until all are connected.
    pub async fn start(server: &MySqlServer, loads: &[Load]) -> Result<Self> {
        let (stop, stopped) = watch::channel(false);
        let mut traffic = Self {
            stop,
            clients: JoinSet::new(),
            counters: BTreeMap::new(),
        };
        for load in loads {
            let counter = Arc::clone(traffic.counters.entry(load.app).or_default());
            for number in 0..load.clients {
                let client = Client {
                    app: load.app,
                    host: server.host().to_owned(),
                    port: server.port(),
                    conn: Some(load.app.connect(server).await?),
                    counter: Arc::clone(&counter),
                    // Clients of an application do not walk through the same rows in step.
                    next: u64::from(number) * 1_000_003,
                };
                let pause = Duration::from_secs(1) / load.per_second.max(1);
                traffic.clients.spawn(client.run(pause, stopped.clone()));
            }
        }
        Ok(traffic)
    }

    /// What was done so far.
    pub fn counts(&self) -> BTreeMap<App, Count> {
        self.counters
            .iter()
            .map(|(app, counter)| {
                let count = Count {
                    succeeded: counter.succeeded.load(Ordering::Relaxed),
                    failed: counter.failed.load(Ordering::Relaxed),
                };
                (*app, count)
            })
            .collect()
    }

    /// Ends the clients and says what they did.
    pub async fn stop(mut self) -> BTreeMap<App, Count> {
        self.stop.send_replace(true);
        let all_ended = async { while self.clients.join_next().await.is_some() {} };
        if timeout(STOP_LIMIT, all_ended).await.is_err() {
            self.clients.shutdown().await;
        }
        self.counts()
    }
}

struct Client {
    app: App,
    host: String,
    port: u16,
    conn: Option<Conn>,
    counter: Arc<Counter>,
    next: u64,
}

impl Client {
    async fn run(mut self, pause: Duration, mut stopped: watch::Receiver<bool>) {
        let mut ticks = interval(pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => break,
                _ = ticks.tick() => {}
            }
            if self.transact().await.is_ok() {
                self.counter.succeeded.fetch_add(1, Ordering::Relaxed);
            } else {
                self.counter.failed.fetch_add(1, Ordering::Relaxed);
                self.conn = None;
                sleep(RETRY).await;
            }
        }
        if let Some(conn) = self.conn {
            let _ = conn.disconnect().await;
        }
    }

    async fn transact(&mut self) -> Result<()> {
        self.next += 1;
        let conn = if let Some(conn) = &mut self.conn {
            conn
        } else {
            let options = self.app.options(&self.host, self.port);
            self.conn.insert(crate::servers::open(options).await?)
        };
        for statement in statements::transaction(self.app, self.next) {
            conn.query_drop(statement).await?;
        }
        Ok(())
    }
}
