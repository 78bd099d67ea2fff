//! Calls a tool often enough to see what it costs.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures::future::try_join_all;
use storex_integration_tests::{House, LeastAccount, instance_tools, question};
use storex_testkit::MySqlServer;

use crate::accounting::{Account, costliest, cpu, forget};
use crate::situation::Scene;

/// The same server under several names: the same question to one name, asked again while its answer
/// is fresh, would not reach the server.
const NAMES: usize = 8;
/// Calls to each name.
const ROUNDS: usize = 3;
/// A storex over a server.
pub(crate) struct Bench<'a> {
    server: &'a MySqlServer,
    house: House,
    detail: &'static str,
    // Its password is read when a connection is made.
    _account: LeastAccount,
}

/// What one call costs.
pub(crate) struct Figures {
    pub(crate) statements: f64,
    pub(crate) examined: f64,
    pub(crate) sent: f64,
    pub(crate) wall_ms: f64,
    pub(crate) cpu_ms: f64,
    pub(crate) costliest: Vec<String>,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            statements,
            examined,
            sent,
            wall_ms,
            cpu_ms,
            costliest: _,
        } = self;
        write!(
            f,
            "{statements:>10.1} {examined:>9.0} {sent:>9.0} {wall_ms:>9.1} {cpu_ms:>9.2}"
        )
    }
}

impl<'a> Bench<'a> {
    pub(crate) async fn over(scene: &'a Scene, full: bool) -> Result<Self> {
        let server = &scene.server;
        let account = LeastAccount::create(server, 40).await?;
        let instances: Vec<_> = (0..NAMES)
            .map(|number| account.instance(&name(number), server))
            .collect();
        let bench = Self {
            server,
            house: House::over(&instances)?,
            detail: if full { "full" } else { "concise" },
            _account: account,
        };
        Ok(bench)
    }

    pub(crate) async fn measure(&self, tool: &'static str) -> Result<Figures> {
        let row = instance_tools()
            .find(|row| row.spec.name == tool)
            .context("no tool")?;
        let mut root = self.server.root().await?;
        // Connections are made, and what a server is asked once is known.
        self.round(tool).await?;
        tokio::time::sleep(row.spec.freshness).await;

        forget(&mut root).await?;
        let before = Account::read(&mut root).await?;
        let cpu_before = cpu(&mut root, self.server.process_id()).await?;
        let mut waited = Duration::ZERO;
        for _ in 0..ROUNDS {
            waited += self.round(tool).await?;
            tokio::time::sleep(row.spec.freshness + Duration::from_millis(100)).await;
        }
        let cpu = cpu(&mut root, self.server.process_id()).await?;
        let after = Account::read(&mut root).await?;
        let costliest = costliest(&mut root, self.server.flavour()).await?;
        root.disconnect().await?;
        let per_call = |from: u64, to: u64| to.saturating_sub(from) as f64 / CALLS;
        Ok(Figures {
            statements: per_call(before.statements, after.statements),
            examined: per_call(before.examined, after.examined),
            sent: per_call(before.sent, after.sent),
            wall_ms: waited.as_secs_f64() * 1e3 / CALLS,
            cpu_ms: cpu.saturating_sub(cpu_before).as_secs_f64() * 1e3 / CALLS,
            costliest,
        })
    }

    /// Asks about every name at once. Returns the sum of what the calls took.
    async fn round(&self, tool: &'static str) -> Result<Duration> {
        let ask = |number: usize| async move {
            let began = Instant::now();
            let question = question(tool, &name(number), self.detail);
            self.house.ask(tool, question).await?;
            anyhow::Ok(began.elapsed())
        };
        Ok(try_join_all((0..NAMES).map(ask)).await?.into_iter().sum())
    }
}

const CALLS: f64 = (NAMES * ROUNDS) as f64;

fn name(number: usize) -> String {
    format!("shop-{number}")
}
