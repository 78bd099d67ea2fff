//! The price of the whole stack: a trivial probe (`SELECT 1`) through storex, over standard input and
//! output and over HTTP, beside a bare MCP server that runs the same query, in the same run.
//!
//! `cargo bench -p storex-integration-tests --bench probe`; figures are printed, nothing is asserted.

#![expect(clippy::print_stdout, reason = "figures are printed")]

mod bare;
mod client;
mod domain;
mod measure;

use std::path::Path;

use anyhow::{Context, Result};
use storex_integration_tests::{Instance, lay_out};
use storex_testkit::{Flavour, MySqlServer, Options};

use client::{Http, Pipes, Transport};
use measure::{Child, Figures, measure};

const ROUNDS: usize = 3;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["storex-stdio", config] => block_on(domain::stdio(Path::new(config))),
        ["storex-http", config] => block_on(domain::http(Path::new(config))),
        ["bare-stdio", port] => block_on(bare::stdio(port.parse()?)),
        ["bare-http", port] => block_on(bare::http(port.parse()?)),
        _ => block_on(compare()),
    }
}

fn block_on(task: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(task)
}

async fn compare() -> Result<()> {
    let server = MySqlServer::start(Flavour::Mariadb1011, Options::default()).await?;
    let port = server.port().to_string();
    let folder = lay_out(&[Instance::of("shop", &server)], domain::LIMITS)?;
    let config = folder.path().join("storex.toml");
    let config = config.to_str().context("the path is not UTF-8")?.to_owned();
    let direct = domain::direct(server.port()).await?;
    println!(
        "the query alone: p50 {:.3} ms, p99 {:.3} ms\n",
        direct.p50_ms, direct.p99_ms
    );
    println!(
        "{:<14} {:>9} {:>9} {:>12} {:>10} {:>8}",
        "", "p50 ms", "p99 ms", "cpu us/call", "start ms", "rss MB"
    );
    let runs = [
        ("bare stdio", vec!["bare-stdio", &port]),
        ("storex stdio", vec!["storex-stdio", &config]),
        ("bare http", vec!["bare-http", &port]),
        ("storex http", vec!["storex-http", &config]),
    ];
    for (name, words) in runs {
        println!("{name:<14} {}", best(&words)?);
    }
    server.stop().await
}

/// The best of some rounds: the machine is noisy, and noise only ever adds.
fn best(words: &[&str]) -> Result<Figures> {
    let mut best: Option<Figures> = None;
    for _ in 0..ROUNDS {
        let figures = round(words)?;
        if best
            .as_ref()
            .is_none_or(|best| figures.p50_ms < best.p50_ms)
        {
            best = Some(figures);
        }
    }
    best.context("no round was run")
}

fn round(words: &[&str]) -> Result<Figures> {
    let http = words.first().is_some_and(|word| word.ends_with("http"));
    let tool = if words.first().is_some_and(|word| word.starts_with("storex")) {
        "bench_ping"
    } else {
        "ping"
    };
    let mut child = Child::spawn(words)?;
    let mut transport: Box<dyn Transport> = if http {
        Box::new(Http::open(&mut child)?)
    } else {
        Box::new(Pipes::open(&mut child)?)
    };
    measure(&mut child, transport.as_mut(), tool)
}
