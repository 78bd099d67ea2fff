//! What `storex client-config` prints, used as a desktop client uses it.

use anyhow::Result;
use serde_json::{Value, json};
use storex_testkit::clients;

use super::conversation::report;
use super::{Scene, python};

#[tokio::test]
async fn what_client_config_prints_for_claude_starts_a_server_that_answers() -> Result<()> {
    let interpreter = clients::python()?;
    let scene = Scene::set().await?;
    let printed: Value = serde_json::from_str(&scene.product.run(&["client-config", "claude"])?)?;
    let server = &printed["mcpServers"]["storex"];
    let order = json!({
        "command": server["command"], "args": server["args"], "mode": "auto",
        "calls": [{ "tool": "fleet_instances", "arguments": {} }],
    });
    let report = report(python::client(&interpreter, &order.to_string())).await?;
    assert_eq!(
        report["answers"][0]["structured"]["matching"], 2,
        "{report:#}"
    );
    Ok(())
}
