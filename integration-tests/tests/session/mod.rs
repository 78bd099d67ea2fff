//! What our sessions do to a server, seen from outside: they read, and nothing else.

mod effects;
mod least;
mod outside;

use anyhow::Result;
use serde_json::{Value, json};
use storex_integration_tests::House;
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema, SlowLog, accounts};
use storex_tool::{Credential, Row, Target};

use crate::callers::{call, code, least, reads_metrics_only};

/// Room for a test that asks a lot.
const NO_RATE: &str =
    "[limits]\nburst_per_principal = 100000\ncalls_per_principal_per_s = 100000\n";

/// A server with the shop that records all that tools can use.
async fn shop(flavour: Flavour) -> Result<MySqlServer> {
    let server = MySqlServer::start(
        flavour,
        Options {
            performance_schema: PerformanceSchema::Full,
            metadata_lock_info: flavour.is_mariadb(),
            slow_log: SlowLog::Everything,
            ..Options::default()
        },
    )
    .await?;
    accounts::create_shop(&server).await?;
    Ok(server)
}

/// Every tool that asks an instance's server.
fn rows() -> impl Iterator<Item = &'static Row> {
    let all = storex::DOMAINS.iter().flat_map(|domain| domain.tools);
    all.filter(|row| row.spec.target != Target::Fleet && !reads_metrics_only(row))
}

/// The most a tool can be asked for: full detail and everything sensitive.
fn most(row: &Row, instance: &str) -> Value {
    let mut arguments = least(row, instance);
    arguments["detail"] = json!("full");
    for argument in row.spec.sensitive_arguments {
        arguments[*argument] = json!(true);
    }
    arguments
}

/// Asks every tool for the most it can tell; each must answer.
async fn ask_all(house: &House, instance: &str) -> Result<Vec<(&'static str, Value)>> {
    let mut answers = Vec::new();
    for row in rows() {
        let outcome = call(house, Credential::Local, row.spec.name, most(row, instance)).await;
        assert_eq!(code(&outcome), "ok", "{}: {outcome:?}", row.spec.name);
        answers.push((row.spec.name, outcome?.structured.clone()));
    }
    Ok(answers)
}
