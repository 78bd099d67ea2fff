//! `innodb_lock_waits` recognises every kind of lock a session can hang on, on real servers.

use std::time::Duration;

use anyhow::Result;
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use serde_json::json;
use storex_integration_tests::{House, Instance};
use storex_testkit::accounts::App;
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema};
use tokio::task::JoinHandle;

use super::shop_with;

/// Longer than a wait must be to make a finding.
const LONG_ENOUGH: Duration = Duration::from_millis(3_500);

struct Hang {
    /// Runs in the session at fault, which then is idle; the last one in the background.
    holder: Vec<&'static str>,
    /// The holder's last statement does not return by itself.
    holder_runs: bool,
    /// Runs in a session of deploy in between, and waits for the holder; none where empty.
    between: &'static str,
    /// Runs in a session of checkout; the last one hangs.
    waiter: Vec<&'static str>,
    /// The kind of lock named.
    kind: &'static str,
    /// What is named.
    object: &'static str,
}

impl Hang {
    /// How the finding tells what is held.
    fn names(&self) -> String {
        match self.kind {
            "table flush" => format!("{} open, which a table flush waits for;", self.object),
            kind => format!("{kind} lock on {};", self.object),
        }
    }
}

async fn server(flavour: Flavour, performance_schema: PerformanceSchema) -> Result<MySqlServer> {
    let options = Options {
        performance_schema,
        metadata_lock_info: true,
        extra_args: vec!["--innodb-autoinc-lock-mode=1".to_owned()],
        ..Options::default()
    };
    let server = shop_with(flavour, options).await?;
    let mut root = server.root().await?;
    root.query_drop("GRANT ALL ON *.* TO checkout@'%'").await?;
    root.query_drop(
        "CREATE TABLE shop.invoices (id INT PRIMARY KEY, customer_id BIGINT UNSIGNED NOT NULL, \
         FOREIGN KEY (customer_id) REFERENCES shop.customers (id))",
    )
    .await?;
    root.query_drop("GRANT ALL ON *.* TO batch@'%'").await?;
    root.query_drop("GRANT ALL ON *.* TO deploy@'%'").await?;
    root.disconnect().await?;
    Ok(server)
}

fn background(mut conn: Conn, statement: &'static str) -> JoinHandle<()> {
    tokio::spawn(async move {
        // It ends when it is killed.
        if let Err(e) = conn.query_drop(statement).await {
            eprintln!("EE {e} {statement}");
        }
        let _ = conn.disconnect().await;
    })
}

async fn hang(server: &MySqlServer, house: &House, case: &Hang) -> Result<()> {
    let mut holder = App::Batch.connect(server).await?;
    let mut waiter = App::Checkout.connect(server).await?;
    let between = App::Deploy.connect(server).await?;
    let ids = [holder.id(), between.id(), waiter.id()];
    let (wait, first) = case.waiter.split_last().unwrap();
    for statement in first {
        waiter.query_drop(*statement).await?;
    }
    let (last, first) = case.holder.split_last().unwrap();
    for statement in first {
        holder.query_drop(*statement).await?;
    }
    let mut tasks = Vec::new();
    if case.holder_runs {
        tasks.push(background(holder, last));
        tokio::time::sleep(Duration::from_secs(1)).await;
    } else {
        holder.query_drop(*last).await?;
        tasks.push(tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(holder);
        }));
    }
    if !case.between.is_empty() {
        tasks.push(background(between, case.between));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    tasks.push(background(waiter, wait));
    tokio::time::sleep(LONG_ENOUGH).await;
    let answer = house
        .ask(
            "innodb_lock_waits",
            json!({ "instance": "shop", "detail": "full" }),
        )
        .await?;
    let mut root = server.root_over_admin_port().await?;
    for id in ids {
        // One of them may have ended with the other.
        let _ = root.query_drop(format!("KILL {id}")).await;
    }
    root.disconnect().await?;
    for task in tasks {
        task.abort();
    }
    let statement = answer["findings"][0]["statement"]
        .as_str()
        .unwrap_or_default();
    for part in [
        format!("connection {} ", ids[0]),
        case.names(),
        "checkout".to_owned(),
    ] {
        assert!(
            statement.contains(&part),
            "{part:?} is not in {statement:?}: {answer:#}"
        );
    }
    Ok(())
}

