//! `innodb_config` on real servers: silent on a default one, and naming who changed what, and who
//! suffers.

use anyhow::Result;
use mysql_async::prelude::Queryable;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::incidents::Kind;
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema};

use super::shop_with;
use crate::product::Product;

/// What the kit's servers are started with to be quick, put back to what a server is shipped with.
fn as_shipped(flavour: Flavour) -> Options {
    let redo = match flavour {
        Flavour::Mysql97 => "--innodb-redo-log-capacity=104857600",
        Flavour::Mariadb1011 => "--innodb-log-file-size=100663296",
    };
    let same = [
        "--innodb-buffer-pool-size=134217728",
        "--innodb-flush-log-at-trx-commit=1",
        "--innodb-doublewrite=ON",
    ];
    let mut extra_args: Vec<String> = same
        .iter()
        .chain([&redo])
        .map(|s| (*s).to_owned())
        .collect();
    if flavour == Flavour::Mysql97 {
        extra_args.push("--secure-file-priv=NULL".to_owned());
    }
    Options {
        binlog: flavour == Flavour::Mysql97,
        extra_args,
        ..Options::default()
    }
}

async fn shipped(flavour: Flavour, performance_schema: PerformanceSchema) -> Result<MySqlServer> {
    let options = Options {
        performance_schema,
        ..as_shipped(flavour)
    };
    shop_with(flavour, options).await
}

/// Longer than an answer is given again to the same question.
async fn a_moment() {
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
}

fn statement(answer: &Value, index: usize) -> &str {
    answer["findings"][index]["statement"]
        .as_str()
        .unwrap_or_default()
}

fn finding<'a>(answer: &'a Value, id: &str) -> &'a Value {
    answer["findings"]
        .as_array()
        .and_then(|all| all.iter().find(|finding| finding["id"] == id))
        .unwrap_or_else(|| panic!("no {id} in {answer:#}"))
}

async fn silent(flavour: Flavour) -> Result<()> {
    let server = shipped(flavour, PerformanceSchema::ServerDefault).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let traffic = Traffic::start(&server, &HEALTHY).await?;
    for detail in ["concise", "full"] {
        let question = json!({ "instance": "shop", "detail": detail });
        let answer = house.ask("innodb_config", question).await?;
        assert_eq!(answer["findings"], json!([]), "{answer:#}");
        // MariaDB is shipped without the performance schema; who asks for everything is told.
        let missing = answer["coverage"]["missing"].as_array().map_or(0, Vec::len);
        let told = usize::from(flavour.is_mariadb() && detail == "full");
        assert_eq!(missing, told, "{answer:#}");
        let most = if detail == "full" { 24_000 } else { 6_000 };
        assert!(answer.to_string().len() <= most, "{answer:#}");
        assert_eq!(answer["truncated"], Value::Null, "{answer:#}");
    }
    traffic.stop().await;
    server.stop().await
}

