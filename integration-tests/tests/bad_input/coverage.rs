//! What an account may not read or a server does not record is missing from the answer, by name and
//! with what to do; never shown as health.

use anyhow::Result;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::incidents::Kind;
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema, accounts};

/// What is missing, as one text for each entry.
fn missing(answer: &Value) -> Vec<String> {
    let entries = answer["coverage"]["missing"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    entries.iter().map(ToString::to_string).collect()
}

/// Every entry says why and what to do.
fn assert_helpful(answer: &Value) {
    for entry in answer["coverage"]["missing"]
        .as_array()
        .into_iter()
        .flatten()
    {
        for field in ["what", "why", "fix"] {
            assert!(
                entry[field].as_str().is_some_and(|text| !text.is_empty()),
                "{field}: {entry}"
            );
        }
    }
}

async fn without_process(flavour: Flavour) -> Result<()> {
    let options = Options {
        performance_schema: PerformanceSchema::Full,
        ..Options::default()
    };
    let server = MySqlServer::start(flavour, options).await?;
    accounts::create_shop(&server).await?;
    accounts::create_monitoring_account(&server, &["CREATE USER blind@'127.0.0.1'"]).await?;
    let port = server.port();
    let mysql = format!("address = \"127.0.0.1:{port}\"\nuser = \"blind\"\ntls = \"off\"");
    let house = House::over(&[Instance::with("shop", &mysql)])?;
    let incident = Kind::HotRow.start(&server).await?;
    for tool in ["innodb_lock_waits", "innodb_transactions"] {
        let reply = house
            .call(tool, json!({ "instance": "shop", "detail": "full" }))
            .await?;
        assert!(!reply.is_error, "{tool} on {flavour:?}: {}", reply.text);
        let answer = &reply.structured;
        let missing = missing(answer);
        assert!(
            missing.iter().any(|entry| entry.contains("PROCESS ON *.*")),
            "{tool}: {answer:#}"
        );
        assert_helpful(answer);
        let headline = answer["headline"].as_str().unwrap_or_default();
        let qualified =
            headline.contains("reads are missing") && headline.contains("as far as can be seen");
        assert!(
            qualified,
            "{tool} on {flavour:?} is blind and says: {headline}"
        );
    }
    incident.end().await?;
    server.stop().await
}

#[tokio::test]
async fn an_account_without_process_is_told_what_to_grant_on_mysql() -> Result<()> {
    without_process(Flavour::Mysql97).await
}

#[tokio::test]
async fn an_account_without_process_is_told_what_to_grant_on_mariadb() -> Result<()> {
    without_process(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn with_the_performance_schema_off_the_answer_says_what_it_cannot_see() -> Result<()> {
    for flavour in Flavour::ALL {
        let options = Options {
            performance_schema: PerformanceSchema::Off,
            ..Options::default()
        };
        let server = MySqlServer::start(flavour, options).await?;
        accounts::create_shop(&server).await?;
        let house = House::over(&[Instance::of("shop", &server)])?;
        for row in storex::DOMAINS.iter().flat_map(|domain| domain.tools) {
            let reads = row.spec.probes.iter().any(|probe| {
                let flavoured = |s: &storex_sources::Statement| {
                    (s.flavour == storex_sources::Flavour::MariaDb) == flavour.is_mariadb()
                };
                probe.needs.performance_schema && probe.statements.iter().any(flavoured)
            });
            if !reads {
                continue;
            }
            let answer = house
                .ask(
                    row.spec.name,
                    json!({ "instance": "shop", "detail": "full" }),
                )
                .await?;
            let missing = missing(&answer);
            let told = missing
                .iter()
                .any(|entry| entry.contains("performance_schema=ON"));
            assert!(
                told,
                "{} on {flavour:?} does not say what it cannot see: {answer:#}",
                row.spec.name
            );
            assert_helpful(&answer);
        }
        server.stop().await?;
    }
    Ok(())
}
