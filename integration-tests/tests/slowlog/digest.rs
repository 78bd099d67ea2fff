//! What servers were asked is what the digest of their slow log tells.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use storex_digest::{Digest, Group, Options, Reader};
use storex_testkit::accounts::App;
use storex_testkit::{Flavour, MySqlServer};

use crate::product::Product;

const CALLS: u64 = 40;
/// Half a second.
const SLEPT_US: u64 = 500_000;

/// Has a server log each statement of new sessions from here on.
async fn log_all(server: &MySqlServer, root: &mut Conn) -> Result<PathBuf> {
    let path = server.folder().join("slow.log");
    let settings = [
        format!("SET GLOBAL slow_query_log_file = '{}'", path.display()),
        "SET GLOBAL log_output = 'FILE'".to_owned(),
        "SET GLOBAL long_query_time = 0".to_owned(),
        "SET GLOBAL slow_query_log = ON".to_owned(),
    ];
    for setting in settings {
        root.query_drop(setting).await?;
    }
    Ok(path)
}

/// Writes the same entries from here on with all that the server can tell.
async fn tell_more(server: &MySqlServer, root: &mut Conn) -> Result<()> {
    let setting = if server.flavour().is_mariadb() {
        "SET GLOBAL log_slow_verbosity = 'innodb,query_plan,explain'"
    } else {
        "SET GLOBAL log_slow_extra = ON"
    };
    Ok(root.query_drop(setting).await?)
}

/// The statements of one client.
async fn work(server: &MySqlServer) -> Result<()> {
    let mut conn = App::Checkout.connect(server).await?;
    for number in 0..CALLS {
        let lookup = format!(
            "SELECT name\n  FROM products\n -- # User@Host: a line of the statement\n WHERE id = {}",
            number + 1
        );
        let _: Option<String> = conn.query_first(lookup).await?;
        let tagged = App::Checkout.comment(
            &format!(
                "UPDATE inventory SET reserved = {number} WHERE product_id IN (1, 2, {number})"
            ),
            "checkout/pay",
            number,
        );
        conn.query_drop(tagged).await?;
        let prepared = "SELECT id FROM products WHERE price_cents > ? LIMIT 3";
        let _: Vec<u64> = conn.exec(prepared, (number,)).await?;
    }
    conn.query_drop("SELECT SLEEP(0.5), 'it''s; a \"secret\"'")
        .await?;
    let refused = conn
        .query_drop("INSERT INTO products (id) VALUES (1)")
        .await;
    ensure!(refused.is_err(), "the key is taken");
    Ok(conn.disconnect().await?)
}

fn digest(path: &Path) -> Result<Digest> {
    let mut digest = Digest::new(Options::default());
    let mut reader = Reader::default();
    reader.feed(&std::fs::read(path)?, &mut digest);
    reader.finish(&mut digest);
    Ok(digest)
}

fn group<'a>(digest: &'a Digest, form: &str) -> Result<&'a Group> {
    let is = |group: &&Group| *group.fingerprint == *form.as_bytes();
    let forms = || {
        let form = |group: &Group| String::from_utf8_lossy(&group.fingerprint).into_owned();
        digest
            .groups()
            .iter()
            .map(form)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let found = digest.groups().iter().find(is);
    found.with_context(|| format!("{form} is not among\n{}", forms()))
}

async fn every_statement_is_told(flavour: Flavour) -> Result<()> {
    let server = crate::innodb::shop(flavour).await?;
    let mut root = server.root().await?;
    let began = storex_sources::wall_clock().as_microsecond();
    let path = log_all(&server, &mut root).await?;
    work(&server).await?;
    tell_more(&server, &mut root).await?;
    work(&server).await?;
    server.quiet().await?;
    root.query_drop("SET GLOBAL slow_query_log = OFF").await?;
    let found = digest(&path)?;
    assert_eq!(*found.unread(), storex_digest::Unread::default());

    let lookup = group(&found, "select name from products where id = ?")?;
    assert_eq!(lookup.figures.count, 2 * CALLS);
    assert_eq!(lookup.figures.rows_sent.sum, 2 * CALLS);
    let (client, _) = lookup.clients.by_count()[0];
    assert!(found.name(client).starts_with(b"checkout[checkout] @ "));
    let (database, _) = lookup.databases.by_count()[0];
    assert_eq!(found.name(database), b"shop");

    let update = group(
        &found,
        "update inventory set reserved = ? where product_id in(?+)",
    )?;
    assert_eq!(update.figures.count, 2 * CALLS);
    let tags: Vec<&[u8]> = update
        .tags
        .by_count()
        .iter()
        .map(|(tag, _)| found.name(*tag))
        .collect();
    assert!(!tags.is_empty(), "no tag was read");

    let prepared = "select id from products where price_cents > ? limit ?";
    assert!(group(&found, prepared)?.figures.count >= 2 * CALLS);

    let slept = group(&found, "select sleep(?), ?")?;
    assert!(
        slept.figures.query_us.sum >= 2 * SLEPT_US,
        "{:?}",
        slept.figures
    );
    assert!(
        slept
            .times
            .quantile(0.5)
            .is_some_and(|us| us >= SLEPT_US / 128 * 127)
    );
    let ended = slept.figures.last_us.context("no time")?;
    let now = storex_sources::wall_clock().as_microsecond();
    // MariaDB tells the second in which a statement began.
    assert!(
        ended >= began - 1_000_000 && ended <= now + 1_000_000,
        "{ended} of {began} to {now}"
    );

    assert_prints(&path)?;
    server.stop().await
}

/// The command tells the same, and no literal.
fn assert_prints(path: &Path) -> Result<()> {
    let output = Command::new(Product::program())
        .args(["digest", "--limit", "50"])
        .arg(path)
        .output()?;
    let page = String::from_utf8(output.stdout)?;
    assert!(output.status.success(), "{page}");
    let first = page
        .lines()
        .find(|line| line.starts_with("#1 "))
        .context("no statement")?;
    assert!(first.contains("in 2 calls"), "{page}");
    assert!(page.contains("    select sleep(?), ?\n"), "{page}");
    assert!(
        !page.contains("secret") && !page.contains("not read"),
        "{page}"
    );
    Ok(())
}

#[tokio::test]
async fn every_statement_mysql_logged_is_told_once() -> Result<()> {
    every_statement_is_told(Flavour::Mysql97).await
}

#[tokio::test]
async fn every_statement_mariadb_logged_is_told_once() -> Result<()> {
    every_statement_is_told(Flavour::Mariadb1011).await
}
