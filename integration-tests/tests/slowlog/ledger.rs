//! What the performance schema tells of statements between two samples, on real servers.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable;
use storex_fleet::{Address, MySqlEndpoint, Secret, Tls};
use storex_mysql::{LiveMySql, Settings};
use storex_slowlog::ledger::{Ledger, LedgerStatement, read};
use storex_slowlog::probes::ledger::ALL;
use storex_sources::{Limits, MySqlSource, wall_clock};
use storex_testkit::accounts::App;
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema};
use storex_tool::{Call, CallParts, Effect, Spec, Target};
use tokio_util::sync::CancellationToken;

use super::shop;

static SPEC: Spec = Spec {
    name: "test_ledger",
    title: "A ledger",
    description: "Reads a ledger for a test.",
    effect: Effect::Read,
    target: Target::Instance,
    deadline: Duration::from_secs(60),
    row_limit: 1,
    freshness: Duration::ZERO,
    probes: &ALL,
    log_bytes: 0,
    metric_points: 0,
    sensitive_arguments: &[],
    runbook: "",
    aliases: &[],
};

const GAP: Duration = Duration::from_secs(6);
const SLEPT_US: u64 = 200_000;

fn call_on(server: &MySqlServer) -> Call {
    let endpoint = MySqlEndpoint {
        address: Address::Tcp {
            host: server.host().to_owned(),
            port: server.port(),
        },
        admin_port: None,
        user: "root".to_owned(),
        password: Secret::None,
        tls: Tls::Off,
        tls_ca: None,
        max_connections: 1,
    };
    let live = LiveMySql::new("db", endpoint, Settings::default());
    let limits = Limits {
        deadline: Instant::now() + SPEC.deadline,
        cancel: CancellationToken::new(),
    };
    Call::new(CallParts {
        spec: &SPEC,
        instance: None,
        mysql: Some(live.open(limits)),
        logs: None,
        logs_kind: "none",
        metrics: None,
        metrics_kind: "none",
        other: None,
        visible: Vec::new(),
        progress: None,
        clock: wall_clock,
    })
}

/// So many of each kind of statement; those that sleep are asked for in the window only.
async fn work(server: &MySqlServer, times: u64, sleeps: u64) -> Result<()> {
    let mut conn = App::Checkout.connect(server).await?;
    for number in 0..times {
        let lookup = format!("SELECT name FROM products WHERE id = {}", number + 1);
        let _: Option<String> = conn.query_first(lookup).await?;
        let scan = format!("SELECT COUNT(*) FROM customers WHERE email LIKE '%x{number}%'");
        let _: Option<u64> = conn.query_first(scan).await?;
        let change = format!(
            "UPDATE inventory SET reserved = reserved + 1 WHERE product_id = {}",
            number + 1
        );
        conn.query_drop(change).await?;
        let refused = conn
            .query_drop("INSERT INTO products (id) VALUES (1)")
            .await;
        ensure!(refused.is_err(), "the key is taken");
    }
    for _ in 0..sleeps {
        conn.query_drop("SELECT SLEEP(0.2), 'a literal'").await?;
    }
    // Until its session ends it is known who ran them.
    tokio::time::sleep(GAP).await;
    Ok(conn.disconnect().await?)
}

/// The statement whose text begins so, whatever quotes and spaces this server writes.
fn statement<'a>(ledger: &'a Ledger, begins: &str) -> Result<&'a LedgerStatement> {
    let plain = |text: &str| text.replace(['`', ' '], "").to_ascii_lowercase();
    let mut all = ledger.statements.iter();
    let found = all.find(|statement| plain(&statement.text).starts_with(begins));
    found.with_context(|| format!("{begins} is not among {:#?}", ledger.statements))
}

