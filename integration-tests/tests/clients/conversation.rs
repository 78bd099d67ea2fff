//! What any client that speaks the protocol must see, and the order that makes it look.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::finish;
use crate::product::{Product, Serving};

/// An era of the protocol, as the clients name it and as what they must agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    Sessions,
    Stateless,
}

/// What the client connects to.
#[derive(Clone, Copy)]
pub(super) enum Door<'a> {
    Stdio(&'a Product),
    Http(&'a Serving),
}

impl Era {
    fn mode(self) -> &'static str {
        match self {
            Self::Sessions => "legacy",
            Self::Stateless => "auto",
        }
    }

    fn revision(self) -> &'static str {
        match self {
            Self::Sessions => "2025-11-25",
            Self::Stateless => "2026-07-28",
        }
    }
}

impl Door<'_> {
    fn order(self) -> Value {
        match self {
            Self::Stdio(product) => {
                json!({ "command": Product::program(), "args": product.stdio_arguments() })
            }
            Self::Http(serving) => json!({ "url": serving.url, "token": serving.token }),
        }
    }
}

/// Has a client hold the conversation and checks what it saw.
pub(super) async fn hold(client: impl Fn(&str) -> Command, door: Door<'_>, era: Era) -> Result<()> {
    let mut order = door.order();
    order["mode"] = json!(era.mode());
    order["give_up"] = json!({ "tool": "innodb_lock_waits", "arguments": { "instance": "stuck" }, "after_s": 0.5 });
    order["calls"] = json!([
        { "tool": "fleet_instances", "arguments": {} },
        { "tool": "innodb_lock_waits", "arguments": { "instance": "shop" } },
        { "tool": "innodb_status", "arguments": { "instance": "shop" } },
        { "tool": "no_such_tool", "arguments": {} },
        { "tool": "innodb_lock_waits", "arguments": { "instance": "shop", "colour": "red" } },
        { "tool": "innodb_lock_waits", "arguments": { "instance": "elsewhere" } },
    ]);
    let report = report(client(&order.to_string())).await?;
    saw_the_server(&report, era);
    saw_answers(&report);
    saw_errors(&report);
    Ok(())
}

/// The call that was given up is known to have ended so: nobody waited, and nothing went on.
pub(super) fn was_cancelled(product: &Product) -> Result<()> {
    let records = product.audit()?;
    let stuck = records
        .iter()
        .filter(|record| record["instance"] == "stuck");
    let begun: Vec<&Value> = stuck.map(|record| &record["seq"]).collect();
    let ends = records
        .iter()
        .filter(|record| begun.contains(&&record["begin"]));
    let outcomes: Vec<&Value> = ends.map(|record| &record["outcome"]).collect();
    assert_eq!(
        outcomes,
        [&json!("cancelled"), &json!("cancelled")],
        "{records:#?}"
    );
    Ok(())
}

/// Runs a client and reads its report.
pub(super) async fn report(command: Command) -> Result<Value> {
    let output = finish(command).await?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the client failed: {complaint}");
    serde_json::from_slice(&output.stdout).with_context(|| format!("no report: {complaint}"))
}

fn saw_the_server(report: &Value, era: Era) {
    assert_eq!(report["protocol"], era.revision());
    assert_eq!(report["server"], "storex");
    assert!(
        report["instructions"]
            .as_str()
            .unwrap()
            .contains("read-only"),
        "{report:#}"
    );
    let tools = report["tools"].as_array().unwrap();
    assert_eq!(tools[0], "fleet_instances", "the order is fixed: {tools:?}");
    assert!(tools.contains(&json!("innodb_lock_waits")), "{tools:?}");
    let pages = report["resources"].as_array().unwrap();
    assert!(
        pages.contains(&json!("storex://runbooks/innodb_lock_waits")),
        "{pages:?}"
    );
}

fn saw_answers(report: &Value) {
    let [fleet, waits, status] = [0, 1, 2].map(|index| &report["answers"][index]);
    assert_eq!(fleet["is_error"], false, "{fleet:#}");
    assert_eq!(fleet["structured"]["matching"], 2);
    assert!(fleet["text"].as_str().unwrap().contains("shop"));
    assert_eq!(waits["is_error"], false, "{waits:#}");
    assert!(
        waits["structured"]["source"]
            .as_str()
            .unwrap()
            .starts_with("MariaDB"),
        "{waits:#}"
    );
    assert!(waits["structured"]["headline"].is_string());
    assert_eq!(status["is_error"], false, "{status:#}");
    let told = status["progress"].as_array().unwrap();
    assert!(
        told[0].as_str().unwrap().starts_with("sampling"),
        "{told:?}"
    );
    let ahead = status["progress_ahead_s"].as_f64();
    assert!(
        ahead > Some(1.0),
        "told while it samples, not after: {ahead:?}"
    );
}

fn saw_errors(report: &Value) {
    let [unknown, wrong, elsewhere] = [3, 4, 5].map(|index| &report["answers"][index]);
    assert_eq!(unknown["code"], -32602, "{unknown:#}");
    assert_eq!(wrong["is_error"], true, "{wrong:#}");
    assert_eq!(wrong["structured"]["error"]["code"], "bad_input");
    assert!(
        wrong["text"].as_str().unwrap().contains("colour"),
        "{wrong:#}"
    );
    assert_eq!(elsewhere["is_error"], true, "{elsewhere:#}");
    assert_eq!(elsewhere["structured"]["error"]["code"], "not_found");
    assert_eq!(report["given_up"]["cancelled"], true, "{report:#}");
    assert!(
        report["given_up"]["elapsed_s"].as_f64().unwrap() < 2.0,
        "{report:#}"
    );
}
