//! No tool is reachable without the stack: take any layer's consent away and nothing arrives at the
//! database.

use anyhow::Result;
use serde_json::{Value, json};
use storex_integration_tests::House;
use storex_tool::{Credential, Row, Target};

use super::rows;
use crate::black_hole::BlackHole;
use crate::callers::{call, code, least, person, reads_metrics_only};

/// Every tool, and the arguments that name the instance behind which nobody answers.
fn table() -> impl Iterator<Item = (&'static Row, Value)> {
    rows().map(|(_, row)| (row, least(row, "hole")))
}

#[tokio::test]
async fn with_every_consent_each_tool_of_an_instance_arrives_there() -> Result<()> {
    for (row, arguments) in table() {
        let hole = BlackHole::open().await?;
        let house = House::over(&[hole.instance("hole")])?;
        let outcome = call(&house, Credential::Local, row.spec.name, arguments).await;
        match row.spec.target {
            // What reads metrics only leaves the database alone, which may be what is sick.
            _ if reads_metrics_only(row) => {
                assert_eq!(code(&outcome), "ok", "{}", row.spec.name);
                assert_eq!(hole.visits(), 0, "{} visits a database", row.spec.name);
            }
            Target::Instance | Target::InstanceAnd(_) => {
                assert_eq!(code(&outcome), "unreachable", "{}", row.spec.name);
                assert!(
                    hole.visits() > 0,
                    "{}: what the other tests look for is never there",
                    row.spec.name
                );
            }
            Target::Fleet => assert_eq!(code(&outcome), "ok", "{}", row.spec.name),
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_tool_nobody_granted_is_refused_like_one_that_does_not_exist() -> Result<()> {
    let hole = BlackHole::open().await?;
    let house = House::over(&[hole.instance("hole")])?;
    let policies = house.folder().join("policies/policies.cedar");
    std::fs::write(
        &policies,
        "@id(\"nothing\") forbid (principal, action, resource);\n",
    )?;
    let mut house = house;
    house.look();
    assert_eq!(house.list_as(&Credential::Local).await.len(), 0);
    let unknown = call(&house, Credential::Local, "innodb_no_such_tool", json!({}))
        .await
        .unwrap_err();
    for (row, arguments) in table() {
        let name = row.spec.name;
        let refused = call(&house, Credential::Local, name, arguments)
            .await
            .unwrap_err();
        let told = refused.to_string().replace(name, "innodb_no_such_tool");
        assert_eq!(told, unknown.to_string());
    }
    assert_eq!(hole.visits(), 0, "something was read for nobody");
    Ok(())
}

#[tokio::test]
async fn nobody_and_strangers_reach_nothing() -> Result<()> {
    let hole = BlackHole::open().await?;
    let house = House::over(&[hole.instance("hole")])?;
    for (row, arguments) in table() {
        let nobody = call(
            &house,
            Credential::Missing,
            row.spec.name,
            arguments.clone(),
        )
        .await;
        assert_eq!(code(&nobody), "denied", "{}", row.spec.name);
        let stranger = call(
            &house,
            person("eve", &["marketing"]),
            row.spec.name,
            arguments,
        )
        .await;
        if row.spec.target != Target::Fleet {
            assert_eq!(code(&stranger), "unknown_tool", "{}", row.spec.name);
        }
    }
    assert!(house.list_as(&Credential::Missing).await.is_empty());
    assert_eq!(hole.visits(), 0);
    Ok(())
}

#[tokio::test]
async fn what_does_not_parse_or_resolve_reaches_nothing() -> Result<()> {
    let hole = BlackHole::open().await?;
    let house = House::over(&[hole.instance("hole")])?;
    for (row, mut arguments) in table() {
        arguments["sql"] = json!("SELECT 1");
        let outcome = call(&house, Credential::Local, row.spec.name, arguments).await;
        assert_eq!(code(&outcome), "bad_input", "{}", row.spec.name);
        if row.spec.target != Target::Fleet {
            for elsewhere in [
                "hole2",
                "",
                "HOLE",
                "hole ",
                "../hole",
                "127.0.0.1:3306",
                "hole\0",
            ] {
                let arguments = least(row, elsewhere);
                let outcome = call(&house, Credential::Local, row.spec.name, arguments).await;
                assert_eq!(
                    code(&outcome),
                    "not_found",
                    "{}: {elsewhere:?}",
                    row.spec.name
                );
            }
        }
    }
    assert_eq!(hole.visits(), 0);
    Ok(())
}

#[tokio::test]
async fn without_an_audit_record_nothing_runs_and_with_one_again_it_does() -> Result<()> {
    let hole = BlackHole::open().await?;
    // Every record wants a file of its own, and there is no folder to put it in.
    let house = House::build(&[hole.instance("hole")], "rotate_bytes = 1\n")?;
    let first = call(&house, Credential::Local, "fleet_instances", json!({})).await;
    assert_eq!(code(&first), "ok");
    let folder = house.folder().join("audit");
    let aside = house.folder().join("audit-aside");
    std::fs::rename(&folder, &aside)?;
    for (row, arguments) in table() {
        let outcome = call(&house, Credential::Local, row.spec.name, arguments).await;
        assert_eq!(code(&outcome), "not_audited", "{}", row.spec.name);
        let reply = outcome?;
        assert!(reply.text.contains("audit log"), "{}", reply.text);
        assert!(
            !reply.text.contains(&*house.folder().to_string_lossy()),
            "{}",
            reply.text
        );
    }
    assert_eq!(
        hole.visits(),
        0,
        "something ran that nobody can account for"
    );
    std::fs::rename(&aside, &folder)?;
    let again = call(&house, Credential::Local, "fleet_instances", json!({})).await;
    assert_eq!(code(&again), "ok");
    Ok(())
}

#[tokio::test]
async fn a_caller_who_is_too_fast_reaches_nothing() -> Result<()> {
    for (row, arguments) in table() {
        let hole = BlackHole::open().await?;
        let more = "[limits]\nburst_per_principal = 1\ncalls_per_principal_per_s = 1\n";
        let house = House::build(&[hole.instance("hole")], more)?;
        let first = call(&house, Credential::Local, "fleet_instances", json!({})).await;
        assert_eq!(code(&first), "ok");
        let outcome = call(&house, Credential::Local, row.spec.name, arguments).await;
        assert_eq!(code(&outcome), "busy", "{}", row.spec.name);
        let body = outcome?.structured.clone();
        assert!(
            body["error"]["retry_after_ms"]
                .as_u64()
                .is_some_and(|ms| ms <= 1_000),
            "{body}"
        );
        assert_eq!(hole.visits(), 0, "{}", row.spec.name);
    }
    Ok(())
}
