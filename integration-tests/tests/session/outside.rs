//! The server's own record of what we ask: sessions are read-only before they read, and every
//! statement is one of ours.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use mysql_async::prelude::Queryable;
use serde_json::json;
use storex_integration_tests::{House, Instance};
use storex_testkit::incidents::Kind;
use storex_testkit::{Flavour, MySqlServer};
use storex_tool::Credential;

use super::{ask_all, shop};
use crate::callers::{call, code};
use crate::general_log::{Entry, GeneralLog};
use crate::odd_tools;

/// The entries of those connections that came as our account over TCP, by connection.
fn ours(entries: &[Entry]) -> BTreeMap<u32, Vec<&Entry>> {
    let mut ours: BTreeMap<u32, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        if entry.command == "Connect" && entry.argument.starts_with("watched@") {
            ours.insert(entry.connection, Vec::new());
        } else if let Some(own) = ours.get_mut(&entry.connection) {
            own.push(entry);
        }
    }
    ours
}

fn first_word(entry: &Entry) -> String {
    entry
        .argument
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_uppercase()
}

/// Everything a connection of ours did: set up read-only first, then only reads.
fn assert_only_reads(entries: &[&Entry]) {
    let set_up = entries
        .iter()
        .position(|entry| first_word(entry) == "SET" && entry.argument.contains("read_only = 1"));
    for (index, entry) in entries.iter().enumerate() {
        let known = [
            "Query",
            "Quit",
            "Ping",
            "Prepare",
            "Execute",
            "Close stmt",
            "Statistics",
        ];
        assert!(known.contains(&entry.command.as_str()), "{entry:?}");
        if entry.command != "Query" {
            continue;
        }
        let word = first_word(entry);
        assert!(
            ["SELECT", "SHOW", "WITH", "SET", "KILL"].contains(&word.as_str()),
            "{entry:?}"
        );
        if word == "SET" {
            let text = entry.argument.to_uppercase();
            assert!(
                !text.contains("GLOBAL") && !text.contains("PERSIST") && !text.contains('@'),
                "{entry:?}"
            );
            assert!(!text.contains("READ_ONLY = 0"), "{entry:?}");
        }
        let asks_what_it_is = entry.argument.contains("VARIABLES") || entry.argument.contains("@@");
        let ready = set_up.is_some_and(|set_up| set_up <= index);
        assert!(
            ready || asks_what_it_is || word == "KILL",
            "read before it was read-only: {entry:?}"
        );
    }
}

/// An account that may do everything, told from the kit's own root by its name.
async fn privileged(server: &MySqlServer) -> Result<Instance> {
    let mut root = server.root().await?;
    root.query_drop("CREATE USER watched@'127.0.0.1'").await?;
    root.query_drop("GRANT ALL ON *.* TO watched@'127.0.0.1'")
        .await?;
    root.disconnect().await?;
    let port = server.port();
    Ok(Instance::with(
        "shop",
        &format!("address = \"127.0.0.1:{port}\"\nuser = \"watched\"\ntls = \"off\""),
    ))
}

async fn watched(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let instance = privileged(&server).await?;
    let log = GeneralLog::of(&server).await?;
    let house = House::over(&[instance])?;
    let incident = Kind::MdlPileup.start(&server).await?;
    ask_all(&house, "shop").await?;
    incident.end().await?;

    let entries = log.entries()?;
    let ours = ours(&entries);
    assert!(
        !ours.is_empty(),
        "no connection of ours is in the log: {entries:?}"
    );
    let statements = ours
        .values()
        .flatten()
        .filter(|entry| entry.command == "Query")
        .count();
    assert!(
        statements > 5,
        "{statements} statements of ours are in the log"
    );
    for own in ours.values() {
        assert_only_reads(own);
    }
    if flavour == Flavour::Mysql97 {
        assert_eq!(
            read_only_sessions(&server).await?,
            (1, 1),
            "the held session, seen from outside"
        );
    }
    server.stop().await
}

/// Sessions of ours, and how many of them are read-only.
async fn read_only_sessions(server: &MySqlServer) -> Result<(u64, u64)> {
    let mut root = server.root().await?;
    let counted: Option<(u64, u64)> = root
        .query_first(
            "SELECT COUNT(*), CAST(SUM(v.VARIABLE_VALUE = 'ON') AS UNSIGNED) \
             FROM performance_schema.threads t \
             JOIN performance_schema.variables_by_thread v USING (THREAD_ID) \
             WHERE t.PROCESSLIST_USER = 'watched' AND v.VARIABLE_NAME = 'transaction_read_only'",
        )
        .await?;
    root.disconnect().await?;
    counted.context("nothing was counted")
}

#[tokio::test]
async fn every_statement_of_ours_is_a_read_in_a_read_only_session_on_mysql() -> Result<()> {
    watched(Flavour::Mysql97).await
}

#[tokio::test]
async fn every_statement_of_ours_is_a_read_in_a_read_only_session_on_mariadb() -> Result<()> {
    watched(Flavour::Mariadb1011).await
}

/// Even a tool that were made to write, with an account that may, cannot.
#[tokio::test]
async fn a_tool_that_writes_is_refused_by_its_session() -> Result<()> {
    for flavour in Flavour::ALL {
        let server = shop(flavour).await?;
        let instance = privileged(&server).await?;
        let house = House::of(&[instance], "", &[&odd_tools::DOMAIN])?;
        let before = archived(&server).await?;
        assert!(before > Some(0));
        let outcome = call(
            &house,
            Credential::Local,
            "odd_write",
            json!({ "instance": "shop" }),
        )
        .await;
        assert_eq!(code(&outcome), "unavailable", "{outcome:?}");
        // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
        let text = outcome?.text.clone();
        assert!(text.contains("1792"), "{flavour:?}: {text}");
        assert_eq!(archived(&server).await?, before, "rows are gone");
        server.stop().await?;
    }
    Ok(())
}

/// Rows of the table the odd tool would empty.
async fn archived(server: &MySqlServer) -> Result<Option<u64>> {
    let mut root = server.root().await?;
    let count = root
        .query_first("SELECT COUNT(*) FROM shop.archive")
        .await?;
    root.disconnect().await?;
    Ok(count)
}
