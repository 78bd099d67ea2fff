//! The official conformance suites: our transport with what they ask for, and the product itself
//! with what applies to it. `sessions.yaml` says which scenarios cannot pass, and why.

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
    let config = HttpConfig {
        allowed_origins: vec![origin],
        ..HttpConfig::default()
    };
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

/// A suite that ran to its end.
struct Run {
    /// Whether nothing failed but what is expected to, and all that is expected to did.
    ok: bool,
    said: String,
    passed: usize,
    /// The checks that failed: their names and why.
    failed: Vec<String>,
}

impl Run {
    async fn of(mut command: Command) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        command.arg("--output-dir").arg(folder.path());
        let running = tokio::task::spawn_blocking(move || command.output());
        let output = tokio::time::timeout(PATIENCE, running)
            .await
            .context("the suite does not end")???;
        let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        let checks = checks(folder.path())?;
        let of = |status: &str| {
            let status = status.to_owned();
            checks
                .iter()
                .filter(move |check| check["status"] == status.as_str())
        };
        Ok(Self {
            ok: output.status.success(),
            said,
            passed: of("SUCCESS").count(),
            failed: of("FAILURE")
                .map(|check| format!("{}: {}", check["id"], check["errorMessage"]))
                .collect(),
        })
    }

    /// Fails unless the suite is content and had something to be content with.
    fn conforms(&self, at_least: usize) -> Result<()> {
        let failed = self.failed.join("\n");
        ensure!(self.ok, "the suite failed:\n{}\n{failed}", self.said);
        ensure!(
            self.passed >= at_least,
            "only {} checks passed:\n{}",
            self.passed,
            self.said
        );
        Ok(())
    }
}

/// The suite's own records.
fn checks(folder: &Path) -> Result<Vec<Value>> {
    let mut checks = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let text = std::fs::read_to_string(entry?.path().join("checks.json"))?;
        let of_scenario: Vec<Value> = serde_json::from_str(&text)?;
        checks.extend(of_scenario);
    }
    Ok(checks)
}

fn suite(suite: Suite, url: &str, words: &[&str]) -> Result<Command> {
    let mut command = clients::node()?.conformance(suite);
    command.args(["server", "--url", url]).args(words);
    Ok(command)
}

/// What cannot pass, with the reasons.
const EXPECTED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/conformance/sessions.yaml"
);

#[tokio::test(flavor = "multi_thread")]
async fn the_transport_conforms_to_the_revisions_with_sessions() -> Result<()> {
    let (url, _serving) = serve().await?;
    let words = ["--suite", "all", "--expected-failures", EXPECTED];
    Run::of(suite(Suite::Sessions, &url, &words)?)
        .await?
        .conforms(30)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_transport_conforms_to_what_the_stateless_revision_requires() -> Result<()> {
    let (url, _serving) = serve().await?;
    let words = ["--requirements", "2026-07-28"];
    // The extension for tasks is run and reported by the suite, not required.
    Run::of(suite(Suite::Stateless, &url, &words)?)
        .await?
        .conforms(120)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_transport_conforms_to_every_scenario_of_the_stateless_revision() -> Result<()> {
    let (url, _serving) = serve().await?;
    let words = ["--suite", "all", "--spec-version", "2026-07-28"];
    Run::of(suite(Suite::Stateless, &url, &words)?)
        .await?
        .conforms(140)
}
