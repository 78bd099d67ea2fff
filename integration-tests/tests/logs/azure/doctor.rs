//! A real server whose slow log is in Azure: the doctor lists it, and it digests as the server's own.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use storex_digest::{Digest, Options, Reader};
use storex_fleet::{Inventory, LogsPlace, Readers};
use storex_integration_tests::Instance;
use storex_testkit::azure::{
    Azurite, CLIENT, RESOURCE_GROUP, SECRET, SERVER, SUBSCRIPTION, ServerLog, StandIn, TENANT,
};
use storex_testkit::{Flavour, MySqlServer};

use super::seed::{Account, hour, line};
use super::{open, read};
use crate::logs::{logging, run_numbered};
use crate::product::Product;

/// What a server wrote as diagnostic settings send it on.
fn sent_on(log: &str) -> Result<String> {
    let mut lines = String::new();
    for entry in log.split("# Time: ").skip(1) {
        let (ended, rest) = entry.split_once('\n').context("a time")?;
        let (client, rest) = rest.split_once('\n').context("a client")?;
        let (client, id) = client.rsplit_once("  Id:").context("an id")?;
        let (figures, rest) = rest.split_once('\n').context("figures")?;
        let figure = |name: &str| -> Result<&str> {
            let (_, rest) = figures
                .split_once(&format!("{name}: "))
                .context("a figure")?;
            Ok(rest.split(' ').next().unwrap_or_default())
        };
        let (_, sql) = rest.split_once("SET timestamp=").context("a timestamp")?;
        let (_, sql) = sql.split_once('\n').context("a statement")?;
        let took: f64 = figure("Query_time")?.parse()?;
        let ended: jiff::Timestamp = ended.parse()?;
        let began = ended.checked_sub(jiff::SignedDuration::try_from_secs_f64(took)?)?;
        lines += &line(&json!({
            "event_class": "slow_log",
            "start_time": format!("{began:.6}"),
            "query_time": took,
            "lock_time": figure("Lock_time")?,
            "rows_sent": figure("Rows_sent")?,
            "rows_examined": figure("Rows_examined")?,
            "thread_id": id.trim(),
            "host": client.trim_start_matches("# User@Host: "),
            "sql_text": sql.trim_end().trim_end_matches(';'),
        }));
    }
    Ok(lines)
}

/// `[instance.logs.azure]` without who signs in.
fn azure_table(azure: &StandIn, azurite: &Azurite) -> String {
    format!(
        "[instance.logs.azure]\nsubscription = \"{SUBSCRIPTION}\"\nresource_group = \"{RESOURCE_GROUP}\"\n\
         server = \"{SERVER}\"\nstorage = \"{}\"\nendpoint = \"{}\"\ntls_ca = \"{}\"\n",
        azurite.storage(),
        azure.base(),
        azure.ca().display()
    )
}

fn principal(azure: &StandIn) -> String {
    format!(
        "tenant = \"{TENANT}\"\nclient = \"{CLIENT}\"\nsecret = {{ file = \"{}\" }}\nauthority = \"{}\"\n",
        azure.secret().display(),
        azure.base()
    )
}

/// A real server, whose logs are in Azure too.
struct Scene {
    server: MySqlServer,
    /// Its slow log when it was sent on.
    log: String,
    azure: StandIn,
    azurite: Azurite,
}

async fn scene() -> Result<Scene> {
    let server = logging(Flavour::Mysql97).await?;
    run_numbered(&server, 0..200).await?;
    let azure = StandIn::start(10).await?;
    azure.add(ServerLog {
        name: "mysql-error-1.log".to_owned(),
        kind: "errorlog",
        modified: "2026-11-23T07:00:00+00:00".to_owned(),
        content: server.error_log()?.into_bytes(),
    });
    let azurite = Azurite::start(azure.tls()).await?;
    let account = Account::with_container(&azure, &azurite).await?;
    let log = std::fs::read_to_string(server.slow_log())?;
    account.write(&hour(0), sent_on(&log)?).await?;
    Ok(Scene {
        server,
        log,
        azure,
        azurite,
    })
}

fn digested(bytes: &[u8]) -> Vec<(String, u64, u64, u64)> {
    let mut digest = Digest::new(Options::default());
    let mut reader = Reader::default();
    reader.feed(bytes, &mut digest);
    reader.finish(&mut digest);
    let groups = digest.groups().iter();
    let mut said: Vec<_> = groups
        .map(|group| {
            let form = String::from_utf8_lossy(&group.fingerprint).into_owned();
            let figures = &group.figures;
            (
                form,
                figures.count,
                figures.query_us.sum,
                figures.rows_examined.sum,
            )
        })
        .collect();
    said.sort();
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_lists_logs_in_azure_and_they_digest_as_the_servers_own() -> Result<()> {
    let scene = scene().await?;
    let table = azure_table(&scene.azure, &scene.azurite) + &principal(&scene.azure);
    let instance = Instance::of("db", &scene.server).with_logs(&table);
    let product = Product::over(&[instance])?;
    let told = product.run(&["doctor"])?;
    for log in ["slow", "error"] {
        let line = format!("ok      {log} log: files: 1, ");
        ensure!(told.contains(&line), "{told}");
    }
    let path = product.config().with_file_name("inventory.toml");
    let text = std::fs::read_to_string(&path)?;
    let inventory = Inventory::parse(&text, Path::new("/"), Readers::Owner)
        .map_err(|mistakes| anyhow::anyhow!("{mistakes:?}"))?;
    let entry = inventory.get("db").context("the instance")?;
    let Some(LogsPlace::Azure(place)) = entry.logs.as_ref().map(|logs| &logs.place) else {
        anyhow::bail!("its logs are elsewhere")
    };
    let (bytes, report) = read(open(place.clone()).as_ref(), None, u64::MAX).await?;
    ensure!(report.unread.is_empty(), "{report:?}");
    let own = digested(scene.log.as_bytes());
    ensure!(own.len() > 1 && digested(&bytes) == own, "{own:?}");
    Ok(())
}

/// The doctor, where the environment says who signs in.
fn doctor(product: &Product, azure: &StandIn, secret: &str) -> Result<String> {
    let output = Command::new(Product::program())
        .arg("--config")
        .arg(product.config())
        .arg("doctor")
        .env("AZURE_AUTHORITY_HOST", azure.base())
        .env("AZURE_TENANT_ID", TENANT)
        .env("AZURE_CLIENT_ID", CLIENT)
        .env("AZURE_CLIENT_SECRET", secret)
        .output()?;
    Ok(String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_principal_the_environment_says_who_signs_in() -> Result<()> {
    let scene = scene().await?;
    let table = azure_table(&scene.azure, &scene.azurite);
    let instance = Instance::of("db", &scene.server).with_logs(&table);
    let product = Product::over(&[instance])?;
    let told = doctor(&product, &scene.azure, SECRET)?;
    ensure!(told.contains("ok      slow log: files: 1, "), "{told}");
    let refused = doctor(&product, &scene.azure, "an0ther")?;
    ensure!(
        refused.contains("FAIL    slow log: storex may not read the slow log: sign storex in"),
        "{refused}"
    );
    ensure!(!refused.contains("an0ther"), "{refused}");
    Ok(())
}
