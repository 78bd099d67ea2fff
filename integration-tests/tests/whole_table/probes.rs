//! Every probe is one bounded read that says what it needs.

use std::collections::BTreeMap;
use std::time::Duration;

use storex_sources::Probe;

use super::probes;

/// The statement without comments and string literals, its words in upper case.
fn words(sql: &str) -> String {
    storex_tool::without_literals(sql).to_uppercase()
}

#[test]
fn every_probe_has_a_name_of_its_own() {
    let mut by_name: BTreeMap<&str, &Probe> = BTreeMap::new();
    for probe in probes() {
        let known = by_name.insert(probe.name, probe);
        assert!(
            known.is_none(),
            "two probes are named {}: snapshots would mix them",
            probe.name
        );
        let plain = probe
            .name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        assert!(plain && !probe.name.is_empty(), "{}", probe.name);
    }
    assert!(
        by_name.len() > 5,
        "the other tests of this module would prove nothing"
    );
}

#[test]
fn every_statement_is_one_statement_that_can_only_read() {
    for probe in probes() {
        assert!(!probe.statements.is_empty(), "{}", probe.name);
        for statement in probe.statements {
            let (raw, text) = (statement.sql, words(statement.sql));
            assert!(!raw.contains(';'), "{}: {raw}", probe.name);
            // A comment MySQL executes (`/*!50000 ... */`) would hide from every check here.
            assert!(
                !raw.contains("/*") && !raw.contains("--") && !raw.contains('#'),
                "{}",
                probe.name
            );
            let first = text.split_whitespace().next().unwrap_or_default();
            assert!(
                ["SELECT", "SHOW", "WITH"].contains(&first),
                "{}: {raw}",
                probe.name
            );
            for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                let writes = [
                    "INTO",
                    "OUTFILE",
                    "DUMPFILE",
                    "LOAD_FILE",
                    "INSERT",
                    "UPDATE",
                    "DELETE",
                    "REPLACE",
                    "CALL",
                    "SET",
                    "GET_LOCK",
                    "SLEEP",
                    "BENCHMARK",
                    "LOCK",
                    "KILL",
                    "FLUSH",
                    "HANDLER",
                    "DO",
                    "GRANT",
                    "INSTALL",
                    "ANALYZE",
                    "OPTIMIZE",
                    "CREATE",
                    "DROP",
                    "ALTER",
                ];
                assert!(!writes.contains(&word), "{} says {word}", probe.name);
            }
            assert!(!text.contains(":="), "{}", probe.name);
        }
    }
}

#[test]
fn every_statement_asks_for_one_row_more_than_is_kept() {
    for probe in probes() {
        assert!(probe.row_limit >= 1, "{}", probe.name);
        for statement in probe.statements {
            let text = statement.sql.trim_end();
            if words(text).starts_with("SHOW") {
                continue;
            }
            let last = text.lines().last().unwrap_or_default().trim();
            let expected = format!("LIMIT {}", probe.row_limit + 1);
            assert_eq!(last, expected, "{}: a cut could not be told", probe.name);
        }
    }
}

#[test]
fn every_probe_names_the_grants_of_what_it_reads() {
    for probe in probes() {
        for statement in probe.statements {
            let text = words(statement.sql);
            let grants = probe.needs.grants;
            let has = |wanted: &str| grants.iter().any(|grant| grant.contains(wanted));
            if text.contains("PERFORMANCE_SCHEMA.") {
                assert!(
                    has("performance_schema"),
                    "{} reads performance_schema",
                    probe.name
                );
                assert!(
                    probe.needs.performance_schema,
                    "{} is empty when it is off",
                    probe.name
                );
            }
            let process = [
                "INFORMATION_SCHEMA.INNODB_",
                "INFORMATION_SCHEMA.PROCESSLIST",
                "ENGINE INNODB",
            ];
            if process.iter().any(|table| text.contains(table)) {
                assert!(has("PROCESS"), "{} reads what PROCESS guards", probe.name);
            }
            if !grants.is_empty() {
                assert!(
                    !probe.needs.remedy.is_empty(),
                    "{} has no remedy",
                    probe.name
                );
            }
        }
    }
}

#[test]
fn every_probe_ends_by_itself() {
    for probe in probes() {
        let bounds = Duration::from_millis(100)..=Duration::from_secs(10);
        assert!(
            bounds.contains(&probe.timeout),
            "{}: {:?}",
            probe.name,
            probe.timeout
        );
    }
}

#[test]
fn of_two_statements_that_fit_the_newer_is_met_first() {
    for probe in probes() {
        for (index, earlier) in probe.statements.iter().enumerate() {
            for later in probe.statements.iter().skip(index + 1) {
                let shadowed = earlier.flavour == later.flavour && earlier.since <= later.since;
                assert!(
                    !shadowed,
                    "{}: the statement since {:?} is never used",
                    probe.name, later.since
                );
            }
        }
    }
}
