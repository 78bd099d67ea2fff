//! Whatever broke into somebody's "read-only" server, asked through an account that may do anything:
//! nothing on the server has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use mysql_async::prelude::Queryable;
use serde_json::json;
use storex_integration_tests::{House, Instance};
use storex_testkit::{Flavour, MySqlServer};
use storex_tool::Credential;

use super::shop;
use crate::callers::{call, code};

const ATTACKS: &str = include_str!("../../../shared/statement/fixtures/attacks.txt");
const HARMLESS: &str = include_str!("../../../shared/statement/fixtures/harmless.txt");
const NO_RATE: &str =
    "[limits]\nburst_per_principal = 100000\ncalls_per_principal_per_s = 100000\n";

/// What a server is, as far as a plan must not change it.
#[derive(Debug, PartialEq)]
struct State {
    checksums: BTreeMap<String, Option<u64>>,
    variables: BTreeMap<String, String>,
    accounts: Vec<String>,
    routines: Vec<(String, String)>,
    files: BTreeSet<String>,
    locks: Vec<u64>,
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
                 WHERE table_type IN ('BASE TABLE', 'SEQUENCE') AND table_schema IN ('mysql', 'shop', 'sys') \
                 AND table_name NOT IN ({BUSY_TABLES})"
            ))
            .await?;
        let checked: Vec<(String, Option<u64>)> = root
            .query(format!("CHECKSUM TABLE {}", tables.join(", ")))
            .await?;
        let variables: Vec<(String, String)> = root.query("SHOW GLOBAL VARIABLES").await?;
        let mut accounts = Vec::new();
        let users: Vec<String> = root
            .query("SELECT CONCAT('`', user, '`@`', host, '`') FROM mysql.user WHERE user <> '' ORDER BY 1")
            .await?;
        for user in users {
            // A role is no user to show grants for; its name is enough.
            let grants: Vec<String> = root
                .query(format!("SHOW GRANTS FOR {user}"))
                .await
                .unwrap_or_default();
            accounts.push(format!("{user}: {grants:?}"));
        }
        let routines = root
            .query("SELECT routine_schema, routine_name FROM information_schema.routines ORDER BY 1, 2")
            .await?;
        let locks = root
            .query("SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_rows_locked > 0")
            .await?;
        root.disconnect().await?;
        let mut files = BTreeSet::new();
        list_files(server.folder(), server.folder(), &mut files)?;
        Ok(Self {
            checksums: checked.into_iter().collect(),
            variables: variables.into_iter().collect(),
            accounts,
            routines,
            files,
            locks,
        })
    }
}

/// The names of all files, without those a server makes and removes by itself.
fn list_files(root: &Path, folder: &Path, files: &mut BTreeSet<String>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.strip_prefix(root)?.to_string_lossy().into_owned();
        let own = ["#innodb", "ib_", "ibtmp", "undo", "aria_log"];
        if own.iter().any(|own| name.contains(own)) {
            continue;
        }
        if path.is_dir() {
            list_files(root, &path, files)?;
        }
        files.insert(name);
    }
    Ok(())
}

/// What an attacker would find useful: something that writes, something that hides it.
async fn prepare(server: &MySqlServer) -> Result<()> {
    let mut root = server.root().await?;
    for statement in [
        "CREATE TABLE shop.attacked (n INT)",
        "INSERT INTO shop.attacked VALUES (0)",
        "SET GLOBAL log_bin_trust_function_creators = 1",
        "CREATE FUNCTION shop.attack() RETURNS INT DETERMINISTIC MODIFIES SQL DATA \
         BEGIN UPDATE shop.attacked SET n = n + 1; RETURN 1; END",
        "CREATE PROCEDURE shop.attack() UPDATE shop.attacked SET n = n + 1",
        "CREATE VIEW shop.attack_view AS SELECT shop.attack() AS n",
    ] {
        root.query_drop(statement).await?;
    }
    if server.flavour().is_mariadb() {
        root.query_drop("CREATE SEQUENCE shop.attack_sequence")
            .await?;
    }
    Ok(root.disconnect().await?)
}

fn statements(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.split("\n----\n").map(|one| one.trim_end_matches('\n'))
}

async fn nothing_changes(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    prepare(&server).await?;
    let house = House::build(&[Instance::of("shop", &server)], NO_RATE)?;
    house
        .ask("slowlog_explain", json!({ "instance": "shop" }))
        .await?;
    let before = State::of(&server).await?;
    assert!(before.checksums.len() > 20 && before.variables.len() > 300 && before.files.len() > 20);
    assert!(before.checksums.contains_key("shop.attacked"));
    let (mut refused, mut explained) = (0, 0);
    for (attack, statement) in statements(ATTACKS)
        .map(|one| (true, one))
        .chain(statements(HARMLESS).map(|one| (false, one)))
    {
        let asked = Instant::now();
        let question = json!({ "instance": "shop", "statement": statement, "schema": "shop" });
        let outcome = call(&house, Credential::Local, "slowlog_explain", question).await;
        let told = code(&outcome);
        if attack {
            assert_eq!(told, "bad_input", "{flavour:?}: {statement}: {outcome:?}");
            refused += 1;
        } else {
            assert!(
                ["ok", "bad_input"].contains(&told),
                "{flavour:?}: {statement}: {outcome:?}"
            );
            explained += usize::from(told == "ok");
        }
        // Nothing an attacker wants to last did: a hang, not a measure of speed.
        assert!(asked.elapsed() < Duration::from_secs(15), "{statement}");
    }
    assert!(
        refused >= 100 && explained >= 20,
        "{refused} refused, {explained} explained"
    );
    let after = State::of(&server).await?;
    assert_eq!(before.files, after.files);
    assert_eq!(before.accounts, after.accounts);
    assert_eq!(before.routines, after.routines);
    assert_eq!(before.checksums, after.checksums);
    assert_eq!(before.locks, after.locks);
    for (name, value) in &before.variables {
        assert_eq!(after.variables.get(name), Some(value), "{name} has changed");
    }
    for left in ["/tmp/storex-attack", "/tmp/storex-attack.sdi"] {
        assert!(!Path::new(left).exists());
    }
    assert_no_trace(&house, &server).await?;
    server.stop().await
}

/// Neither a lock by name, nor a table left open for writing, nor a statement still running.
async fn assert_no_trace(house: &House, server: &MySqlServer) -> Result<()> {
    let mut root = server.root().await?;
    let free: Option<u64> = root.query_first("SELECT IS_FREE_LOCK('attack')").await?;
    assert_eq!(free, Some(1));
    let running: Vec<String> = root
        .query(
            "SELECT info FROM information_schema.processlist WHERE info IS NOT NULL \
             AND id <> CONNECTION_ID() AND command IN ('Query', 'Execute')",
        )
        .await?;
    assert!(running.is_empty(), "{running:?}");
    // Everybody else still works.
    root.query_drop("UPDATE shop.orders SET status = status WHERE id = 1")
        .await?;
    root.disconnect().await?;
    let audit = house.audit_text()?;
    assert!(!audit.contains("storex-attack") && !audit.contains("DROP TABLE"));
    Ok(())
}

#[tokio::test]
async fn whatever_is_passed_for_a_statement_nothing_changes_on_mysql() -> Result<()> {
    nothing_changes(Flavour::Mysql97).await
}

#[tokio::test]
async fn whatever_is_passed_for_a_statement_nothing_changes_on_mariadb() -> Result<()> {
    nothing_changes(Flavour::Mariadb1011).await
}
