use storex_sources::{Flavour, Server, Vendor, Version};
use storex_tool::Confidence;

use super::*;
use crate::config::changes::ChangeRow;
use crate::config::settings::{SettingRow, SourceRow, SystemVariableRow};

/// Two samples as they were captured before and during an incident.
#[derive(Deserialize)]
struct Captured {
    before: Vec<DigestRow>,
    after: Vec<DigestRow>,
}

fn captured(text: &str) -> Samples {
    let captured: Captured = serde_json::from_str(text).unwrap();
    Samples {
        before: Some(captured.before),
        after: Some(captured.after),
    }
}

fn mysql_incident() -> Samples {
    captured(include_str!(
        "../../../fixtures/config/plan_switch_mysql97.json"
    ))
}

fn mariadb_incident() -> Samples {
    captured(include_str!(
        "../../../fixtures/config/plan_switch_mariadb1011.json"
    ))
}

fn server(flavour: Flavour, version: &str) -> Server {
    Server {
        flavour,
        vendor: Vendor::Community,
        version: Version::parse(version).unwrap(),
        performance_schema: true,
        read_only: false,
    }
}

/// `optimizer_switch` set while the server ran.
fn mysql(switch: &str, at: &str) -> Settings {
    let value = SettingRow {
        variable_name: "optimizer_switch".into(),
        value: Some(switch.into()),
    };
    let source = SourceRow {
        variable_name: "optimizer_switch".into(),
        variable_source: "DYNAMIC".into(),
        variable_path: None,
        set_time: Some(at.into()),
        set_user: Some("root".into()),
        set_host: Some("localhost".into()),
    };
    Settings::of_mysql(
        &server(Flavour::MySql, "9.7.4"),
        vec![value],
        Some(vec![source]),
        Vec::new(),
    )
}

fn mysql_default() -> String {
    let (_, setting) = crate::config::catalog::find("optimizer_switch").unwrap();
    setting
        .default_on(&server(Flavour::MySql, "9.7.4"))
        .unwrap()
        .to_owned()
}

fn index_merge_off(at: &str) -> Settings {
    mysql(
        &mysql_default().replace("index_merge=on", "index_merge=off"),
        at,
    )
}

fn set_at(at: &str) -> GlobalChanges {
    GlobalChanges::of(&[ChangeRow {
        digest_text: Some("SET GLOBAL `optimizer_switch` = ?".into()),
        last_seen: Some(at.into()),
    }])
}

fn found(settings: &Settings, changes: &GlobalChanges, samples: &Samples) -> Vec<Finding> {
    let (switched, alone) = findings(settings, changes, samples);
    switched.into_iter().chain(alone).collect()
}

const CHANGED_AT: &str = "2026-11-23 07:22:44.230669";

#[test]
fn the_switched_statement_is_named_with_setting_author_and_time() {
    let found = found(
        &index_merge_off(CHANGED_AT),
        &set_at(CHANGED_AT),
        &mysql_incident(),
    );
    assert_eq!(found.len(), 1);
    let finding = &found[0];
    assert_eq!(
        (finding.id, finding.confidence),
        ("plan_switch", Confidence::Likely)
    );
    for part in [
        "optimizer_switch has index_merge=off",
        "by root@localhost at 2026-11-23 07:22:44 UTC",
        "lost at a restart",
        "FROM `order_items` WHERE `order_id` = ? OR `product_id` = ?",
        "before about 83",
    ] {
        assert!(
            finding.statement.contains(part),
            "{part} is not in {}",
            finding.statement
        );
    }
    assert!(
        finding.remedy[0]
            .step
            .contains("optimizer_switch = 'index_merge=on'")
    );
}

#[test]
fn mariadb_tells_the_statement_and_the_time() {
    let server = server(Flavour::MariaDb, "10.11.18");
    let default = include_str!("../../../fixtures/config/mariadb1011_defaults.tsv")
        .lines()
        .find_map(|line| line.strip_prefix("optimizer_switch\t"))
        .unwrap();
    let value = SettingRow {
        variable_name: "OPTIMIZER_SWITCH".into(),
        value: Some(default.replace("index_merge=on", "index_merge=off")),
    };
    let told = SystemVariableRow {
        variable_name: "optimizer_switch".into(),
        origin: "SQL".into(),
        default_value: Some(default.into()),
        path: None,
    };
    let settings = Settings::of_mariadb(&server, vec![value], vec![told]);
    let found = found(
        &settings,
        &set_at("2026-11-23 07:22:44"),
        &mariadb_incident(),
    );
    assert_eq!(
        (found[0].id, found[0].confidence),
        ("plan_switch", Confidence::Likely)
    );
    assert!(
        found[0]
            .statement
            .contains("while the server ran at 2026-11-23 07:22:44 UTC")
    );
    assert!(found[0].statement.contains("`order_items`"));
}

#[test]
fn healthy_statements_do_not_suffer() {
    for healthy in [
        include_str!("../../../fixtures/config/hot_row_mysql97.json"),
        include_str!("../../../fixtures/config/hot_row_mariadb1011.json"),
    ] {
        assert_eq!(sufferers(&captured(healthy)), []);
    }
    for incident in [mysql_incident(), mariadb_incident()] {
        assert_eq!(
            sufferers(&incident).len(),
            1,
            "only the one that was switched"
        );
    }
}

#[test]
fn settings_as_by_default_make_no_finding_whatever_statements_do() {
    let settings = mysql(&mysql_default(), CHANGED_AT);
    assert!(found(&settings, &set_at(CHANGED_AT), &mysql_incident()).is_empty());
}

#[test]
fn without_a_sufferer_the_setting_alone_is_told_as_possible() {
    let found = found(
        &index_merge_off(CHANGED_AT),
        &set_at(CHANGED_AT),
        &Samples::default(),
    );
    assert_eq!(
        (found[0].id, found[0].confidence),
        ("optimizer_setting_changed", Confidence::Possible)
    );
    assert!(found[0].statement.contains("could not be read"));
}

#[test]
fn a_flag_that_cannot_affect_the_statement_is_not_blamed() {
    let switch = mysql_default().replace("derived_merge=on", "derived_merge=off");
    let found = found(
        &mysql(&switch, CHANGED_AT),
        &set_at(CHANGED_AT),
        &mysql_incident(),
    );
    assert_eq!(found[0].id, "optimizer_setting_changed");
}

#[test]
fn a_statement_younger_than_the_change_is_not_likely_its_victim() {
    let long_ago = "2026-11-20 00:00:00.000000";
    let found = found(
        &index_merge_off(long_ago),
        &set_at(long_ago),
        &mysql_incident(),
    );
    assert_eq!(found[0].confidence, Confidence::Possible);
}

#[test]
fn one_sample_and_counters_that_went_backwards_claim_little() {
    let incident = mysql_incident();
    let (before, after) = (incident.before.unwrap(), incident.after.unwrap());
    let one = Samples {
        before: Some(after.clone()),
        after: None,
    };
    let found = found(&index_merge_off(CHANGED_AT), &set_at(CHANGED_AT), &one);
    assert_eq!(
        (found[0].id, found[0].confidence),
        ("plan_switch", Confidence::Possible)
    );
    let backwards = Samples {
        before: Some(after),
        after: Some(before),
    };
    assert_eq!(sufferers(&backwards), []);
}
