//! Checkout and worker change pairs of rows of `accounts` in opposite order, many times a second;
//! and single deadlocks of other kinds, one transaction each.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use tokio::sync::watch::Receiver;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::sessions::Waiters;
use super::work::Work;
use super::{Incident, Party, Truth, watch};
use crate::MySqlServer;
use crate::accounts::App;
use crate::servers::Flavour;
use crate::shop::scatter;

/// The usual number of sessions of each application.
pub const SESSIONS: usize = 4;
/// Rows fought over: few, so that transactions meet.
const ROWS: u64 = 6;
/// Between the two changes and between transactions: some twenty deadlocks a second.
const PAUSE: Duration = Duration::from_millis(20);

/// Causes the incident with so many sessions of each application. The checkout locks rows by
/// ascending id, as all others do; the worker is at fault.
pub async fn start(server: &MySqlServer, sessions: usize) -> Result<Incident> {
    let mut root = server.root().await?;
    let before = count(server, &mut root).await?;
    let mut work = Work::default();
    let mut ids = [Vec::new(), Vec::new()];
    for number in 0..sessions as u64 {
        for (app, ids) in [App::Checkout, App::Worker].into_iter().zip(&mut ids) {
            let conn = app.connect(server).await?;
            ids.push(conn.id());
            work.run(|stopped| transfer(conn, app, number * 1_000_003, stopped));
        }
    }
    let what = "deadlocks";
    watch::at_least(&mut root, counter(server), before + 3, what).await?;
    root.disconnect().await?;
    let [checkouts, workers] = ids;
    Ok(Incident {
        truth: Truth {
            incident: "deadlock_storm".to_owned(),
            culprit: Party::new(App::Worker, workers),
            via: Vec::new(),
            victims: vec![Party::new(App::Checkout, checkouts)],
            object: "shop.accounts".to_owned(),
            statement: Some(change(App::Worker, 1, 0)),
        },
        holders: Vec::new(),
        waiters: Waiters::default(),
        traffic: None,
        work,
    })
}

/// Moves money between two accounts over and over.
async fn transfer(mut conn: Conn, app: App, first: u64, stopped: Receiver<bool>) {
    let mut number = first;
    while !*stopped.borrow() {
        number += 1;
        let seed = scatter(number);
        let low = 1 + seed % (ROWS - 1);
        let high = low + 1 + (seed >> 8) % (ROWS - low);
        let ids = if app == App::Worker {
            [high, low]
        } else {
            [low, high]
        };
        // A deadlock rolls the transaction back; the next one is tried.
        let _ = both(&mut conn, app, ids, number).await;
        sleep(PAUSE).await;
    }
    let _ = conn.disconnect().await;
}

async fn both(conn: &mut Conn, app: App, [first, second]: [u64; 2], number: u64) -> Result<()> {
    conn.query_drop("START TRANSACTION").await?;
    conn.query_drop(change(app, first, number)).await?;
    sleep(PAUSE).await;
    conn.query_drop(change(app, second, number)).await?;
    conn.query_drop("COMMIT").await?;
    Ok(())
}

fn change(app: App, id: u64, number: u64) -> String {
    let statement =
        format!("UPDATE accounts SET balance_cents = balance_cents + 1 WHERE id = {id}");
    app.comment(&statement, "transfer", number)
}

/// Deadlocks the server has counted.
pub async fn count(server: &MySqlServer, root: &mut Conn) -> Result<u64> {
    let counted: Option<u64> = root.query_first(counter(server)).await?;
    counted.context("the server counts no deadlocks")
}

fn counter(server: &MySqlServer) -> &'static str {
    match server.flavour() {
        Flavour::Mysql97 => {
            "SELECT `count` FROM information_schema.innodb_metrics WHERE name = 'lock_deadlocks'"
        }
        Flavour::Mariadb1011 => {
            "SELECT CAST(variable_value AS UNSIGNED) FROM information_schema.global_status \
             WHERE variable_name = 'Innodb_deadlocks'"
        }
    }
}

/// One session of a single deadlock: what it does first, and what it then cannot do.
struct Step {
    app: App,
    first: &'static str,
    then: &'static str,
}

/// Two transactions lock the same gap, and both want to insert into it.
pub async fn gap_and_insert(server: &MySqlServer) -> Result<()> {
    once(
        server,
        &[
            Step {
                app: App::Checkout,
                first: "SELECT id FROM accounts WHERE id = 900001 FOR UPDATE",
                then: "INSERT INTO accounts (id, customer_id, balance_cents) VALUES (900001, 1, 0)",
            },
            Step {
                app: App::Worker,
                first: "SELECT id FROM accounts WHERE id = 900002 FOR UPDATE",
                then: "INSERT INTO accounts (id, customer_id, balance_cents) VALUES (900002, 1, 0)",
            },
        ],
    )
    .await
}

