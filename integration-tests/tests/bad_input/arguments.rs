//! Arguments that are wrong are named, with what they should be.

use anyhow::Result;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_tool::Credential;

use super::TOOL;
use crate::callers::{call, code};

async fn told(house: &House, tool: &str, arguments: Value) -> Result<String> {
    let outcome = call(house, Credential::Local, tool, arguments.clone()).await;
    assert_eq!(code(&outcome), "bad_input", "{arguments}");
    Ok(outcome?.text.clone())
}

#[tokio::test]
async fn a_wrong_argument_is_named_with_what_it_should_be() -> Result<()> {
    let house = House::over(&[Instance::nowhere("shop")])?;
    for (arguments, words) in [
        (json!({}), vec!["instance", "missing"]),
        (json!({ "instance": 7 }), vec!["instance", "string"]),
        (json!({ "instance": null }), vec!["instance", "string"]),
        (json!({ "instance": ["shop"] }), vec!["instance", "string"]),
        (
            json!({ "instance": "shop", "detail": "verbose" }),
            vec!["detail", "concise", "full"],
        ),
        (json!({ "instance": "shop", "limit": -1 }), vec!["limit"]),
        (
            json!({ "instance": "shop", "limit": "ten" }),
            vec!["limit", "ten"],
        ),
        (
            json!({ "instance": "shop", "literals": "yes" }),
            vec!["literals", "boolean"],
        ),
        (
            json!({ "instance": "shop", "literals": 1 }),
            vec!["literals", "boolean"],
        ),
        (
            json!({ "instance": "shop", "sql": "DROP" }),
            vec!["sql", "instance", "limit"],
        ),
    ] {
        let text = told(&house, TOOL, arguments.clone()).await?;
        for word in words {
            assert!(
                text.contains(word),
                "{word:?} is not in the answer to {arguments}: {text}"
            );
        }
    }
    Ok(())
}

/// The schema says a range; a call outside it is refused or brought into it, never taken at its word.
#[tokio::test]
async fn a_limit_beyond_its_range_does_no_harm() -> Result<()> {
    let house = House::over(&[Instance::nowhere("shop")])?;
    for limit in [json!(0), json!(501), json!(u64::MAX)] {
        let outcome = call(
            &house,
            Credential::Local,
            "fleet_instances",
            json!({ "limit": limit }),
        )
        .await;
        assert!(
            ["ok", "bad_input"].contains(&code(&outcome)),
            "{limit}: {outcome:?}"
        );
        if code(&outcome) == "ok" {
            let reply = outcome?;
            let shown = reply.structured["instances"].as_array().map_or(0, Vec::len);
            let cut = reply.structured.get("truncated").is_some();
            assert!(
                shown == 1 || cut,
                "{limit}: one instance is missing and nothing says so: {}",
                reply.text
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_instance_is_told_where_the_known_ones_are_listed() -> Result<()> {
    let house = House::over(&[Instance::nowhere("shop")])?;
    let reply = call(
        &house,
        Credential::Local,
        TOOL,
        json!({ "instance": "shoq" }),
    )
    .await?;
    assert_eq!(reply.structured["error"]["code"], "not_found");
    assert!(reply.text.contains("fleet_instances"), "{}", reply.text);
    Ok(())
}
