//! Policies are taken up while the server runs; wrong ones change nothing, and without any nothing
//! starts.

use std::path::Path;

use anyhow::Result;
use serde_json::json;
use storex_integration_tests::{House, Instance};
use storex_serve::boot_file;
use storex_tool::{Credential, Target};

use super::{domain, member, rows};
use crate::callers::{call, code, least, listed, where_nobody_answers};

const NOTHING: &str = "@id(\"nothing\") forbid (principal, action, resource);\n";

async fn assert_everywhere(house: &House, expected: &str) {
    for row in rows().filter(|row| row.spec.target != Target::Fleet) {
        let outcome = call(house, Credential::Local, row.spec.name, least(row, "shop")).await;
        let expected = where_nobody_answers(row, expected);
        assert_eq!(code(&outcome), expected, "{}", row.spec.name);
    }
}

#[tokio::test]
async fn changed_policies_are_in_force_at_the_next_look() -> Result<()> {
    let mut house = House::over(&[Instance::nowhere("shop")])?;
    let path = house.folder().join("policies/policies.cedar");
    let before = std::fs::read_to_string(&path)?;
    assert_everywhere(&house, "unreachable").await;
    std::fs::write(&path, NOTHING)?;
    assert_everywhere(&house, "unreachable").await;
    house.look();
    assert_everywhere(&house, "unknown_tool").await;
    assert!(listed(&house, &Credential::Local).await.is_empty());
    std::fs::write(&path, &before)?;
    house.look();
    assert_everywhere(&house, "unreachable").await;
    Ok(())
}

#[tokio::test]
async fn policies_half_written_are_passed_over() -> Result<()> {
    let mut house = House::over(&[Instance::nowhere("shop").with_fact("regulatory_domain", "us")])?;
    // The team owns the instance and is not cleared for its domain: only a forbid stands between.
    assert_everywhere(&house, "unknown_tool").await;
    let path = house.folder().join("policies/policies.cedar");
    let whole = std::fs::read_to_string(&path)?;
    let permits = whole
        .split("@id(\"domain-isolation\")")
        .next()
        .unwrap_or_default();
    std::fs::write(&path, permits)?;
    house.glance();
    assert_everywhere(&house, "unknown_tool").await;
    std::fs::write(&path, &whole)?;
    house.glance();
    house.glance();
    assert_everywhere(&house, "unknown_tool").await;
    // That it is the forbid which keeps them out shows when the half stays.
    std::fs::write(&path, permits)?;
    house.look();
    assert_everywhere(&house, "unreachable").await;
    Ok(())
}

#[tokio::test]
async fn taking_a_team_out_of_a_domain_takes_its_tools_away() -> Result<()> {
    let mut house = House::over(&[Instance::nowhere("shop")])?;
    house.set_entities(&json!([
        domain("eu", &[], &[], &[]),
        member("Team", "checkout", &[])
    ]))?;
    assert_everywhere(&house, "unknown_tool").await;
    house.set_entities(&json!([
        domain("eu", &["checkout"], &[], &["checkout"]),
        member("Team", "checkout", &[])
    ]))?;
    assert_everywhere(&house, "unreachable").await;
    Ok(())
}

#[tokio::test]
async fn wrong_policies_leave_those_before_in_force() -> Result<()> {
    let mut house = House::over(&[Instance::nowhere("shop")])?;
    let path = house.folder().join("policies/policies.cedar");
    let before = std::fs::read_to_string(&path)?;
    for wrong in [
        "permit (principal, action, resource)".to_owned(),
        format!(
            "{before}\n@id(\"typo\") permit (principal, action == Action::\"innodb_lock_wait\", resource);"
        ),
        format!(
            "{before}\n@id(\"attribute\") permit (principal, action, resource) when {{ resource.owners }};"
        ),
        "\u{0}".to_owned(),
    ] {
        std::fs::write(&path, &wrong)?;
        house.look();
        house.look();
        assert_everywhere(&house, "unreachable").await;
    }
    std::fs::remove_file(&path)?;
    house.look();
    assert_everywhere(&house, "unreachable").await;
    std::fs::write(&path, NOTHING)?;
    house.look();
    assert_everywhere(&house, "unknown_tool").await;
    Ok(())
}

