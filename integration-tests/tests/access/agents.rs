//! Agents may do what both they and their user may; sensitive arguments need a grant of their own.

use anyhow::Result;
use serde_json::json;
use storex_tool::{Credential, Effect, Row, Target};

use super::{rows, two_teams};
use crate::callers::{agent, call, code, least, listed, person, where_nobody_answers};

#[tokio::test]
async fn an_agent_may_do_what_both_it_and_its_user_may() -> Result<()> {
    let house = two_teams()?;
    for (who, instance, expected) in [
        // The user may; the agent is registered and cleared.
        (agent("helper", "pia", &["payments"]), "pay", "unreachable"),
        // The user may not.
        (agent("helper", "pia", &["payments"]), "led", "not_found"),
        // The user may; the agent is nobody's.
        (agent("rogue", "pia", &["payments"]), "pay", "unknown_tool"),
        // An agent does not become its user by taking a user's name.
        (agent("pia", "pia", &["payments"]), "pay", "unknown_tool"),
        // Nor a member by teams the token claims: those are the user's.
        (
            agent("rogue", "pia", &["payments", "agents"]),
            "pay",
            "unknown_tool",
        ),
        (agent("helper", "eve", &[]), "pay", "unknown_tool"),
    ] {
        for row in rows().filter(|row| reads_an_instance(row)) {
            let outcome = call(&house, who.clone(), row.spec.name, least(row, instance)).await;
            assert_eq!(
                code(&outcome),
                where_nobody_answers(row, expected),
                "{}: {who:?} on {instance}",
                row.spec.name
            );
        }
    }
    let (alone, user) = (
        agent("rogue", "pia", &["payments"]),
        person("pia", &["payments"]),
    );
    assert!(listed(&house, &user).await.len() > listed(&house, &alone).await.len());
    Ok(())
}

fn reads_an_instance(row: &Row) -> bool {
    row.spec.target != Target::Fleet && row.spec.effect == Effect::Read
}

#[tokio::test]
async fn a_sensitive_tool_needs_the_grant_of_the_user_and_of_the_agent() -> Result<()> {
    let house = two_teams()?;
    let sensitive = || rows().filter(|row| row.spec.effect == Effect::Sensitive);
    assert!(sensitive().next().is_some(), "nothing would be proved");
    for (who, expected) in [
        (person("pia", &["payments"]), "unknown_tool"),
        (person("pia", &["payments", "pii"]), "unreachable"),
        (agent("helper", "pia", &["payments", "pii"]), "unknown_tool"),
        (
            agent("careful-helper", "pia", &["payments"]),
            "unknown_tool",
        ),
        (
            agent("careful-helper", "pia", &["payments", "pii"]),
            "unreachable",
        ),
    ] {
        let shown = listed(&house, &who).await;
        for row in sensitive() {
            let name = row.spec.name;
            let outcome = call(&house, who.clone(), name, least(row, "pay")).await;
            assert_eq!(code(&outcome), expected, "{name}: {who:?}");
            assert_eq!(
                shown.contains(&name),
                expected != "unknown_tool",
                "{name}: {who:?}"
            );
        }
    }
    Ok(())
}

/// Calls every tool that has one with its sensitive argument, and compares the code.
async fn assert_sensitive(who: &Credential, expected: &str) -> Result<()> {
    let house = two_teams()?;
    let mut tried = 0;
    for row in rows() {
        for argument in row.spec.sensitive_arguments {
            let mut arguments = least(row, "pay");
            arguments["detail"] = json!("full");
            let without = call(&house, who.clone(), row.spec.name, arguments.clone()).await;
            assert_eq!(code(&without), "unreachable", "{}", row.spec.name);
            arguments[*argument] = json!(false);
            let off = call(&house, who.clone(), row.spec.name, arguments.clone()).await;
            assert_eq!(code(&off), "unreachable", "{}", row.spec.name);
            arguments[*argument] = json!(true);
            let on = call(&house, who.clone(), row.spec.name, arguments).await;
            assert_eq!(code(&on), expected, "{}: {argument}", row.spec.name);
            if expected == "denied" {
                let text = &on?.text;
                assert!(
                    text.contains("argument level") && text.contains("policy explain"),
                    "{text}"
                );
            }
            tried += 1;
        }
    }
    assert!(tried > 0, "no tool has a sensitive argument");
    Ok(())
}

#[tokio::test]
async fn literals_are_denied_without_a_grant_and_the_refusal_says_so() -> Result<()> {
    assert_sensitive(&person("pia", &["payments"]), "denied").await
}

#[tokio::test]
async fn literals_are_shown_with_a_grant() -> Result<()> {
    assert_sensitive(&person("pia", &["payments", "pii"]), "unreachable").await
}

#[tokio::test]
async fn an_agent_needs_the_grant_for_literals_too() -> Result<()> {
    // Its user has it, the agent does not; both have it; the agent has it, its user does not.
    assert_sensitive(&agent("helper", "pia", &["payments", "pii"]), "denied").await?;
    assert_sensitive(
        &agent("careful-helper", "pia", &["payments", "pii"]),
        "unreachable",
    )
    .await?;
    assert_sensitive(&agent("careful-helper", "pia", &["payments"]), "denied").await
}
