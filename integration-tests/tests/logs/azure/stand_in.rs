//! The stand-in itself, held to the description of the API it stands in for.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use storex_testkit::azure::{RESOURCE_GROUP, SERVER, SUBSCRIPTION, ServerLog, StandIn};
use storex_testkit::clients;

use super::seed::client;

const SCHEMA: &str = include_str!("log_files.schema.json");
const CHECK: &str = "import json, sys, jsonschema
schema, page = json.loads(sys.argv[1]), json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.validate(page, schema)";

fn check(python: &std::path::Path, page: &[u8]) -> Result<bool> {
    let mut check = Command::new(python)
        .args(["-c", CHECK, SCHEMA])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    check.stdin.take().context("no input")?.write_all(page)?;
    Ok(check.wait()?.success())
}

#[tokio::test]
async fn its_pages_are_what_the_description_says() -> Result<()> {
    let azure = StandIn::start(1).await?;
    for kind in ["slowlog", "errorlog"] {
        azure.add(ServerLog {
            name: format!("mysql-{kind}.log"),
            kind,
            modified: "2026-11-23T07:00:00+00:00".to_owned(),
            content: vec![b'x'; 3000],
        });
    }
    let python = tokio::task::spawn_blocking(clients::python).await??;
    let mut url = format!(
        "{}/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/\
         Microsoft.DBforMySQL/flexibleServers/{SERVER}/logFiles?api-version=2023-12-30",
        azure.base()
    );
    let client = client(&azure)?;
    for page in 0..2 {
        let answer = client.get(&url).bearer_auth(azure.token()).send().await?;
        ensure!(answer.status() == 200, "{answer:?}");
        let body = answer.bytes().await?;
        ensure!(check(&python, &body)?, "page {page}: {body:?}");
        let told: serde_json::Value = serde_json::from_slice(&body)?;
        if let Some(next) = told["nextLink"].as_str() {
            url = next.to_owned();
        }
    }
    ensure!(azure.take_lists_served() == 2);
    ensure!(
        !check(&python, b"{\"value\": [{\"name\": 3}]}")?,
        "anything passes"
    );
    Ok(())
}