fn everywhere() -> Vec<Hang> {
    vec![
        Hang {
            holder: vec![
                "INSERT INTO archive (order_id, body, archived_at) SELECT id, SLEEP(IF(id > 1, 60, 0)), \
                 NOW() FROM orders ORDER BY id LIMIT 2",
            ],
            holder_runs: true,
            between: "",
            waiter: vec![
                "INSERT INTO archive (order_id, body, archived_at) VALUES (1, 'a', NOW())",
            ],
            kind: "auto-inc",
            object: "shop.archive",
        },
        Hang {
            holder: vec![
                "START TRANSACTION",
                "UPDATE customers SET name = 'x' WHERE id = 1",
            ],
            holder_runs: false,
            between: "",
            waiter: vec!["INSERT INTO invoices VALUES (1, 1)"],
            kind: "foreign-key parent",
            object: "shop.customers (PRIMARY)",
        },
        Hang {
            holder: vec!["LOCK TABLES accounts WRITE"],
            holder_runs: false,
            between: "",
            waiter: vec!["SELECT COUNT(*) FROM accounts"],
            kind: "metadata",
            object: "shop.accounts",
        },
        Hang {
            holder: vec!["FLUSH TABLES WITH READ LOCK"],
            holder_runs: false,
            between: "",
            waiter: vec!["UPDATE accounts SET version = 1 WHERE id = 1"],
            kind: "global read",
            object: "the whole server",
        },
        Hang {
            holder: vec!["FLUSH TABLES WITH READ LOCK"],
            holder_runs: false,
            between: "",
            waiter: vec![
                "START TRANSACTION",
                "UPDATE accounts SET version = 1 WHERE id = 1",
                "COMMIT",
            ],
            kind: "commit",
            object: "the whole server",
        },
        Hang {
            holder: vec!["SELECT GET_LOCK('nightly', 0)"],
            holder_runs: false,
            between: "",
            waiter: vec!["SELECT GET_LOCK('nightly', 60)"],
            kind: "user-level",
            object: "nightly",
        },
    ]
}

#[tokio::test]
async fn every_kind_of_lock_is_named_on_mysql() -> Result<()> {
    let server = server(Flavour::Mysql97, PerformanceSchema::Full).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let mut cases = everywhere();
    cases.push(Hang {
        holder: vec!["LOCK INSTANCE FOR BACKUP"],
        holder_runs: false,
        between: "",
        waiter: vec!["CREATE TABLE shop.new_one (id INT)"],
        kind: "backup",
        object: "the whole server",
    });
    cases.push(flush("FLUSH TABLES", "table flush", "orders"));
    for case in &cases {
        hang(&server, &house, case).await?;
    }
    server.stop().await
}

/// A report holds up a flush, which holds up everyone.
fn flush(between: &'static str, kind: &'static str, object: &'static str) -> Hang {
    Hang {
        holder: vec!["SELECT SLEEP(60), id FROM orders LIMIT 1"],
        holder_runs: true,
        between,
        waiter: vec!["SELECT COUNT(*) FROM orders"],
        kind,
        object,
    }
}

async fn mariadb(performance_schema: PerformanceSchema) -> Result<()> {
    let server = server(Flavour::Mariadb1011, performance_schema).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let mut cases = everywhere();
    // FLUSH TABLES WITH READ LOCK is one of the backup locks.
    for case in cases.iter_mut().filter(|case| case.kind == "commit") {
        case.kind = "global read";
    }
    cases.push(Hang {
        holder: vec!["BACKUP STAGE START", "BACKUP STAGE BLOCK_COMMIT"],
        holder_runs: false,
        between: "",
        waiter: vec!["UPDATE accounts SET version = 1 WHERE id = 1"],
        kind: "backup",
        object: "the whole server",
    });
    // MariaDB flushes a table under a metadata lock, and all tables without waiting.
    cases.push(flush("FLUSH TABLES orders", "metadata", "shop.orders"));
    for case in &cases {
        hang(&server, &house, case).await?;
    }
    server.stop().await
}

#[tokio::test]
async fn every_kind_of_lock_is_named_on_mariadb() -> Result<()> {
    mariadb(PerformanceSchema::Full).await
}

#[tokio::test]
async fn every_kind_of_lock_is_named_by_mariadbs_plugin() -> Result<()> {
    mariadb(PerformanceSchema::Off).await
}