#[tokio::test]
async fn a_server_as_shipped_makes_no_finding_on_mysql() -> Result<()> {
    silent(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_server_as_shipped_makes_no_finding_on_mariadb() -> Result<()> {
    silent(Flavour::Mariadb1011).await
}

async fn plan_switch(flavour: Flavour) -> Result<Value> {
    let server = shipped(flavour, PerformanceSchema::Full).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let traffic = Traffic::start(&server, &HEALTHY).await?;
    let question = json!({ "instance": "shop" });
    let before = house.ask("innodb_config", question.clone()).await?;
    assert_eq!(before["findings"], json!([]), "{before:#}");

    let incident = Kind::PlanSwitch.start(&server).await?;
    a_moment().await;
    let answer = house.ask("innodb_config", question).await?;
    let first = &answer["findings"][0];
    assert_eq!(first["id"], "plan_switch", "{answer:#}");
    assert_eq!(first["confidence"], "likely", "{answer:#}");
    for part in [
        "optimizer_switch",
        "index_merge=off",
        "`orders`",
        "lost at a restart",
    ] {
        let told = statement(&answer, 0);
        assert!(
            told.to_lowercase().contains(part),
            "{part} is not in {told}"
        );
    }
    let step = first["remedy"][0]["step"].as_str().unwrap_or_default();
    assert!(step.contains("'index_merge=on'"), "{answer:#}");
    assert_eq!(answer["coverage"]["missing"], Value::Null, "{answer:#}");
    assert!(answer.to_string().len() <= 6_000, "{answer:#}");
    incident.end().await?;
    traffic.stop().await;
    server.stop().await?;
    Ok(answer)
}

#[tokio::test]
async fn a_plan_switched_by_a_setting_is_told_with_who_and_when_on_mysql() -> Result<()> {
    let answer = plan_switch(Flavour::Mysql97).await?;
    assert!(
        statement(&answer, 0).contains("by root@localhost at 20"),
        "{answer:#}"
    );
    Ok(())
}

#[tokio::test]
async fn a_plan_switched_by_a_setting_is_told_with_when_on_mariadb() -> Result<()> {
    let answer = plan_switch(Flavour::Mariadb1011).await?;
    assert!(
        statement(&answer, 0).contains("while the server ran at 20"),
        "{answer:#}"
    );
    Ok(())
}

/// What two administrators do to a server of MySQL: one change for now, one to stay, one for later,
/// and a session that sets its own copy.
#[tokio::test]
async fn who_changed_what_and_what_a_restart_will_do_is_told_on_mysql() -> Result<()> {
    let server = shipped(Flavour::Mysql97, PerformanceSchema::Full).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let mut root = server.root().await?;
    for statement in [
        "SET GLOBAL sync_binlog = 0",
        "SET PERSIST innodb_lock_wait_timeout = 2",
        "SET PERSIST_ONLY max_connections = 400",
        "SET SESSION sort_buffer_size = 1000000",
    ] {
        root.query_drop(statement).await?;
    }
    let answer = house
        .ask("innodb_config", json!({ "instance": "shop" }))
        .await?;
    let now = finding(&answer, "binlog_not_flushed")["statement"].to_string();
    for part in [
        "sync_binlog is 0 (default 1)",
        "by root@localhost at 20",
        "lost at a restart",
    ] {
        assert!(now.contains(part), "{part} is not in {now}");
    }
    let kept = finding(&answer, "row_lock_wait_short")["statement"].to_string();
    assert!(
        kept.contains("persisted") && !kept.contains("lost"),
        "{kept}"
    );
    let restart = finding(&answer, "restart_changes_settings")["statement"].to_string();
    assert!(
        restart.contains("max_connections from 151 to 400"),
        "{restart}"
    );
    let later = setting(&answer, "max_connections");
    assert_eq!(later["value"], "151", "{answer:#}");
    assert_eq!(later["after_restart"], "400 (persisted)", "{answer:#}");
    assert!(
        !answer.to_string().contains("sort_buffer_size"),
        "{answer:#}"
    );

    // A session's own copy moves the server's record: the author of the change is unknown from then on.
    a_moment().await;
    root.query_drop("SET SESSION innodb_lock_wait_timeout = 3")
        .await?;
    root.query_drop("SET GLOBAL long_query_time = 0.5").await?;
    root.query_drop("SET GLOBAL slow_query_log = ON").await?;
    let question = json!({ "instance": "shop", "name": "innodb-lock%timeout" });
    let looked_up = house.ask("innodb_config", question).await?;
    let timeout = setting(&looked_up, "innodb_lock_wait_timeout");
    assert_eq!(timeout["set_by"], Value::Null, "{looked_up:#}");
    assert!(timeout["set_at"].is_string(), "{looked_up:#}");
    assert!(
        timeout["manual"]
            .as_str()
            .is_some_and(|url| url.contains("sysvar_innodb_lock"))
    );
    assert_eq!(
        looked_up["settings"].as_array().map(Vec::len),
        Some(1),
        "{looked_up:#}"
    );
    root.disconnect().await?;
    server.stop().await
}

fn setting<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer["settings"]
        .as_array()
        .and_then(|all| all.iter().find(|row| row["name"] == name))
        .unwrap_or_else(|| panic!("no {name} in {answer:#}"))
}

#[tokio::test]
async fn a_change_at_run_time_is_told_on_mariadb() -> Result<()> {
    let server = shipped(Flavour::Mariadb1011, PerformanceSchema::Full).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let mut root = server.root().await?;
    root.query_drop("SET GLOBAL innodb_flush_log_at_trx_commit = 2")
        .await?;
    root.disconnect().await?;
    let question = json!({ "instance": "shop" });
    let answer = house.ask("innodb_config", question).await?;
    assert_eq!(
        answer["findings"][0]["id"], "commits_not_flushed",
        "{answer:#}"
    );
    let told = statement(&answer, 0);
    for part in [
        "is 2 (default 1)",
        "set while the server ran at 20",
        "lost at a restart",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    let row = setting(&answer, "innodb_flush_log_at_trx_commit");
    assert_eq!(row["origin"], "runtime", "{answer:#}");
    server.stop().await
}

#[tokio::test]
async fn secrets_are_neither_read_nor_shown() -> Result<()> {
    for flavour in [Flavour::Mysql97, Flavour::Mariadb1011] {
        let mut options = as_shipped(flavour);
        options
            .extra_args
            .push("--init-connect=SET @canary = 'canary-1'".to_owned());
        options
            .extra_args
            .push("--report-password=canary-2".to_owned());
        let server = shop_with(flavour, options).await?;
        let house = House::over(&[Instance::of("shop", &server)])?;
        for name in ["", "init_connect", "password", "%"] {
            let question =
                json!({ "instance": "shop", "name": name, "detail": "full", "limit": 500 });
            let answer = house.ask("innodb_config", question).await?;
            assert!(
                !answer.to_string().contains("canary"),
                "{flavour:?}: {answer:#}"
            );
        }
        server.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn two_servers_and_a_recorded_baseline_are_compared() -> Result<()> {
    for flavour in [Flavour::Mysql97, Flavour::Mariadb1011] {
        let server = shipped(flavour, PerformanceSchema::ServerDefault).await?;
        let other = shipped(flavour, PerformanceSchema::ServerDefault).await?;
        let product = Product::over(&[Instance::of("shop", &server)])?;
        let folder = tempfile::tempdir()?;
        let recorded = folder.path().join("baseline");
        let to = recorded.to_string_lossy().into_owned();
        product.run(&["record", "shop", "--samples", "1", "--to", &to])?;

        let house = House::over(&[
            Instance::of("shop", &server),
            Instance::of("other", &other),
            Instance::snapshot("baseline", &recorded),
        ])?;
        let question = |with: &str| json!({ "instance": "shop", "compare_to": with });
        let same = house.ask("innodb_config", question("other")).await?;
        assert_eq!(same["differing"], json!([]), "{same:#}");
        let same = house.ask("innodb_config", question("baseline")).await?;
        assert_eq!(same["differing"], json!([]), "{same:#}");

        let mut root = server.root().await?;
        root.query_drop("SET GLOBAL net_read_timeout = 77").await?;
        root.query_drop("SET GLOBAL innodb_flush_log_at_trx_commit = 2")
            .await?;
        root.query_drop("SET GLOBAL optimizer_switch = 'mrr_cost_based=on,semijoin=off'")
            .await?;
        root.disconnect().await?;
        a_moment().await;
        for with in ["other", "baseline"] {
            let answer = house.ask("innodb_config", question(with)).await?;
            let differing = answer["differing"].as_array().cloned().unwrap_or_default();
            let names: Vec<&str> = differing
                .iter()
                .filter_map(|row| row["name"].as_str())
                .collect();
            assert_eq!(
                names,
                [
                    "innodb_flush_log_at_trx_commit",
                    "optimizer_switch",
                    "net_read_timeout"
                ],
                "{flavour:?}: {answer:#}"
            );
            assert_eq!(differing[0]["here"], "2");
            assert_eq!(differing[0]["there"], "1");
            assert!(
                differing[1]["here"]
                    .as_str()
                    .is_some_and(|flags| flags.contains("semijoin=off"))
            );
            let headline = answer["headline"].as_str().unwrap_or_default();
            assert!(
                headline.contains(&format!("3 settings of shop differ from those of {with}")),
                "{headline}"
            );
        }
        server.stop().await?;
        other.stop().await?;
    }
    Ok(())
}
