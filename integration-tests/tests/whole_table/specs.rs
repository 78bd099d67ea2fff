//! Every declaration keeps to what policies, limits and clients rely on.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value, json};
use storex_tool::{Effect, Target};

use super::{rows, specs};

#[test]
fn the_table_is_not_empty() {
    assert!(
        specs().count() >= 3,
        "the other tests of this module would prove nothing"
    );
}

#[test]
fn every_name_is_its_domain_and_what_it_tells_and_is_unique() {
    let mut seen = BTreeSet::new();
    for (domain, row) in rows() {
        let spec = row.spec;
        for name in std::iter::once(&spec.name).chain(spec.aliases) {
            let plain = name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            assert!(
                plain && !name.ends_with('_') && !name.contains("__"),
                "{name} is not snake_case"
            );
            assert!(name.len() <= 40, "{name} is longer than clients show");
            assert!(seen.insert(*name), "{name} is there twice");
        }
        let what = spec
            .name
            .strip_prefix(domain.name)
            .and_then(|rest| rest.strip_prefix('_'));
        assert!(
            what.is_some_and(|what| !what.is_empty()),
            "{} is not of {}",
            spec.name,
            domain.name
        );
    }
}

#[test]
fn every_description_is_a_few_whole_sentences() {
    for spec in specs() {
        let text = spec.description;
        assert!(
            (60..=900).contains(&text.len()),
            "{}: {} bytes",
            spec.name,
            text.len()
        );
        assert!(text.ends_with('.'), "{}: {text}", spec.name);
        assert!(
            !text.contains('\n') && !text.contains("  "),
            "{}: {text}",
            spec.name
        );
        assert!(
            !spec.title.is_empty() && !spec.title.ends_with('.'),
            "{}",
            spec.name
        );
    }
}

#[test]
fn nothing_mutates_and_everything_is_bounded() {
    for spec in specs() {
        assert_ne!(
            spec.effect,
            Effect::Mutate,
            "{} is in a read server",
            spec.name
        );
        let bounds = Duration::from_secs(1)..=Duration::from_secs(30);
        assert!(
            bounds.contains(&spec.deadline),
            "{}: {:?}",
            spec.name,
            spec.deadline
        );
        assert!(
            spec.freshness < spec.deadline,
            "{}: {:?}",
            spec.name,
            spec.freshness
        );
        assert!(spec.row_limit >= 1, "{}", spec.name);
        assert!(spec.log_bytes <= 32 << 30, "{}", spec.name);
        for probe in spec.probes {
            assert!(
                probe.timeout <= spec.deadline,
                "{}: {}",
                spec.name,
                probe.name
            );
        }
    }
}

#[test]
fn every_tool_has_a_runbook_page() {
    for spec in specs() {
        assert!(
            spec.runbook.starts_with("# "),
            "{} has no runbook",
            spec.name
        );
        assert!(
            spec.runbook.lines().count() > 2,
            "{} has an empty runbook",
            spec.name
        );
    }
    let pages = storex::DOMAINS
        .iter()
        .flat_map(|domain| domain.runbooks)
        .map(|page| page.name);
    let mut names: Vec<&str> = specs().map(|spec| spec.name).chain(pages).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "two pages share a name");
}

#[test]
fn every_input_names_what_it_acts_on_and_refuses_the_rest() {
    for (_, row) in rows() {
        let (spec, schema) = (row.spec, row.definition().input_schema);
        let property = |name: &str| schema.get("properties").and_then(|all| all.get(name));
        assert_eq!(
            schema.get("additionalProperties"),
            Some(&json!(false)),
            "{}",
            spec.name
        );
        let required = schema
            .get("required")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let named = spec.target != Target::Fleet;
        assert_eq!(
            required.contains(&json!("instance")),
            named,
            "{}",
            spec.name
        );
        assert_eq!(property("instance").is_some(), named, "{}", spec.name);
        if named {
            assert_eq!(
                property("instance").unwrap()["type"],
                "string",
                "{}",
                spec.name
            );
        }
        let detail = property("detail").unwrap_or_else(|| panic!("{} has no detail", spec.name));
        assert_eq!(detail["enum"], json!(["concise", "full"]), "{}", spec.name);
    }
}

#[test]
fn every_output_is_an_object() {
    for (_, row) in rows() {
        let schema = row.definition().output_schema;
        assert_eq!(
            schema.get("type"),
            Some(&json!("object")),
            "{}",
            row.spec.name
        );
        assert_ne!(
            schema.get("additionalProperties"),
            Some(&json!(false)),
            "the envelope must pass"
        );
    }
}

#[test]
fn every_sensitive_argument_is_a_switch_that_is_off_by_default() {
    for (_, row) in rows() {
        let schema = row.definition().input_schema;
        for name in row.spec.sensitive_arguments {
            let property = &schema["properties"][*name];
            assert_eq!(property["type"], "boolean", "{}: {name}", row.spec.name);
            assert_ne!(property["default"], true, "{}: {name}", row.spec.name);
            let required = schema.get("required").and_then(Value::as_array);
            let required = required.is_some_and(|all| all.contains(&json!(name)));
            assert!(!required, "{}: {name}", row.spec.name);
        }
    }
}

/// Arguments that parse: every required one, a string.
fn least(row: &storex_tool::Row) -> Map<String, Value> {
    let schema = row.definition().input_schema;
    let required = schema
        .get("required")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    required
        .iter()
        .filter_map(Value::as_str)
        .map(|name| (name.to_owned(), json!("shop")))
        .collect()
}

#[test]
fn an_unknown_argument_is_refused_by_its_name_wherever_it_hides() {
    for (_, row) in rows() {
        row.parse(least(row))
            .unwrap_or_else(|error| panic!("{}: {error}", row.spec.name));
        for unknown in ["sql", "query", "Instance", "instance ", "__proto__", "host"] {
            let mut arguments = least(row);
            arguments.insert(unknown.to_owned(), json!("SELECT 1"));
            let error = row.parse(arguments).expect_err(unknown);
            assert!(
                error.message.contains(unknown),
                "{}: {}",
                row.spec.name,
                error.message
            );
            assert!(!error.message.contains("SELECT 1"), "{}", error.message);
        }
    }
}