/// The statement that slept: five runs of one session.
fn tells_what_took_long(ledger: &Ledger, flavour: Flavour) -> Result<()> {
    let slept = statement(ledger, "selectsleep")?;
    assert_eq!(slept.count, 5);
    ensure!(slept.time_us >= 5 * SLEPT_US, "{slept:?}");
    ensure!(slept.max_us >= Some(SLEPT_US), "{slept:?}");
    ensure!(!slept.text.contains("literal"), "{slept:?}");
    assert_eq!(ledger.statements[0].digest, slept.digest, "most time first");
    let seen = |statement: &LedgerStatement| {
        let mut seen = statement.seen.iter();
        seen.find(|seen| seen.user == "checkout")
            .map(|seen| seen.runs)
    };
    assert_eq!(seen(slept), Some(5), "{slept:?}");
    let first = slept.first_seen.context("not dated")?;
    ensure!(
        first.duration_since(ledger.from).as_secs() >= 0,
        "{slept:?}"
    );
    match flavour {
        Flavour::Mysql97 => {
            let times = slept.times.context("no times")?;
            assert_eq!(times.runs, 5);
            ensure!(
                times.p50_us >= SLEPT_US && times.p99_us >= times.p50_us,
                "{times:?}"
            );
            // Those of a statement that ran before as well are of its runs in between, or unknown.
            let lookup = statement(ledger, "selectnamefromproducts")?;
            ensure!(
                lookup.times.is_none_or(|times| times.runs == 20),
                "{lookup:?}"
            );
        }
        Flavour::Mariadb1011 => assert_eq!(slept.times, None),
    }
    let sample = &ledger.samples[0];
    assert_eq!(sample.digest, slept.digest);
    ensure!(
        sample.sql_text.contains("'a literal'") && sample.time_us >= SLEPT_US,
        "{sample:?}"
    );
    assert_eq!(sample.user.as_deref(), Some("checkout"));
    Ok(())
}

async fn tells_what_ran_in_between(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    // What ran before the first sample does not count.
    let mut before = App::Checkout.connect(&server).await?;
    for _ in 0..30 {
        before
            .query_drop("SELECT name FROM products WHERE id = 3")
            .await?;
    }
    before.disconnect().await?;
    let call = call_on(&server);
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        work(&server, 20, 5).await
    };
    let (ledger, worked) = tokio::join!(read(&call, GAP), meanwhile);
    worked?;
    let ledger = ledger?.context("no ledger")?;
    let window = ledger.to.duration_since(ledger.from).as_secs_f64();
    ensure!(window >= GAP.as_secs_f64(), "{window}");

    let lookup = statement(&ledger, "selectnamefromproducts")?;
    assert_eq!((lookup.count, lookup.rows_sent), (20, 20));
    assert_eq!(lookup.database.as_deref(), Some("shop"));
    assert_eq!((lookup.failed, lookup.no_index), (0, 0));
    let scan = statement(&ledger, "selectcount(*)fromcustomers")?;
    assert_eq!((scan.count, scan.full_scans), (20, 20));
    ensure!(scan.rows_examined >= 20 * scan.rows_sent, "{scan:?}");
    assert_eq!(statement(&ledger, "updateinventory")?.rows_affected, 20);
    let refused = statement(&ledger, "insertintoproducts")?;
    assert_eq!((refused.count, refused.failed), (20, 20));

    tells_what_took_long(&ledger, flavour)?;
    for sample in &ledger.samples {
        ensure!(sample.ended_at >= ledger.from, "{sample:?}");
        // ER_DUP_ENTRY, or no default value for another column.
        let is_refused = sample.digest == refused.digest;
        ensure!(is_refused == sample.error.is_some(), "{sample:?}");
    }
    server.stop().await
}

#[tokio::test]
async fn the_performance_schema_of_mysql_tells_what_ran_between_two_samples() -> Result<()> {
    tells_what_ran_in_between(Flavour::Mysql97).await
}

#[tokio::test]
async fn the_performance_schema_of_mariadb_tells_what_ran_between_two_samples() -> Result<()> {
    tells_what_ran_in_between(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn without_a_performance_schema_there_is_no_ledger() -> Result<()> {
    for flavour in Flavour::ALL {
        let options = Options {
            performance_schema: PerformanceSchema::Off,
            ..Options::default()
        };
        let server = MySqlServer::start(flavour, options).await?;
        let call = call_on(&server);
        assert_eq!(read(&call, Duration::from_millis(10)).await?, None);
        server.stop().await?;
    }
    Ok(())
}
