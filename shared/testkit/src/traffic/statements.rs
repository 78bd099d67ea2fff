//! What each application sends.

use crate::accounts::App;
use crate::shop::{CATEGORIES, CUSTOMERS, ORDERS, PRODUCTS, STATUSES, choose, scatter};

/// The statements of one transaction. Product 1 is left to the incidents, so that healthy clients
/// do not join the queue of a hot row by accident.
pub(super) fn transaction(app: App, number: u64) -> Vec<String> {
    let seed = scatter(number);
    let product = 2 + seed % (PRODUCTS - 1);
    let customer = 1 + seed % CUSTOMERS;
    let order = 1 + seed % ORDERS;
    let (route, statements) = match app {
        App::Checkout => ("/checkout/{cart}/pay", pay(product, customer)),
        App::Storefront => ("/products/{id}", show(number, product, customer)),
        App::Worker => ("jobs/advance_order", advance(number, order)),
        App::Batch => ("jobs/archive_orders", archive(order)),
        App::Reporting => ("reports/sales_by_status", report()),
        App::Mobile => ("/v2/wallet", wallet(customer)),
        App::Deploy => ("migrations/status", vec!["SHOW TABLES".to_owned()]),
    };
    statements
        .iter()
        .map(|statement| app.comment(statement, route, number))
        .collect()
}

fn pay(product: u64, customer: u64) -> Vec<String> {
    let total = 100 + scatter(product) % 20_000;
    vec![
        "START TRANSACTION".to_owned(),
        format!(
            "UPDATE inventory SET quantity = quantity - 1, reserved = reserved + 1 \
             WHERE product_id = {product}"
        ),
        format!(
            "INSERT INTO orders (customer_id, status, total_cents, created_at) \
             VALUES ({customer}, 'new', {total}, NOW())"
        ),
        format!(
            "INSERT INTO order_items (order_id, line, product_id, quantity, price_cents) \
             VALUES (LAST_INSERT_ID(), 1, {product}, 1, {total})"
        ),
        "COMMIT".to_owned(),
    ]
}

fn show(number: u64, product: u64, customer: u64) -> Vec<String> {
    let category = choose(&CATEGORIES, product);
    vec![match number % 3 {
        0 => format!("SELECT id, name, price_cents FROM products WHERE id = {product}"),
        1 => format!(
            "SELECT id, name, price_cents FROM products WHERE category = '{category}' \
             ORDER BY price_cents LIMIT 20"
        ),
        _ => format!(
            "SELECT id, status, total_cents FROM orders WHERE customer_id = {customer} \
             ORDER BY id DESC LIMIT 10"
        ),
    }]
}

fn advance(number: u64, order: u64) -> Vec<String> {
    let status = choose(&STATUSES, number);
    vec![
        format!("SELECT id, status FROM orders WHERE id = {order}"),
        format!("UPDATE orders SET status = '{status}' WHERE id = {order}"),
    ]
}

fn archive(order: u64) -> Vec<String> {
    vec![format!(
        "INSERT INTO archive (order_id, body, archived_at) VALUES ({order}, 'archived', NOW())"
    )]
}

fn report() -> Vec<String> {
    vec![
        "SELECT status, COUNT(*), SUM(total_cents) FROM orders GROUP BY status".to_owned(),
        "SELECT p.category, SUM(i.quantity * i.price_cents) FROM order_items i \
         JOIN products p ON p.id = i.product_id GROUP BY p.category"
            .to_owned(),
    ]
}

fn wallet(customer: u64) -> Vec<String> {
    vec![
        format!("SELECT id, balance_cents FROM accounts WHERE customer_id = {customer}"),
        format!(
            "UPDATE accounts SET balance_cents = balance_cents + 1, version = version + 1 \
             WHERE id = {customer}"
        ),
    ]
}
