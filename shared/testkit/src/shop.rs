//! The database `shop`: seven tables and a few thousand rows, the same at every run.

use anyhow::{Context, Result};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use crate::MySqlServer;

/// The database's name.
pub const DATABASE: &str = "shop";
/// Rows in `customers` and `accounts`, with ids from 1.
pub const CUSTOMERS: u64 = 2000;
/// Rows in `products` and `inventory`, with ids from 1.
pub const PRODUCTS: u64 = 500;
/// Rows in `orders`, with ids from 1.
pub const ORDERS: u64 = 4000;
/// Values of `products.category`.
pub const CATEGORIES: [&str; 5] = ["books", "garden", "kitchen", "music", "toys"];
/// Values of `orders.status`.
pub const STATUSES: [&str; 4] = ["new", "paid", "shipped", "returned"];

const SCHEMA: &str = include_str!("shop.sql");
const ARCHIVED: u64 = 2000;
const COUNTRIES: [&str; 4] = ["DE", "FR", "JP", "US"];
const ROWS_PER_INSERT: usize = 500;

/// Creates the tables and their rows.
pub async fn create(server: &MySqlServer) -> Result<()> {
    let mut root = server.root().await?;
    root.query_drop(format!("CREATE DATABASE {DATABASE}"))
        .await
        .context("cannot create the shop: it can be created once per server")?;
    root.query_drop(format!("USE {DATABASE}")).await?;
    for statement in SCHEMA
        .split(';')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        root.query_drop(statement).await?;
    }
    root.query_drop("START TRANSACTION").await?;
    fill(&mut root).await?;
    root.query_drop("COMMIT").await?;
    // Persistent statistics are otherwise gathered at some moment of the test.
    root.query_drop(
        "ANALYZE TABLE customers, products, inventory, orders, order_items, accounts, archive",
    )
    .await?;
    root.disconnect().await?;
    Ok(())
}

/// A number that looks random and is the same at every run (the finaliser of `SplitMix64`).
pub fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// One of `choices`, chosen by a number.
pub fn choose<'a>(choices: &[&'a str], number: u64) -> &'a str {
    let count = choices.len().max(1) as u64;
    usize::try_from(number % count)
        .ok()
        .and_then(|index| choices.get(index))
        .copied()
        .unwrap_or_default()
}

async fn fill(conn: &mut Conn) -> Result<()> {
    insert(conn, "customers", (1..=CUSTOMERS).map(customer)).await?;
    insert(conn, "products", (1..=PRODUCTS).map(product)).await?;
    insert(conn, "inventory", (1..=PRODUCTS).map(stock)).await?;
    insert(conn, "orders", (1..=ORDERS).map(order)).await?;
    let items =
        (1..=ORDERS).flat_map(|order| (1..=1 + order % 3).map(move |line| item(order, line)));
    insert(conn, "order_items", items).await?;
    insert(conn, "accounts", (1..=CUSTOMERS).map(account)).await?;
    insert(conn, "archive", (1..=ARCHIVED).map(archived)).await
}

async fn insert(conn: &mut Conn, table: &str, rows: impl Iterator<Item = String>) -> Result<()> {
    let rows: Vec<String> = rows.collect();
    for part in rows.chunks(ROWS_PER_INSERT) {
        conn.query_drop(format!("INSERT INTO {table} VALUES {}", part.join(",")))
            .await
            .with_context(|| format!("cannot fill {table}"))?;
    }
    Ok(())
}

fn customer(id: u64) -> String {
    let country = choose(&COUNTRIES, scatter(id));
    let created = moment(id);
    format!("({id},'customer{id}@example.com','Customer {id}','{country}','{created}')")
}

fn product(id: u64) -> String {
    let category = choose(&CATEGORIES, scatter(id));
    let price = 100 + scatter(id) % 20_000;
    format!("({id},'SKU-{id:05}','Product {id}','{category}',{price})")
}

fn stock(product: u64) -> String {
    let warehouse = choose(&["north", "south"], product);
    let quantity = 1000 + scatter(product) % 1000;
    format!("({product},'{warehouse}',{quantity},0)")
}

fn order(id: u64) -> String {
    let customer = 1 + scatter(id) % CUSTOMERS;
    let status = choose(&STATUSES, scatter(id + 1));
    let total = 500 + scatter(id + 2) % 50_000;
    let created = moment(id);
    format!("({id},{customer},'{status}',{total},'{created}')")
}

fn item(order: u64, line: u64) -> String {
    let number = scatter(order * 4 + line);
    let product = 1 + number % PRODUCTS;
    let quantity = 1 + number % 5;
    let price = 100 + scatter(product) % 20_000;
    format!("({order},{line},{product},{quantity},{price})")
}

fn account(id: u64) -> String {
    let balance = scatter(id) % 100_000;
    format!("({id},{id},{balance},0)")
}

fn archived(id: u64) -> String {
    let body = format!("order {id} ").repeat(20);
    let archived = moment(id);
    format!("({id},{id},'{body}','{archived}')")
}

/// A date and time in 2026 that grows with the number's scattering, not with the number.
fn moment(number: u64) -> String {
    let scattered = scatter(number);
    let month = 1 + scattered % 9;
    let day = 1 + (scattered >> 8) % 28;
    let hour = (scattered >> 16) % 24;
    let minute = (scattered >> 24) % 60;
    format!("2026-{month:02}-{day:02} {hour:02}:{minute:02}:00")
}
