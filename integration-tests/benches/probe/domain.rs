//! A storex with one trivial tool.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storex_serve::boot_file;
use storex_sources::{Needs, Probe, Statement};
use storex_tool::{Answer, Call, Domain, Effect, Spec, Target, Tool, ToolError, row};
use tokio_util::sync::CancellationToken;

use crate::measure::{Figures, percentiles};

/// One caller as fast as it can: no limit may be met.
pub(crate) const LIMITS: &str =
    "[limits]\ncalls_per_principal_per_s = 1000000\nburst_per_principal = 1000000\n";

static ONE: Probe = Probe {
    name: "one",
    statements: &[
        Statement::mysql(5, 7, 0, "SELECT 1 AS one"),
        Statement::mariadb(10, 6, 0, "SELECT 1 AS one"),
    ],
    row_limit: 1,
    timeout: Duration::from_secs(1),
    needs: Needs::NOTHING,
};

static BENCH: Domain = Domain {
    name: "bench",
    about: "the price of a call",
    tools: &[row::<Ping>()],
    runbooks: &[],
};

struct Ping;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    #[expect(dead_code, reason = "the stack reads it")]
    instance: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Data {
    one: u64,
}

impl Tool for Ping {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "bench_ping",
        title: "Ping",
        description: "Runs SELECT 1.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(5),
        row_limit: 1,
        freshness: Duration::ZERO,
        probes: &[&ONE],
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &[],
        runbook: "# Ping",
        aliases: &[],
    };

    async fn run(_: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let mut sample = call.need::<Data>(&ONE).await?;
        let data = sample
            .rows
            .pop()
            .ok_or_else(|| ToolError::internal("no row"))?;
        Ok(Answer::new("pong", Vec::new(), data))
    }
}

/// Serves it over standard input and output.
pub(crate) async fn stdio(config: &Path) -> Result<()> {
    let (_, boot) = boot_file(config, "bench", &[&BENCH])?;
    Ok(storex_serve::stdio::serve(Arc::clone(&boot.server) as _, CancellationToken::new()).await?)
}

/// Serves it over HTTP on a free port, and prints address and token.
pub(crate) async fn http(config: &Path) -> Result<()> {
    let (mut config, boot) = boot_file(config, "bench", &[&BENCH])?;
    config.http.listen.set_port(0);
    let token = storex_serve::http::token(&config.http.token_file)?;
    let listener = storex_serve::http::listen(&config.http).await?;
    println!("{} {token}", listener.local_addr()?);
    let server = Arc::clone(&boot.server);
    Ok(storex_serve::http::serve_on(
        server,
        &config.http,
        &token,
        listener,
        CancellationToken::new(),
    )
    .await?)
}

/// The query alone, through the same library.
pub(crate) async fn direct(port: u16) -> Result<Figures> {
    let options = OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(port)
        .user(Some("root"));
    let mut conn = Conn::new(options).await?;
    let mut took = Vec::new();
    for call in 0..4_500 {
        let began = Instant::now();
        let _one: Option<u64> = conn.query_first("SELECT 1 AS one").await?;
        if call >= 500 {
            took.push(began.elapsed());
        }
    }
    let (p50_ms, p99_ms) = percentiles(&mut took);
    Ok(Figures {
        p50_ms,
        p99_ms,
        cpu_us: 0.0,
        start_ms: 0.0,
        rss_mb: 0.0,
    })
}