#[tokio::test]
async fn an_instance_taken_out_of_the_inventory_is_as_if_it_had_never_been() -> Result<()> {
    let mut house = House::over(&[Instance::nowhere("shop"), Instance::nowhere("other")])?;
    let path = house.folder().join("inventory.toml");
    let text = std::fs::read_to_string(&path)?;
    let without = text.replace("name = \"shop\"", "name = \"renamed\"");
    std::fs::write(&path, &without)?;
    house.look();
    for row in rows().filter(|row| row.spec.target != Target::Fleet) {
        let gone = call(&house, Credential::Local, row.spec.name, least(row, "shop")).await?;
        let never = call(&house, Credential::Local, row.spec.name, least(row, "nope")).await?;
        assert_eq!(gone, never);
        let renamed = call(
            &house,
            Credential::Local,
            row.spec.name,
            least(row, "renamed"),
        )
        .await;
        assert_eq!(code(&renamed), where_nobody_answers(row, "unreachable"));
    }
    std::fs::write(&path, "[[instance]]\nname = \"BROKEN\"\n")?;
    house.look();
    let kept = call(&house, Credential::Local, "fleet_instances", json!({})).await?;
    assert_eq!(kept.structured["matching"], 2, "{}", kept.text);
    Ok(())
}

#[tokio::test]
async fn each_domain_starts_alone_under_the_policies_every_installation_starts_from() -> Result<()>
{
    for domain in storex::DOMAINS {
        let house = House::of(&[Instance::nowhere("shop")], "", &[*domain])?;
        let shown = listed(&house, &Credential::Local).await;
        let own: Vec<&str> = domain.tools.iter().map(|row| row.spec.name).collect();
        assert_eq!(shown, own, "{} alone", domain.name);
    }
    Ok(())
}

/// Why a house does not start once its folder was damaged.
fn refusal(damage: impl Fn(&Path) -> std::io::Result<()>) -> Result<String> {
    let house = House::over(&[Instance::nowhere("shop")])?;
    // The audit log has one writer: the damaged copy gets one of its own.
    let copy = tempfile::tempdir()?;
    let from = house.folder();
    std::fs::create_dir_all(copy.path().join("policies/entities"))?;
    for file in [
        "storex.toml",
        "inventory.toml",
        "policies/policies.cedar",
        "policies/entities/start.json",
    ] {
        std::fs::copy(from.join(file), copy.path().join(file))?;
    }
    let config = copy.path().join("storex.toml");
    boot_file(&config, "storex", storex::DOMAINS).map(drop)?;
    damage(copy.path())?;
    match boot_file(&config, "storex", storex::DOMAINS) {
        Ok(_) => anyhow::bail!("it starts all the same"),
        Err(error) => Ok(format!("{error:#}")),
    }
}

#[test]
fn without_policies_nothing_starts() -> Result<()> {
    let gone = refusal(|folder| std::fs::remove_dir_all(folder.join("policies")))?;
    assert!(gone.contains("policies.cedar"), "{gone}");
    let no_policy = refusal(|folder| std::fs::remove_file(folder.join("policies/policies.cedar")))?;
    assert!(no_policy.contains("policies.cedar"), "{no_policy}");
    let empty =
        refusal(|folder| std::fs::write(folder.join("policies/policies.cedar"), "// nothing\n"))?;
    assert!(empty.contains("polic"), "{empty}");
    let wrong =
        refusal(|folder| std::fs::write(folder.join("policies/policies.cedar"), "permit;"))?;
    assert!(
        wrong.contains("policies.cedar:1") || wrong.contains("line 1"),
        "{wrong}"
    );
    Ok(())
}

#[test]
fn without_an_inventory_or_an_audit_log_nothing_starts() -> Result<()> {
    let gone = refusal(|folder| std::fs::remove_file(folder.join("inventory.toml")))?;
    assert!(gone.contains("inventory"), "{gone}");
    let no_log = refusal(|folder| {
        std::fs::remove_dir_all(folder.join("audit"))?;
        std::fs::write(folder.join("audit"), "a file where the folder should be")
    })?;
    assert!(no_log.contains("audit"), "{no_log}");
    let broken = refusal(|folder| {
        for file in std::fs::read_dir(folder.join("audit"))? {
            let path = file?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
            {
                std::fs::write(path, "{\"seq\":7}\n")?;
            }
        }
        Ok(())
    });
    // An empty log has no file to break yet; one that has must be refused.
    if let Ok(text) = broken {
        assert!(text.contains("audit"), "{text}");
    }
    Ok(())
}
