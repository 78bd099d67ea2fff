//! `innodb_pressure` names limits that are hit on real servers, and who hits them: memory for
//! temporary tables and sorts, commits, connections, table cache, full disks.

use std::time::Duration;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::accounts::App;
use storex_testkit::incidents::temp_table_spill::{self, Limit};
use storex_testkit::incidents::{Incident, Kind, Truth};
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema, Place, SmallDisk};

use super::{shop, shop_with};

/// What a concise answer may cost: 1,500 tokens of four bytes.
const CONCISE_BYTES: usize = 6_000;

fn recording() -> Options {
    Options {
        performance_schema: PerformanceSchema::Full,
        ..Options::default()
    }
}

async fn ask(house: &House) -> Result<Value> {
    house
        .ask("innodb_pressure", json!({ "instance": "shop" }))
        .await
}

/// Nothing is found under healthy traffic, and nothing could not be read.
async fn assert_quiet(server: &MySqlServer, house: &House) -> Result<()> {
    let traffic = Traffic::start(server, &HEALTHY).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = ask(house).await?;
    traffic.stop().await;
    assert_eq!(before["findings"], json!([]), "{before:#}");
    assert_eq!(before["coverage"]["missing"], Value::Null, "{before:#}");
    Ok(())
}

/// The first finding is this cause, and its sentence holds all of `parts`.
fn assert_first(answer: &Value, id: &str, parts: &[&str]) {
    println!("{answer:#}");
    let first = &answer["findings"][0];
    assert_eq!(first["id"], id, "{answer:#}");
    let statement = first["statement"].as_str().unwrap_or_default();
    for part in parts {
        assert!(statement.contains(part), "{part:?} is not in {answer:#}");
    }
    let bytes = answer.to_string().len();
    assert!(bytes <= CONCISE_BYTES, "{bytes} bytes: {answer:#}");
}

/// Quiet before; then this incident, beside healthy traffic.
async fn during(
    server: &MySqlServer,
    incident: impl Future<Output = Result<Incident>>,
) -> Result<(Value, Truth)> {
    let house = House::over(&[Instance::of("shop", server)])?;
    assert_quiet(server, &house).await?;
    let traffic = Traffic::start(server, &HEALTHY).await?;
    let incident = incident.await?;
    let answer = ask(&house).await?;
    let truth = incident.truth().clone();
    incident.end().await?;
    traffic.stop().await;
    Ok((answer, truth))
}

async fn spill(flavour: Flavour, limit: Limit, reports: usize, id: &str) -> Result<()> {
    let server = shop(flavour).await?;
    let incident = temp_table_spill::start(&server, limit, reports);
    let (answer, truth) = during(&server, incident).await?;
    let parts = [
        truth.object.as_str(),
        &truth.culprit.program_name,
        &truth.culprit.user,
        "archive",
    ];
    assert_first(&answer, id, &parts);
    server.stop().await
}

#[tokio::test]
async fn the_statement_that_outgrows_tmp_table_size_is_named_on_mysql() -> Result<()> {
    spill(Flavour::Mysql97, Limit::Table, 2, "temporary_tables_spill").await
}

#[tokio::test]
async fn the_statement_that_outgrows_tmp_memory_table_size_is_named_on_mariadb() -> Result<()> {
    spill(
        Flavour::Mariadb1011,
        Limit::Table,
        2,
        "temporary_tables_spill",
    )
    .await
}

#[tokio::test]
async fn a_full_temptable_max_ram_is_named_although_disk_tables_hardly_count_it() -> Result<()> {
    spill(
        Flavour::Mysql97,
        Limit::AllTables,
        temp_table_spill::CROWD,
        "temptable_max_ram_full",
    )
    .await
}

#[tokio::test]
async fn the_statement_that_outgrows_sort_buffer_size_is_named_on_mysql() -> Result<()> {
    spill(Flavour::Mysql97, Limit::Sort, 2, "sorts_spill").await
}

#[tokio::test]
async fn the_statement_that_outgrows_sort_buffer_size_is_named_on_mariadb() -> Result<()> {
    spill(Flavour::Mariadb1011, Limit::Sort, 2, "sorts_spill").await
}

