//! The official conformance suites: our transport with what they ask for, and the product itself
//! with what applies to it. `*.yaml` say which scenarios cannot pass, and why.

mod fixture;
mod product;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use storex_serve::config::HttpConfig;
use storex_serve::http;
use storex_testkit::clients::{self, Suite};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use fixture::Fixture;

/// A suite takes seconds; this is for a machine that is busy.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(240);

/// Serves the fixture on a free port until the guard is dropped.
async fn serve() -> Result<(String, tokio_util::sync::DropGuard)> {
    let stop = CancellationToken::new();
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let url = format!("{origin}/mcp");
    // The suite comes as a page of the server's own, too.
    let config = HttpConfig { allowed_origins: vec![origin], ..HttpConfig::default() };
    let service = http::mcp(&config, stop.clone(), || Fixture);
    let router = axum::Router::new().nest_service("/mcp", service);
    let asked = stop.clone();
    tokio::spawn(async move {
        axum::serve(listener, router)
            .with_graceful_shutdown(async move { asked.cancelled().await })
            .await
    });
    Ok((url, stop.drop_guard()))
}

/// Runs a suite to its end and tells what it said when it fails.
async fn conform(mut command: Command) -> Result<String> {
    let folder = tempfile::tempdir()?;
    command.arg("--output-dir").arg(folder.path());
    let running = tokio::task::spawn_blocking(move || command.output());
    let output = tokio::time::timeout(PATIENCE, running)
        .await
        .context("the suite does not end")???;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    let failures = failures(folder.path())?.join("\n");
    ensure!(
        output.status.success(),
        "the suite failed:\n{said}\n{failures}\n{complaint}"
    );
    Ok(said)
}

/// The checks that failed, as the suite's own records tell them.
fn failures(folder: &Path) -> Result<Vec<String>> {
    let mut failures = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let text = std::fs::read_to_string(entry?.path().join("checks.json"))?;
        let records: Vec<Value> = serde_json::from_str(&text)?;
        let failed = records.iter().filter(|check| check["status"] == "FAILURE");
        failures.extend(failed.map(|check| format!("{}: {}", check["id"], check["errorMessage"])));
    }
    Ok(failures)
}

fn suite(suite: Suite, url: &str, words: &[&str], expected: &str) -> Result<Command> {
    let expected = format!(
        "{}/tests/conformance/{expected}",
        env!("CARGO_MANIFEST_DIR")
    );
    let mut command = clients::node()?.conformance(suite);
    command
        .args(["server", "--url", url])
        .args(words)
        .args(["--expected-failures", &expected]);
    Ok(command)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_transport_conforms_to_the_revisions_with_sessions() -> Result<()> {
    let (url, _serving) = serve().await?;
    let said = conform(suite(
        Suite::Sessions,
        &url,
        &["--suite", "all"],
        "sessions.yaml",
    )?)
    .await?;
    println!("{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_transport_conforms_to_what_the_stateless_revision_requires() -> Result<()> {
    let (url, _serving) = serve().await?;
    let words = ["--requirements", "2026-07-28"];
    let said = conform(suite(Suite::Stateless, &url, &words, "stateless.yaml")?).await?;
    println!("{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_transport_conforms_to_every_scenario_of_the_stateless_revision() -> Result<()> {
    let (url, _serving) = serve().await?;
    let words = ["--suite", "all", "--spec-version", "2026-07-28"];
    let said = conform(suite(Suite::Stateless, &url, &words, "stateless.yaml")?).await?;
    println!("{said}");
    Ok(())
}