/// Two transactions share a row, and both want to change it.
pub async fn shared_upgrade(server: &MySqlServer) -> Result<()> {
    // MariaDB does not know FOR SHARE.
    const FIRST: &str = "SELECT balance_cents FROM accounts WHERE id = 10 LOCK IN SHARE MODE";
    const THEN: &str = "UPDATE accounts SET balance_cents = balance_cents + 1 WHERE id = 10";
    let step = |app| Step {
        app,
        first: FIRST,
        then: THEN,
    };
    once(server, &[step(App::Checkout), step(App::Worker)]).await
}

/// Three transactions lock a row each, and each wants the next one's.
pub async fn three_way(server: &MySqlServer) -> Result<()> {
    once(
        server,
        &[
            Step {
                app: App::Checkout,
                first: "UPDATE accounts SET balance_cents = balance_cents + 1 WHERE id = 21",
                then: "UPDATE accounts SET balance_cents = balance_cents + 1 WHERE id = 22",
            },
            Step {
                app: App::Worker,
                first: "UPDATE accounts SET balance_cents = balance_cents + 1 WHERE id = 22",
                then: "UPDATE accounts SET balance_cents = balance_cents + 1 WHERE id = 23",
            },
            Step {
                app: App::Batch,
                first: "UPDATE accounts SET balance_cents = balance_cents + 1 WHERE id = 23",
                then: "UPDATE accounts SET balance_cents = balance_cents + 1 WHERE id = 21",
            },
        ],
    )
    .await
}

/// Two transactions insert two customers of the same e-mail addresses in opposite order.
pub async fn duplicate_key(server: &MySqlServer) -> Result<()> {
    const ONE: &str = "INSERT INTO customers (email, name, country, created_at) \
                       VALUES ('one@new.example', 'One', 'DE', NOW())";
    const TWO: &str = "INSERT INTO customers (email, name, country, created_at) \
                       VALUES ('two@new.example', 'Two', 'DE', NOW())";
    once(
        server,
        &[
            Step {
                app: App::Checkout,
                first: ONE,
                then: TWO,
            },
            Step {
                app: App::Mobile,
                first: TWO,
                then: ONE,
            },
        ],
    )
    .await
}

/// Two transactions change a customer each, and insert a child of the other's.
pub async fn foreign_key_parent(server: &MySqlServer) -> Result<()> {
    let mut root = server.root().await?;
    root.query_drop(
        "CREATE TABLE IF NOT EXISTS shop.invoices (id INT PRIMARY KEY, \
         customer_id BIGINT UNSIGNED NOT NULL, \
         FOREIGN KEY (customer_id) REFERENCES shop.customers (id))",
    )
    .await?;
    root.disconnect().await?;
    once(
        server,
        &[
            Step {
                app: App::Checkout,
                first: "UPDATE customers SET name = 'One' WHERE id = 31",
                then: "INSERT INTO invoices VALUES (1, 32)",
            },
            Step {
                app: App::Mobile,
                first: "UPDATE customers SET name = 'Two' WHERE id = 32",
                then: "INSERT INTO invoices VALUES (2, 31)",
            },
        ],
    )
    .await
}

/// One transaction reaches a row by a secondary index; another holds the row and changes that
/// index's column.
pub async fn different_indexes(server: &MySqlServer) -> Result<()> {
    once(
        server,
        &[
            Step {
                app: App::Batch,
                first: "SELECT customer_id INTO @customer FROM orders WHERE id = 30",
                then: "UPDATE orders FORCE INDEX (orders_customer) SET total_cents = 0 \
                       WHERE customer_id = @customer",
            },
            Step {
                app: App::Worker,
                first: "SELECT id FROM orders WHERE id = 30 FOR UPDATE",
                then: "UPDATE orders SET customer_id = customer_id + 1 WHERE id = 30",
            },
        ],
    )
    .await
}

/// Runs one deadlock: all first steps, then all second ones, each as soon as the one before waits.
async fn once(server: &MySqlServer, steps: &[Step]) -> Result<()> {
    let mut root = server.root().await?;
    let before = count(server, &mut root).await?;
    let mut sessions = Vec::new();
    for step in steps {
        let mut conn = step.app.connect(server).await?;
        conn.query_drop("START TRANSACTION").await?;
        conn.query_drop(step.first).await?;
        sessions.push((conn, step.then));
    }
    let mut running = JoinSet::new();
    let last = sessions.len().saturating_sub(1);
    for (place, (mut conn, then)) in sessions.into_iter().enumerate() {
        let id = conn.id();
        running.spawn(async move {
            // One of them is the victim.
            let _ = conn.query_drop(then).await;
            let _ = conn.query_drop("ROLLBACK").await;
            let _ = conn.disconnect().await;
        });
        if place < last {
            watch::row_lock_waits(&mut root, &[id]).await?;
        }
    }
    while running.join_next().await.is_some() {}
    let after = count(server, &mut root).await?;
    root.disconnect().await?;
    ensure!(after > before, "no deadlock came about");
    Ok(())
}