async fn commits(flavour: Flavour) -> Result<Value> {
    let server = shop_with(flavour, durable(flavour)).await?;
    let (answer, truth) = during(&server, Kind::FsyncCommits.start(&server)).await?;
    assert_first(&answer, "tiny_transactions", &[&truth.culprit.user]);
    server.stop().await?;
    Ok(answer)
}

fn durable(flavour: Flavour) -> Options {
    // The kit's small redo log would be turned over in seconds, which is another story.
    let redo = match flavour {
        Flavour::Mysql97 => "--innodb-redo-log-capacity=512M",
        Flavour::Mariadb1011 => "--innodb-log-file-size=512M",
    };
    Options {
        extra_args: vec![redo.to_owned()],
        binlog: true,
        place: Place::Disk,
        ..recording()
    }
}

fn assert_names_statement(answer: &Value) {
    let parts = ["nightly-batch", "INSERT INTO `archive`", "sync_binlog = 1"];
    assert_first(answer, "tiny_transactions", &parts);
}

#[tokio::test]
async fn a_batch_that_commits_row_by_row_is_named_on_mysql() -> Result<()> {
    assert_names_statement(&commits(Flavour::Mysql97).await?);
    Ok(())
}

#[tokio::test]
async fn a_batch_that_commits_row_by_row_is_named_on_mariadb() -> Result<()> {
    assert_names_statement(&commits(Flavour::Mariadb1011).await?);
    Ok(())
}

async fn storm(flavour: Flavour) -> Result<()> {
    let options = Options {
        max_connections: Some(40),
        ..recording()
    };
    let server = shop_with(flavour, options).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    assert_quiet(&server, &house).await?;
    let incident = Kind::ConnectionStorm.start(&server).await?;
    // The first connection of all is made now: only the second door is left.
    let late = House::over(&[Instance::of("shop", &server)])?;
    for house in [&house, &late] {
        let answer = ask(house).await?;
        let parts = ["mobile-api", "mobile@", "refused", "idle"];
        assert_first(&answer, "idle_connections_use_up_the_limit", &parts);
    }
    incident.end().await?;
    server.stop().await
}

#[tokio::test]
async fn who_leaks_connections_is_named_on_mysql() -> Result<()> {
    storm(Flavour::Mysql97).await
}

#[tokio::test]
async fn who_leaks_connections_is_named_on_mariadb() -> Result<()> {
    storm(Flavour::Mariadb1011).await
}

