//! What goes over the wire, as the official SDK reads it, in both eras of the protocol.

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use storex_chart::Theme;
use storex_integration_tests::{House, Instance};
use storex_serve::config::HttpConfig;
use storex_serve::http;
use storex_testkit::clients;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::drawn_tools::{DOMAIN, INSTANCE_PAGE, PAGE, chart};

const CLIENT: &str = include_str!("../../clients/node/pictures.mjs");
const TOKEN: &str = "a-token-of-more-than-thirty-two-characters";
const MIME_TYPE: &str = "text/html;profile=mcp-app";

/// A house of drawing tools that serves HTTP until it is dropped.
struct Drawing {
    house: House,
    url: String,
    _stop: DropGuard,
}

impl Drawing {
    async fn serve() -> Result<Self> {
        let house = House::of(&[Instance::nowhere("shop")], "", &[&DOMAIN])?;
        let config = HttpConfig {
            listen: "127.0.0.1:0".parse()?,
            ..HttpConfig::default()
        };
        let listener = http::listen(&config).await?;
        let url = format!("http://{}/mcp", listener.local_addr()?);
        let stop = CancellationToken::new();
        let (server, asked) = (house.server.clone(), stop.clone());
        tokio::spawn(async move { http::serve_on(server, &config, TOKEN, listener, asked).await });
        Ok(Self {
            house,
            url,
            _stop: stop.drop_guard(),
        })
    }

    /// What the official client saw: `reads` are the pages it asks for.
    async fn seen(&self, mode: &str, arguments: Value, reads: &[&str]) -> Result<Value> {
        let order = json!({ "url": self.url, "token": TOKEN, "mode": mode, "reads": reads,
                            "call": { "name": "drawn_course", "arguments": arguments } });
        let mut command = clients::node()?.module(CLIENT, &[&order.to_string()]);
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        serde_json::from_slice(&output.stdout)
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[tokio::test]
async fn a_picture_and_a_page_reach_clients_of_both_eras() -> Result<()> {
    let drawing = Drawing::serve().await?;
    for mode in ["legacy", "auto"] {
        let seen = drawing
            .seen(mode, json!({}), &[PAGE.uri, "ui://storex/none"])
            .await?;
        let expected = if mode == "legacy" {
            "2025-11-25"
        } else {
            "2026-07-28"
        };
        assert_eq!(seen["protocol"], expected);

        let tool = &seen["tools"][0];
        assert_eq!(tool["name"], "drawn_course");
        assert_eq!(tool["_meta"]["ui"]["resourceUri"], PAGE.uri);

        let listed: Vec<&Value> = seen["resources"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|resource| resource["mimeType"] == MIME_TYPE)
            .map(|resource| &resource["uri"])
            .collect();
        assert_eq!(listed, [PAGE.uri, INSTANCE_PAGE.uri]);
        let page = &seen["pages"][0]["contents"][0];
        assert_eq!(page["mimeType"], MIME_TYPE);
        assert_eq!(page["text"], PAGE.html);
        assert_eq!(page["_meta"]["ui"]["prefersBorder"], true);
        assert!(page["_meta"]["ui"]["csp"].is_null(), "the strictest policy");
        let missing = seen["pages"][1]["code"].as_i64().unwrap();
        assert!([-32002, -32602].contains(&missing), "{missing}");

        let result = &seen["result"];
        let content = result["content"].as_array().unwrap();
        let kinds: Vec<&Value> = content.iter().map(|block| &block["type"]).collect();
        assert_eq!(kinds, ["text", "image"]);
        assert_eq!(content[1]["mimeType"], "image/png");
        let png = BASE64.decode(content[1]["data"].as_str().unwrap())?;
        assert_eq!(png, chart().png(Theme::Light));
        assert_eq!(result["_meta"]["storex/app_data"], chart().app_data());
        // Who sees no picture is told the same.
        let shape = chart().summaries(str::to_owned)[0].shape.clone();
        assert_eq!(result["structuredContent"]["series"][0]["shape"], shape);
        assert!(content[0]["text"].as_str().unwrap().contains(&shape));
        assert!(result["structuredContent"]["truncated"].is_null());
        // What a store calls a series is no word of ours.
        let name = &result["structuredContent"]["series"][2]["series"];
        assert_eq!(name, "⟦<img src=x onerror=alert(1)>⟧");
    }
    Ok(())
}

#[tokio::test]
async fn a_picture_over_the_budget_is_left_out_and_that_is_said() -> Result<()> {
    let drawing = Drawing::serve().await?;
    let seen = drawing
        .seen("auto", json!({ "too_large": true }), &[])
        .await?;
    let result = &seen["result"];
    let images = result["content"].as_array().unwrap().iter();
    assert_eq!(images.filter(|block| block["type"] == "image").count(), 1);
    let note = &result["structuredContent"]["truncated"][0];
    assert_eq!(note["what"], "pictures");
    assert_eq!((&note["kept"], &note["total"]), (&json!(1), &json!(2)));
    Ok(())
}

#[tokio::test]
async fn a_page_is_shown_to_whom_its_tool_is_shown() -> Result<()> {
    let mut drawing = Drawing::serve().await?;
    let uris = |seen: &Value| -> Vec<String> {
        let resources = seen["resources"].as_array().unwrap().iter();
        let uris = resources.map(|resource| resource["uri"].as_str().unwrap().to_owned());
        uris.filter(|uri| uri.starts_with("ui://")).collect()
    };
    let reads = [INSTANCE_PAGE.uri, "ui://storex/none"];
    let before = drawing.seen("auto", json!({}), &reads).await?;
    assert_eq!(uris(&before), [PAGE.uri, INSTANCE_PAGE.uri]);
    assert_eq!(
        before["pages"][0]["contents"][0]["text"],
        INSTANCE_PAGE.html
    );

    // Nobody is cleared for any data any more: no instance is left to call the tool on.
    drawing.house.set_entities(&json!([]))?;
    let after = drawing.seen("auto", json!({}), &reads).await?;
    let tools = after["tools"].as_array().unwrap();
    assert!(tools.iter().all(|tool| tool["name"] != "drawn_of_instance"));
    assert_eq!(uris(&after), [PAGE.uri]);
    // Hidden is answered like missing.
    let same = |page: &Value| {
        let text = page.to_string();
        text.replace(INSTANCE_PAGE.uri, "URI")
            .replace("ui://storex/none", "URI")
    };
    assert!(after["pages"][0]["contents"].is_null());
    assert_eq!(same(&after["pages"][0]), same(&after["pages"][1]));
    Ok(())
}
