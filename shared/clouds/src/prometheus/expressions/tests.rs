//! The table against the language and the vocabulary.

use std::collections::BTreeSet;

use storex_sources::{SIGNALS, signal};

use super::*;
use crate::prometheus::settings::Selectors;

/// No exporter tells them.
const UNTOLD: &[&str] = &["commit_latency_s"];

fn instance(host: Option<&str>) -> Instance {
    Instance::new(&Selectors {
        database: r#"instance="db1:9104""#.to_owned(),
        host: host.map(str::to_owned),
    })
    .unwrap()
}

#[test]
fn every_signal_is_spelt_once_or_known_to_be_told_by_nobody() {
    let spelt: BTreeSet<&str> = TABLE.iter().map(|row| row.signal).collect();
    assert_eq!(spelt.len(), TABLE.len());
    for signal in SIGNALS {
        let is_untold = UNTOLD.contains(&signal.name);
        assert!(spelt.contains(signal.name) != is_untold, "{}", signal.name);
    }
    for name in spelt {
        assert!(signal(name).is_some(), "{name} is no signal");
    }
}

#[test]
fn every_expression_parses_and_keeps_to_the_instance() {
    let instance = instance(Some(r#"instance="db1:9100""#));
    for row in TABLE {
        let sent = row
            .sent(&instance, 60)
            .unwrap_or_else(|| panic!("{}", row.signal));
        assert!(parser::parse(&sent).is_ok(), "{sent}");
        assert!(!sent.contains("$w"), "{sent}");
        assert_eq!(
            sent.matches("db1:9104").count(),
            sent.matches("mysql_").count(),
            "{sent}"
        );
        assert_eq!(
            sent.matches("db1:9100").count(),
            sent.matches("node_").count(),
            "{sent}"
        );
    }
}

#[test]
fn a_hosts_signal_is_not_asked_for_where_nobody_said_which_series_are_the_hosts() {
    let cpu = spelling(signal("cpu_util").unwrap()).unwrap();
    assert_eq!(cpu.sent(&instance(None), 60), None);
}

#[test]
fn a_raw_series_is_known_as_the_signal_it_is() {
    let labels = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        owned.collect()
    };
    let commands = "mysql_global_status_commands_total";
    assert_eq!(
        signal_of(commands, &labels(&[("command", "select")])),
        Some("selects_per_s")
    );
    assert_eq!(signal_of(commands, &labels(&[("command", "flush")])), None);
    assert_eq!(
        signal_of("mysql_global_status_queries", &labels(&[])),
        Some("qps")
    );
}

/// The table of the documentation.
fn documented() -> String {
    let mut table = String::from("| signal | unit | meaning | expression |\n|---|---|---|---|\n");
    for (signal, text) in spellings() {
        let text = text.map_or_else(
            || "not told by an exporter".to_owned(),
            |text| format!("`{}`", text.replace('|', "\\|")),
        );
        let unit = signal.unit.as_str();
        let (name, meaning) = (signal.name, signal.meaning);
        let _infallible = writeln!(table, "| `{name}` | {unit} | {meaning} | {text} |");
    }
    table
}

#[test]
fn the_documentation_shows_every_expression() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/metrics.md");
    let page = std::fs::read_to_string(page).unwrap();
    let table = documented();
    assert!(
        page.contains(&table),
        "docs/metrics.md should hold\n{table}"
    );
}