async fn account_limit(flavour: Flavour) -> Result<()> {
    let options = Options {
        extra_args: vec!["--max-user-connections=12".to_owned()],
        ..recording()
    };
    let server = shop_with(flavour, options).await?;
    let mut held = Vec::new();
    for _ in 0..12 {
        held.push(App::Mobile.connect(&server).await?);
    }
    let house = House::over(&[Instance::of("shop", &server)])?;
    let (answer, ()) = tokio::join!(ask(&house), async {
        for _ in 0..20 {
            assert!(
                App::Mobile.connect(&server).await.is_err(),
                "let in beyond the limit"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let answer = answer?;
    assert_first(
        &answer,
        "account_connections_used_up",
        &["mobile", "max_user_connections"],
    );
    drop(held);
    server.stop().await
}

#[tokio::test]
async fn an_account_at_its_limit_is_named_on_mysql() -> Result<()> {
    account_limit(Flavour::Mysql97).await
}

#[tokio::test]
async fn an_account_at_its_limit_is_named_on_mariadb() -> Result<()> {
    account_limit(Flavour::Mariadb1011).await
}

async fn table_cache(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    assert_quiet(&server, &house).await?;
    let traffic = Traffic::start(&server, &HEALTHY).await?;
    let mut root = server.root().await?;
    for number in 0..30 {
        root.query_drop(format!(
            "CREATE TABLE shop.tenant_{number} (id INT PRIMARY KEY)"
        ))
        .await?;
    }
    root.query_drop("SET GLOBAL table_open_cache = 10").await?;
    let mut storefront = App::Storefront.connect(&server).await?;
    let (answer, _) = tokio::join!(ask(&house), async {
        for number in 0..600 {
            let query = format!("SELECT COUNT(*) FROM tenant_{}", number % 30);
            storefront.query_drop(query).await?;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::Ok(())
    });
    let answer = answer?;
    assert_first(
        &answer,
        "table_open_cache_too_small",
        &["table_open_cache = 10"],
    );
    traffic.stop().await;
    server.stop().await
}

#[tokio::test]
async fn a_tiny_table_cache_is_named_on_mysql() -> Result<()> {
    table_cache(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_tiny_table_cache_is_named_on_mariadb() -> Result<()> {
    table_cache(Flavour::Mariadb1011).await
}

async fn disk_full(flavour: Flavour, record: PerformanceSchema) -> Result<()> {
    let Some(disk) = SmallDisk::mount(16 << 20)? else {
        println!("skipped: this process may not mount a small disk");
        return Ok(());
    };
    let options = Options {
        binlog: true,
        performance_schema: record,
        extra_args: vec![format!("--log-bin={}/binlog", disk.path().display())],
        ..Options::default()
    };
    let server = shop_with(flavour, options).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let incident = Kind::BinlogDiskFull.start(&server).await?;
    let asked_at = std::time::Instant::now();
    let answer = ask(&house).await?;
    // No read of it hangs behind the commit that waits for room.
    assert!(asked_at.elapsed() < Duration::from_secs(10), "{answer:#}");
    assert_first(&answer, "disk_full", &["is full", "hang", "reads go on"]);
    incident.end().await?;
    server.stop().await
}

#[tokio::test]
async fn a_full_disk_of_the_binary_log_is_named_on_mysql() -> Result<()> {
    disk_full(Flavour::Mysql97, PerformanceSchema::Full).await
}

#[tokio::test]
async fn a_full_disk_of_the_binary_log_is_named_on_mariadb() -> Result<()> {
    disk_full(Flavour::Mariadb1011, PerformanceSchema::Full).await
}

#[tokio::test]
async fn a_full_disk_is_named_without_the_performance_schema() -> Result<()> {
    disk_full(Flavour::Mariadb1011, PerformanceSchema::Off).await
}

async fn tmpdir_full(flavour: Flavour) -> Result<()> {
    let Some(disk) = SmallDisk::mount(4 << 20)? else {
        println!("skipped: this process may not mount a small disk");
        return Ok(());
    };
    let options = Options {
        extra_args: vec![format!("--tmpdir={}", disk.path().display())],
        ..recording()
    };
    let server = shop_with(flavour, options).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let mut report = App::Reporting.connect(&server).await?;
    report
        .query_drop("SET SESSION sort_buffer_size = 65536")
        .await?;
    let sort = "SELECT LEFT(a.body, 180), p.id FROM archive a JOIN products p ON p.id <= 40 \
                ORDER BY p.name, a.id + p.id DESC LIMIT 79990, 10";
    let failed = report.query_drop(sort).await;
    assert!(failed.is_err(), "the sort found room");
    let answer = ask(&house).await?;
    let parts = ["tmpdir", "is full", "reporting", "FROM archive"];
    assert_first(&answer, "no_room_for_temporary_files", &parts);
    server.stop().await
}

#[tokio::test]
async fn a_full_tmpdir_is_named_on_mysql() -> Result<()> {
    tmpdir_full(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_full_tmpdir_is_named_on_mariadb() -> Result<()> {
    tmpdir_full(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn a_pool_that_is_too_large_is_named_before_it_uses_up_the_limit() -> Result<()> {
    for flavour in [Flavour::Mysql97, Flavour::Mariadb1011] {
        let options = Options {
            max_connections: Some(40),
            ..recording()
        };
        let server = shop_with(flavour, options).await?;
        let house = House::over(&[Instance::of("shop", &server)])?;
        let mut pool = Vec::new();
        for _ in 0..30 {
            pool.push(App::Worker.connect(&server).await?);
        }
        let answer = ask(&house).await?;
        assert_first(
            &answer,
            "idle_pool",
            &["order-worker", "holds 30, all idle"],
        );
        drop(pool);
        server.stop().await?;
    }
    Ok(())
}

/// As a default MariaDB is run: the performance schema off, so the process list has to do.
async fn without_performance_schema(kind: Kind, id: &str, parts: &[&str]) -> Result<()> {
    let options = Options {
        performance_schema: PerformanceSchema::Off,
        max_connections: Some(60),
        ..durable(Flavour::Mariadb1011)
    };
    let server = shop_with(Flavour::Mariadb1011, options).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let traffic = Traffic::start(&server, &HEALTHY).await?;
    let before = ask(&house).await?;
    assert_eq!(before["findings"], json!([]), "{before:#}");
    assert_ne!(before["coverage"]["missing"], Value::Null, "{before:#}");
    let incident = kind.start(&server).await?;
    let answer = ask(&house).await?;
    assert_first(&answer, id, parts);
    incident.end().await?;
    traffic.stop().await;
    server.stop().await
}

#[tokio::test]
async fn a_spill_is_named_without_the_performance_schema() -> Result<()> {
    let parts = ["tmp_memory_table_size", "user reporting", "FROM archive"];
    without_performance_schema(Kind::TempTableSpill, "temporary_tables_spill", &parts).await
}

#[tokio::test]
async fn row_by_row_commits_are_named_without_the_performance_schema() -> Result<()> {
    let parts = ["commits a second", "user batch"];
    without_performance_schema(Kind::FsyncCommits, "tiny_transactions", &parts).await
}

#[tokio::test]
async fn a_leak_of_connections_is_named_without_the_performance_schema() -> Result<()> {
    let parts = ["user mobile", "refused", "idle"];
    let id = "idle_connections_use_up_the_limit";
    without_performance_schema(Kind::ConnectionStorm, id, &parts).await
}

/// All threads of the pool sleep, and the tool comes in by the extra port.
#[tokio::test]
async fn a_starved_thread_pool_is_named_on_mariadb() -> Result<()> {
    let options = Options {
        extra_args: [
            "--thread-handling=pool-of-threads",
            "--thread-pool-size=1",
            "--thread-pool-max-threads=3",
        ]
        .map(str::to_owned)
        .to_vec(),
        ..recording()
    };
    let server = shop_with(Flavour::Mariadb1011, options).await?;
    let mut sleepers = Vec::new();
    for _ in 0..14 {
        sleepers.push(App::Reporting.connect(&server).await?);
    }
    let mut sleeping = tokio::task::JoinSet::new();
    for mut conn in sleepers {
        sleeping.spawn(async move { conn.query_drop("SELECT SLEEP(60)").await });
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let answer = ask(&house).await?;
    assert_first(
        &answer,
        "thread_pool_starved",
        &["wait for a thread", "reporting"],
    );
    sleeping.shutdown().await;
    Ok(())
}

/// The whole data directory, the redo log with it, on a disk that runs full.
async fn data_disk_full(flavour: Flavour) -> Result<()> {
    let Some(disk) = SmallDisk::mount(260 << 20)? else {
        println!("skipped: this process may not mount a small disk");
        return Ok(());
    };
    let options = Options {
        place: Place::At(disk.path().to_owned()),
        ..recording()
    };
    let server = shop_with(flavour, options).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let filler = tempfile::NamedTempFile::new_in(disk.path())?;
    let room = rustix::fs::statvfs(disk.path())?;
    let left = room
        .f_bavail
        .saturating_mul(room.f_frsize)
        .saturating_sub(1 << 20);
    rustix::fs::fallocate(&filler, rustix::fs::FallocateFlags::empty(), 0, left)?;
    let mut conns = Vec::new();
    for _ in 0..3 {
        conns.push(App::Batch.connect(&server).await?);
    }
    let mut working = tokio::task::JoinSet::new();
    for mut conn in conns {
        working.spawn(async move {
            let insert = "INSERT INTO archive (order_id, body, archived_at) \
                          VALUES (1, REPEAT('x', 60000), NOW())";
            loop {
                if conn.query_drop(insert).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let answer = ask(&house).await?;
    let parts = [
        "datadir",
        "table 'archive' is full",
        "batch",
        "INSERT INTO archive",
    ];
    assert_first(&answer, "no_room_for_data", &parts);
    working.shutdown().await;
    drop(filler);
    server.stop().await
}

#[tokio::test]
async fn a_full_disk_of_the_data_is_named_on_mysql() -> Result<()> {
    data_disk_full(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_full_disk_of_the_data_is_named_on_mariadb() -> Result<()> {
    data_disk_full(Flavour::Mariadb1011).await
}
