//! The page of a chart in Chromium, shown by the official host of MCP Apps.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that does not find what it looks for fails"
)]

#[path = "../pictures/scenes.rs"]
mod scenes;
mod shown;
mod squint;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use storex_chart::{APP_HTML, Chart};
use storex_testkit::clients;
use storex_testkit::servers::Chromium;

const HOST: &str = include_str!("../../../../integration-tests/clients/app-host/host.mjs");

/// As wide as the picture.
const WIDTH: u32 = 900;

/// What the adapter sends of a chart.
fn result(chart: &Chart) -> Value {
    json!({
        "content": [{ "type": "text", "text": chart.text() }],
        "structuredContent": { "headline": "drawn", "series": chart.summaries(str::to_owned) },
        "_meta": { "storex/app_data": chart.app_data() },
    })
}

/// What a person sees of these results, step by step.
fn look(theme: &str, width: u32, results: &Value, folder: &Path) -> Result<Value> {
    let node = clients::app_host()?;
    let browser = Chromium::start()?;
    let order = json!({ "endpoint": browser.endpoint(), "html": APP_HTML, "theme": theme, "width": width,
                        "results": results, "folder": folder });
    let file = folder.join("order.json");
    std::fs::write(&file, order.to_string())?;
    let path = file.to_str().context("a folder with a plain name")?;
    let output = node.module(HOST, &[path]).output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the host failed: {complaint}");
    let report = std::fs::read_to_string(folder.join("report.json"))?;
    Ok(serde_json::from_str(&report)?)
}
