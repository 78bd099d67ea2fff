//! Keeps `docs/inventory.md` true.

use std::path::Path;

use crate::{Inventory, InventoryError, Readers, endpoint, entry, logs, metrics, parse, values};

const PAGE: &str = include_str!("../../../../docs/inventory.md");

fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    let starts = PAGE.match_indices(fence.as_str());
    let block = |(at, fence): (usize, &str)| PAGE[at + fence.len()..].split("```").next().unwrap();
    starts.map(block).collect()
}

#[test]
fn every_example_is_an_inventory() {
    let examples = blocks("toml");
    assert!(!examples.is_empty());
    for example in examples {
        let parsed = Inventory::parse(example, Path::new("/etc/storex"), Readers::Group);
        parsed.unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{example}"));
    }
}

#[test]
fn the_page_has_a_row_for_every_field_and_no_other() {
    let mut fields: Vec<&str> = [
        parse::TEAM,
        entry::UNSHARED,
        entry::SHARED,
        endpoint::UNSHARED,
        endpoint::SHARED,
        logs::UNSHARED,
        logs::SHARED,
        logs::AWS,
        logs::AZURE,
        logs::GOOGLE,
        metrics::UNSHARED,
        metrics::SHARED,
        metrics::PROMETHEUS,
        metrics::AWS,
        metrics::AZURE,
        metrics::GOOGLE,
    ]
    .concat();
    // Tables of their own.
    let tables = [
        "mysql",
        "logs",
        "metrics",
        "prometheus",
        "aws",
        "azure",
        "google",
    ];
    fields.retain(|field| !tables.contains(field));
    let mut rows: Vec<&str> = PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|row| row.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect();
    fields.sort_unstable();
    rows.sort_unstable();
    assert_eq!(rows, fields);
}

#[test]
fn the_page_names_every_choice_and_limit() {
    let choices = values::CLOUDS
        .iter()
        .chain(values::TLS.iter().map(|(name, _)| name))
        .chain(logs::STORES.iter().map(|(name, _)| name))
        .chain(logs::ROUTES.iter().map(|(name, _)| name));
    for choice in choices {
        assert!(PAGE.contains(&format!("`{choice}`")), "{choice}");
    }
    let limits = format!(
        "1 to {}, {} unless said",
        endpoint::MOST_CONNECTIONS,
        endpoint::DEFAULT_CONNECTIONS
    );
    assert!(PAGE.contains(&limits), "{limits}");
    assert!(PAGE.contains(logs::ENDPOINT));
}

#[test]
fn the_mistakes_shown_are_told_in_these_words() {
    let broken = include_str!("../../fixtures/broken.toml");
    let mistakes = Inventory::parse(broken, Path::new(""), Readers::Group).unwrap_err();
    let path = "/etc/storex/inventory.toml".into();
    let told = InventoryError::Wrong { path, mistakes }.to_string();
    let shown = blocks("text").concat();
    assert!(!shown.is_empty());
    for line in shown.lines() {
        assert!(told.lines().any(|told| told == line), "{line}");
    }
}
