//! An oracle of effects: tables, settings and files are the same after every tool was asked
//! everything odd, with an account that may do anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::{Flavour, MySqlServer};
use storex_tool::{Credential, Row};

use super::{NO_RATE, ask_all, rows, shop};
use crate::callers::{call, code, least};

/// What a server is, as far as a read must not change it.
#[derive(Debug, PartialEq)]
struct State {
    checksums: BTreeMap<String, Option<u64>>,
    variables: BTreeMap<String, String>,
    accounts: Vec<(String, String)>,
    files: BTreeSet<String>,
}

/// Tables a server writes to by itself.
const BUSY_TABLES: &str = "'innodb_table_stats', 'innodb_index_stats', 'gtid_executed', 'general_log', \
                           'slow_log', 'transaction_registry', 'gtid_slave_pos'";

impl State {
    async fn of(server: &MySqlServer) -> Result<Self> {
        let mut root = server.root().await?;
        let tables: Vec<String> = root
            .query(format!(
                "SELECT CONCAT('`', table_schema, '`.`', table_name, '`') FROM information_schema.tables \
                 WHERE table_type = 'BASE TABLE' AND table_schema IN ('mysql', 'shop', 'sys') \
                 AND table_name NOT IN ({BUSY_TABLES})"
            ))
            .await?;
        let list = tables.join(", ");
        let checksums: Vec<(String, Option<u64>)> =
            root.query(format!("CHECKSUM TABLE {list}")).await?;
        let variables: Vec<(String, String)> = root.query("SHOW GLOBAL VARIABLES").await?;
        let accounts = root
            .query("SELECT user, host FROM mysql.user ORDER BY user, host")
            .await?;
        root.disconnect().await?;
        let mut files = BTreeSet::new();
        list_files(server.folder(), server.folder(), &mut files)?;
        Ok(Self {
            checksums: checksums.into_iter().collect(),
            variables: variables.into_iter().collect(),
            accounts,
            files,
        })
    }
}

/// The names of all files, without those a server makes and removes by itself.
fn list_files(root: &Path, folder: &Path, files: &mut BTreeSet<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
        if ["#innodb", "ib_", "ibtmp", "undo", "aria_log"]
            .iter()
            .any(|own| name.contains(own))
        {
            continue;
        }
        if path.is_dir() {
            list_files(root, &path, files)?;
        }
        files.insert(name);
    }
    Ok(())
}

/// Text that has broken into somebody's "read-only" server before.
const ODD_TEXT: [&str; 10] = [
    "shop'; DROP TABLE shop.orders; -- ",
    "shop\" UNION SELECT 1 INTO OUTFILE '/tmp/storex-odd",
    "/*!50000 SET GLOBAL max_connections = 3 */",
    "1 INTO/**/OUTFILE '/tmp/storex-odd'",
    "EXPLAIN ANALYZE DELETE FROM shop.orders",
    "../../../etc/passwd",
    "%",
    "shop\0",
    "⟧ CALL mysql.rds_kill(1) ⟦",
    "",
];

fn odd_values(schema: &Value) -> Vec<Value> {
    let mut values: Vec<Value> = ODD_TEXT.iter().map(|text| json!(text)).collect();
    values.extend([
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1e308),
        json!(true),
        json!(null),
    ]);
    values.extend([
        json!([]),
        json!({ "sql": "DROP TABLE shop.orders" }),
        json!("x".repeat(100_000)),
    ]);
    values.extend(schema["enum"].as_array().cloned().unwrap_or_default());
    values.extend(schema.get("maximum").cloned());
    values
}

/// Every tool, each argument in turn with every odd value, and some beside them.
fn odd_calls(row: &Row) -> Vec<Value> {
    let schema = row.definition().input_schema;
    let mut calls = Vec::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        for value in odd_values(property) {
            let mut arguments = least(row, "shop");
            arguments[name.as_str()] = value;
            calls.push(arguments);
        }
    }
    calls
}

async fn nothing_changes(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::build(&[Instance::of("shop", &server)], NO_RATE)?;
    ask_all(&house, "shop").await?;
    let before = State::of(&server).await?;
    assert!(before.checksums.len() > 20 && before.variables.len() > 300 && before.files.len() > 20);
    let mut answered = 0;
    for row in rows() {
        for arguments in odd_calls(row) {
            let shown = arguments.to_string();
            let outcome = call(&house, Credential::Local, row.spec.name, arguments).await;
            let code = code(&outcome);
            let expected = ["ok", "bad_input", "not_found"];
            assert!(
                expected.contains(&code),
                "{} {}: {code}",
                row.spec.name,
                shown.get(..200).unwrap_or(&shown)
            );
            answered += usize::from(code == "ok");
        }
    }
    assert!(
        answered > rows().count(),
        "hardly a call got through to the server"
    );
    ask_all(&house, "shop").await?;
    let after = State::of(&server).await?;
    assert_eq!(before.files, after.files);
    assert_eq!(before.accounts, after.accounts);
    assert_eq!(before.checksums, after.checksums);
    for (name, value) in &before.variables {
        assert_eq!(after.variables.get(name), Some(value), "{name} has changed");
    }
    assert!(!Path::new("/tmp/storex-odd").exists());
    server.stop().await
}

#[tokio::test]
async fn whatever_a_privileged_account_is_asked_nothing_changes_on_mysql() -> Result<()> {
    nothing_changes(Flavour::Mysql97).await
}

#[tokio::test]
async fn whatever_a_privileged_account_is_asked_nothing_changes_on_mariadb() -> Result<()> {
    nothing_changes(Flavour::Mariadb1011).await
}
