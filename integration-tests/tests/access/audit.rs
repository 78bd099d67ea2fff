//! Every call that gets past its arguments leaves a record, allowed or not, and none of its values.

use anyhow::Result;
use serde_json::{Value, json};
use storex_integration_tests::House;
use storex_tool::Credential;

use super::two_teams;
use crate::callers::{agent, call, code, person};

/// The records of a kind.
fn records(house: &House, kind: &str) -> Result<Vec<Value>> {
    let text = house.audit_text()?;
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(lines.filter(|line| line["kind"] == kind).collect())
}

#[tokio::test]
async fn allowed_and_denied_calls_are_recorded_with_who_what_and_why() -> Result<()> {
    let house = two_teams()?;
    let pia = person("pia", &["payments"]);
    let helper = agent("helper", "pia", &["payments"]);
    let tool = "innodb_lock_waits";
    for (who, arguments, expected) in [
        (pia.clone(), json!({ "instance": "pay" }), "unreachable"),
        (pia.clone(), json!({ "instance": "led" }), "not_found"),
        (
            pia.clone(),
            json!({ "instance": "no-such-place" }),
            "not_found",
        ),
        (
            pia,
            json!({ "instance": "pay", "literals": true }),
            "denied",
        ),
        (helper, json!({ "instance": "pay" }), "unreachable"),
    ] {
        assert_eq!(code(&call(&house, who, tool, arguments).await), expected);
    }
    let begun = records(&house, "begin")?;
    let of = |field: &str| {
        begun
            .iter()
            .map(|line| line[field].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("decision"), ["allow", "deny", "deny", "deny", "allow"]);
    assert_eq!(of("instance"), ["pay", "led", "unknown", "pay", "pay"]);
    assert_eq!(of("principal"), ["pia", "pia", "pia", "pia", "helper"]);
    assert_eq!(begun[4]["on_behalf_of"], "pia");
    assert_eq!(begun[3]["arguments"], json!(["instance", "literals"]));
    assert!(
        begun[3]["policies"]
            .to_string()
            .contains("sensitive-needs-grant"),
        "{}",
        begun[3]
    );
    assert!(of("tool").iter().all(|name| name == tool));
    let outcomes: Vec<Value> = records(&house, "end")?
        .iter()
        .map(|line| line["outcome"].clone())
        .collect();
    assert_eq!(
        outcomes,
        ["unreachable", "denied", "denied", "denied", "unreachable"]
    );
    Ok(())
}

#[tokio::test]
async fn no_value_a_caller_sends_is_recorded() -> Result<()> {
    let house = two_teams()?;
    let canary = "canary-4f1c9e";
    let dan = person("dan", &["dba"]);
    for (tool, arguments) in [
        (
            "fleet_instances",
            json!({ "search": canary, "team": canary, "region": canary }),
        ),
        ("innodb_lock_waits", json!({ "instance": canary })),
        (
            "innodb_lock_waits",
            json!({ "instance": "pay", "limit": canary }),
        ),
        ("innodb_lock_waits", json!({ "instance": "pay", canary: 1 })),
        (canary, json!({ "instance": "pay" })),
    ] {
        let _outcome = call(&house, dan.clone(), tool, arguments).await;
    }
    let text = house.audit_text()?;
    assert!(text.contains("fleet_instances"), "nothing is recorded");
    assert!(!text.contains(canary), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_call_given_up_is_recorded_as_cancelled() -> Result<()> {
    let hole = crate::black_hole::BlackHole::open().await?;
    let house = House::over(&[hole.instance("hole")])?;
    let waiting = call(
        &house,
        Credential::Local,
        "innodb_lock_waits",
        json!({ "instance": "hole" }),
    );
    let given_up = tokio::time::timeout(std::time::Duration::from_millis(300), waiting).await;
    assert!(given_up.is_err(), "it answered before it could be given up");
    let ends = records(&house, "end")?;
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0]["outcome"], "cancelled");
    Ok(())
}
