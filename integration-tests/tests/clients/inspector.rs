//! The command-line Inspector.

use std::process::Output;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use storex_testkit::clients::{self, Node};

use super::{Scene, finish};
use crate::product::{Product, Serving};

/// The Inspector's exit code for a tool that answered with an error.
const TOOL_ERROR: i32 = 5;
const ERAS: [&str; 2] = ["legacy", "modern"];

/// Words that name what to inspect.
struct Target(Vec<String>);

impl Target {
    fn stdio(product: &Product) -> Result<Self> {
        let server = json!({ "command": Product::program(), "args": product.stdio_arguments() });
        let file = product.config().with_file_name("mcp.json");
        std::fs::write(
            &file,
            json!({ "mcpServers": { "storex": server } }).to_string(),
        )?;
        let file = file.to_string_lossy().into_owned();
        Ok(Self(
            ["--config", &file, "--server", "storex"]
                .map(str::to_owned)
                .to_vec(),
        ))
    }

    fn http(serving: &Serving) -> Self {
        let header = format!("Authorization: Bearer {}", serving.token);
        Self(vec![serving.url.clone(), "--header".into(), header])
    }
}

async fn inspect(node: &Node, target: &Target, era: &str, words: &[&str]) -> Result<Output> {
    let mut command = node.inspector();
    command
        .arg("--cli")
        .args(&target.0)
        .args(["--protocol-era", era, "--format", "json"]);
    command.args(words);
    finish(command).await
}

fn answer(output: &Output) -> Result<Value> {
    serde_json::from_slice(&output.stdout).with_context(|| {
        format!(
            "the Inspector said: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

async fn lists_and_calls(node: &Node, target: &Target, era: &str) -> Result<()> {
    let call = ["--method", "tools/call", "--tool-name"];
    let listed = answer(&inspect(node, target, era, &["--method", "tools/list"]).await?)?;
    let tools = listed
        .pointer("/result/tools")
        .or(listed.get("tools"))
        .context("no tools")?;
    assert_eq!(tools[0]["name"], "fleet_instances", "{era}");

    let output = inspect(
        node,
        target,
        era,
        &[&call[..], &["fleet_instances"]].concat(),
    )
    .await?;
    assert_eq!(output.status.code(), Some(0), "{era}: {output:?}");
    assert!(
        answer(&output)?.to_string().contains("\"matching\":2"),
        "{era}: {output:?}"
    );

    let wrong = ["innodb_lock_waits", "--tool-arg", "instance=elsewhere"];
    let output = inspect(node, target, era, &[&call[..], &wrong[..]].concat()).await?;
    assert_eq!(output.status.code(), Some(TOOL_ERROR), "{era}: {output:?}");
    Ok(())
}

#[tokio::test]
async fn the_inspector_lists_calls_and_sees_errors_over_stdio_in_both_eras() -> Result<()> {
    let node = clients::node()?;
    let scene = Scene::set().await?;
    let target = Target::stdio(&scene.product)?;
    for era in ERAS {
        lists_and_calls(&node, &target, era).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_inspector_lists_calls_and_sees_errors_over_http_in_both_eras() -> Result<()> {
    let node = clients::node()?;
    let scene = Scene::set().await?;
    let serving = scene.product.serve().await?;
    let target = Target::http(&serving);
    for era in ERAS {
        lists_and_calls(&node, &target, era).await?;
    }
    Ok(())
}
