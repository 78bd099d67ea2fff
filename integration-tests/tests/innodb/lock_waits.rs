//! `innodb_lock_waits` names the true culprit on real servers.

use anyhow::Result;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::incidents::{Kind, Truth};
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_testkit::{Flavour, Options};

use super::{shop, shop_with};

/// The first finding names the culprit by connection, user and program.
fn assert_blames(answer: &Value, truth: &Truth) {
    let statement = answer["findings"][0]["statement"]
        .as_str()
        .unwrap_or_default();
    let id = truth.culprit.connection_ids[0];
    for part in [
        format!("connection {id} "),
        truth.culprit.program_name.clone(),
        format!("user {}@", truth.culprit.user),
    ] {
        assert!(statement.contains(&part), "{part:?} is not in {answer:#}");
    }
}

/// Every true victim is listed behind the culprit.
fn assert_lists_victims(answer: &Value, truth: &Truth) {
    let culprit = truth.culprit.connection_ids[0].to_string();
    let blocker = answer["blockers"]
        .as_array()
        .and_then(|all| {
            all.iter()
                .find(|blocker| blocker["connection"] == culprit.as_str())
        })
        .unwrap_or_else(|| panic!("{culprit} is no blocker in {answer:#}"));
    let waiters = blocker["waiters"].as_array().unwrap();
    for victim in truth
        .victims
        .iter()
        .chain(&truth.via)
        .flat_map(|party| &party.connection_ids)
    {
        let listed = waiters
            .iter()
            .any(|waiter| waiter["connection"] == victim.to_string().as_str());
        assert!(listed, "victim {victim} is not listed in {answer:#}");
    }
}

async fn hot_row(flavour: Flavour) -> Result<()> {
    let server = shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let traffic = Traffic::start(&server, &HEALTHY).await?;
    let question = json!({ "instance": "shop", "detail": "full" });
    let before = house.ask("innodb_lock_waits", question.clone()).await?;
    assert_eq!(
        before["findings"],
        json!([]),
        "healthy traffic makes no finding"
    );

    let incident = Kind::HotRow.start(&server).await?;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let answer = house.ask("innodb_lock_waits", question).await?;
    assert_blames(&answer, incident.truth());
    assert_lists_victims(&answer, incident.truth());
    assert_eq!(answer["findings"][0]["id"], "idle_blocker");
    assert!(
        answer.to_string().contains(&incident.truth().object),
        "{answer:#}"
    );
    assert_eq!(answer["coverage"]["missing"], Value::Null, "{answer:#}");
    incident.end().await?;
    traffic.stop().await;
    server.stop().await
}

#[tokio::test]
async fn an_idle_blocker_of_a_hot_row_is_named_on_mysql() -> Result<()> {
    hot_row(Flavour::Mysql97).await
}

#[tokio::test]
async fn an_idle_blocker_of_a_hot_row_is_named_on_mariadb() -> Result<()> {
    hot_row(Flavour::Mariadb1011).await
}

async fn mdl_pileup(flavour: Flavour, options: Option<Options>) -> Result<Value> {
    let server = match options {
        Some(options) => shop_with(flavour, options).await?,
        None => shop(flavour).await?,
    };
    let house = House::over(&[Instance::of("shop", &server)])?;
    let incident = Kind::MdlPileup.start(&server).await?;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let answer = house
        .ask(
            "innodb_lock_waits",
            json!({ "instance": "shop", "detail": "full" }),
        )
        .await?;
    let truth = incident.truth();
    let id = truth.culprit.connection_ids[0];
    let statement = answer["findings"][0]["statement"]
        .as_str()
        .unwrap_or_default();
    assert!(
        statement.contains(&format!("connection {id} ")),
        "{answer:#}"
    );
    assert_lists_victims(&answer, truth);
    // The way out that costs nothing is told first: cancel the definition change.
    let ddl = truth.via[0].connection_ids[0];
    let first = &answer["findings"][0]["remedy"][0]["step"];
    assert_eq!(*first, format!("KILL QUERY {ddl}"), "{answer:#}");
    incident.end().await?;
    server.stop().await?;
    Ok(answer)
}

#[tokio::test]
async fn the_holder_behind_a_queued_alter_is_named_on_mysql() -> Result<()> {
    mdl_pileup(Flavour::Mysql97, None).await.map(|_| ())
}

#[tokio::test]
async fn the_holder_behind_a_queued_alter_is_named_on_mariadb() -> Result<()> {
    mdl_pileup(Flavour::Mariadb1011, None).await.map(|_| ())
}

#[tokio::test]
async fn without_performance_schema_mariadbs_plugin_tells_the_holder() -> Result<()> {
    let options = Options {
        metadata_lock_info: true,
        ..Options::default()
    };
    let answer = mdl_pileup(Flavour::Mariadb1011, Some(options)).await?;
    assert_ne!(
        answer["coverage"]["missing"],
        Value::Null,
        "programs cannot be known: {answer:#}"
    );
    Ok(())
}

#[tokio::test]
async fn mariadb_as_shipped_tells_that_sessions_wait_though_not_for_whom() -> Result<()> {
    let server = shop_with(Flavour::Mariadb1011, Options::default()).await?;
    let house = House::over(&[Instance::of("shop", &server)])?;
    let incident = Kind::MdlPileup.start(&server).await?;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    let answer = house
        .ask("innodb_lock_waits", json!({ "instance": "shop" }))
        .await?;
    let finding = &answer["findings"][0];
    assert_eq!(finding["id"], "waiters_without_seen_holder", "{answer:#}");
    let id = incident.truth().culprit.connection_ids[0];
    let suspect = finding["evidence"].to_string();
    assert!(suspect.contains(&format!("connection {id} ")), "{answer:#}");
    let missing = answer["coverage"]["missing"].to_string();
    assert!(missing.contains("INSTALL SONAME"), "{answer:#}");
    incident.end().await?;
    server.stop().await
}

#[tokio::test]
async fn with_all_connections_used_up_the_tool_still_answers() -> Result<()> {
    for flavour in [Flavour::Mysql97, Flavour::Mariadb1011] {
        let options = Options {
            max_connections: Some(20),
            ..Options::default()
        };
        let server = shop_with(flavour, options).await?;
        let incident = Kind::ConnectionExhaustion.start(&server).await?;
        // The first connection of all is made now: only the second door is left.
        let house = House::over(&[Instance::of("shop", &server)])?;
        let answer = house
            .ask("innodb_lock_waits", json!({ "instance": "shop" }))
            .await?;
        assert_eq!(answer["waiting"], 0, "{flavour:?}: {answer:#}");
        incident.end().await?;
        server.stop().await?;
    }
    Ok(())
}
