//! What a caller may not call it cannot tell from what does not exist.

use anyhow::Result;
use serde_json::json;
use storex_tool::Target;

use super::{pia, rows, two_teams};
use crate::callers::{call, code, least, listed, person, where_nobody_answers};

#[tokio::test]
async fn a_hidden_instance_is_told_from_a_missing_one_by_nothing() -> Result<()> {
    let house = two_teams()?;
    for row in rows().filter(|row| row.spec.target != Target::Fleet) {
        let name = row.spec.name;
        let own = call(&house, pia(row), name, least(row, "pay")).await;
        assert_eq!(
            code(&own),
            where_nobody_answers(row, "unreachable"),
            "{name} is not hers: the rest would prove nothing"
        );
        let missing = call(&house, pia(row), name, least(row, "nope")).await?;
        // Another team's, another domain's, and each with an argument that needs a grant of its own.
        for hidden in ["led", "far"] {
            let refused = call(&house, pia(row), name, least(row, hidden)).await?;
            assert_eq!(refused, missing, "{name} on {hidden}");
            for argument in row.spec.sensitive_arguments {
                let mut arguments = least(row, hidden);
                arguments[*argument] = json!(true);
                let refused = call(&house, pia(row), name, arguments).await?;
                let mut arguments = least(row, "nope");
                arguments[*argument] = json!(true);
                let missing = call(&house, pia(row), name, arguments).await?;
                assert_eq!(refused, missing, "{name} on {hidden} with {argument}");
            }
        }
        assert_eq!(missing.structured["error"]["code"], "not_found");
        let bytes = missing.structured.to_string();
        assert!(!bytes.contains("led") && !bytes.contains("nope"), "{bytes}");
    }
    Ok(())
}

#[tokio::test]
async fn two_tools_refuse_the_same_instance_with_only_their_name_differing() -> Result<()> {
    let house = two_teams()?;
    let mut told = Vec::new();
    for row in rows().filter(|row| row.spec.target != Target::Fleet) {
        for instance in ["led", "nope"] {
            let reply = call(&house, pia(row), row.spec.name, least(row, instance)).await?;
            let structured = reply.structured.to_string().replace(row.spec.name, "TOOL");
            told.push((structured, reply.text.replace(row.spec.name, "TOOL")));
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
    Ok(())
}

#[tokio::test]
async fn a_caller_with_nothing_is_shown_nothing_and_told_nothing() -> Result<()> {
    let house = two_teams()?;
    let eve = person("eve", &["marketing"]);
    assert_eq!(listed(&house, &eve).await, ["fleet_instances"]);
    let reply = call(&house, eve.clone(), "fleet_instances", json!({})).await?;
    assert_eq!(reply.structured["instances"], json!([]), "{}", reply.text);
    for row in rows().filter(|row| row.spec.target != Target::Fleet) {
        let refused = call(&house, eve.clone(), row.spec.name, least(row, "pay"))
            .await
            .unwrap_err();
        let unknown = call(&house, eve.clone(), "no_such_tool", least(row, "pay"))
            .await
            .unwrap_err();
        let told = refused.to_string().replace(row.spec.name, "no_such_tool");
        assert_eq!(told, unknown.to_string());
        // Nor do arguments that cannot be parsed tell that the tool exists.
        let wrong = call(&house, eve.clone(), row.spec.name, json!({ "x": 1 })).await;
        assert_eq!(code(&wrong), "unknown_tool");
    }
    Ok(())
}

#[tokio::test]
async fn the_fleet_shows_each_caller_its_own_and_searching_finds_no_other() -> Result<()> {
    let house = two_teams()?;
    for (who, own) in [
        (person("pia", &["payments"]), vec!["pay"]),
        (person("leo", &["ledger"]), vec!["led"]),
        (person("dan", &["dba"]), vec!["led", "pay"]),
    ] {
        for arguments in [
            json!({}),
            json!({ "detail": "full", "limit": 500 }),
            json!({ "search": "" }),
        ] {
            let reply = call(&house, who.clone(), "fleet_instances", arguments).await?;
            let names = reply.structured["instances"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let names: Vec<&str> = names
                .iter()
                .filter_map(|one| one["name"].as_str())
                .collect();
            assert_eq!(names, own);
            assert_eq!(reply.structured["matching"], own.len());
        }
        let hidden = call(
            &house,
            who.clone(),
            "fleet_instances",
            json!({ "search": "far" }),
        )
        .await?;
        let missing = call(&house, who, "fleet_instances", json!({ "search": "nix" })).await?;
        let told = |reply: &storex_tool::Reply| {
            let mut structured = reply.structured.clone();
            structured["as_of"] = json!("now");
            structured
        };
        assert_eq!(told(&hidden), told(&missing));
    }
    Ok(())
}
