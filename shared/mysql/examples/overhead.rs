//! What this crate adds to the driver: `SELECT 1` bare and through a reader, and the cost of
//! connecting. `cargo run --release -p storex-mysql --example overhead`

#![expect(clippy::print_stdout, reason = "its figures are its purpose")]

use std::time::{Duration, Instant};

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use storex_fleet::{Address, MySqlEndpoint, Secret, Tls};
use storex_mysql::{LiveMySql, Settings};
use storex_sources::{Limits, MySqlSource, Needs, Probe, Statement};
use storex_testkit::{Flavour, MySqlServer, Options};
use tokio_util::sync::CancellationToken;

const ROUNDS: usize = 5_000;

static ONE: Probe = Probe {
    name: "one",
    statements: &[
        Statement::mysql(8, 0, 0, "SELECT 1"),
        Statement::mariadb(10, 3, 0, "SELECT 1"),
    ],
    row_limit: 10,
    timeout: Duration::from_secs(5),
    needs: Needs::NOTHING,
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    for flavour in Flavour::ALL {
        let server = MySqlServer::start(flavour, Options::default()).await?;
        println!("{} {}", flavour.name(), server.install().version());
        let opts = OptsBuilder::default()
            .ip_or_hostname(server.host())
            .tcp_port(server.port())
            .prefer_socket(false)
            .user(Some("root"));
        let endpoint = MySqlEndpoint {
            address: Address::Tcp {
                host: server.host().into(),
                port: server.port(),
            },
            admin_port: None,
            user: "root".into(),
            password: Secret::None,
            tls: Tls::Off,
            tls_ca: None,
            max_connections: 2,
        };
        // On a worker, as a server's calls run; the main thread would add its own wake-ups.
        tokio::spawn(measure(opts, endpoint)).await??;
        server.stop().await?;
    }
    Ok(())
}

async fn measure(opts: OptsBuilder, endpoint: MySqlEndpoint) -> Result<()> {
    let mut conn = Conn::new(opts.clone()).await?;
    // The server's timer for its limit costs a little, too; only MySQL knows this setting.
    let mut limited = Conn::new(opts).await?;
    let _ = limited
        .query_drop("SET SESSION max_execution_time = 5000")
        .await;
    let live = LiveMySql::new("bench", endpoint.clone(), Settings::default());
    live.warm().await?;
    let limits = || Limits {
        deadline: Instant::now() + Duration::from_secs(60),
        cancel: CancellationToken::new(),
    };
    let reader = live.open(limits());
    let mut bare = Vec::new();
    let mut bare_limited = Vec::new();
    let mut one_reader = Vec::new();
    let mut reader_each = Vec::new();
    // In turns, so that whatever else the machine does touches all of them alike.
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let _: Vec<u8> = conn.query("SELECT 1").await?;
        bare.push(start.elapsed());

        let start = Instant::now();
        let _: Vec<u8> = limited.query("SELECT 1").await?;
        bare_limited.push(start.elapsed());

        let start = Instant::now();
        reader.read(&ONE, &[]).await?;
        one_reader.push(start.elapsed());

        let start = Instant::now();
        live.open(limits()).read(&ONE, &[]).await?;
        reader_each.push(start.elapsed());
    }
    show("bare mysql_async", bare);
    show("bare, with a server limit", bare_limited);
    show("reader, held for the call", one_reader);
    show("reader opened per read", reader_each);

    let mut connects = Vec::new();
    for _ in 0..100 {
        let live = LiveMySql::new("bench", endpoint.clone(), Settings::default());
        let start = Instant::now();
        live.warm().await?;
        connects.push(start.elapsed());
    }
    show("connect and set up", connects);
    Ok(())
}

fn show(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| {
        let index = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times
            .get(index)
            .map_or(0.0, |time| time.as_secs_f64() * 1e6)
    };
    println!("{what:28} p50 {:8.1} us   p99 {:8.1} us", at(50), at(99));
}
