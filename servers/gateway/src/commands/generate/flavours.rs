//! The table of `docs/flavours.md`: which statement serves which flavour and version, what it needs,
//! and what to do where it is missing. Pure.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use storex_sources::{Flavour, Needs, Probe, Version};
use storex_tool::Domain;

use super::super::doctor::probes;

/// Schemas that statements of ours read.
const SCHEMAS: [&str; 4] = ["information_schema", "performance_schema", "mysql", "sys"];
/// What ends the words that name what a `SHOW` statement shows.
const CLAUSES: [&str; 3] = ["WHERE", "LIKE", "LIMIT"];

/// One row for each probe of these domains.
pub(super) fn table(domains: &[&Domain]) -> String {
    let mut out = String::from(
        "| probe | tools | MySQL from: reads | MariaDB from: reads | needs | where it is missing |\n\
         |---|---|---|---|---|---|\n",
    );
    let rows = || domains.iter().flat_map(|domain| domain.tools);
    for probe in probes(rows().flat_map(|row| row.spec.probes.iter().copied())) {
        let reading = rows().filter(|row| {
            let mut read = row.spec.probes.iter();
            read.any(|one| one.name == probe.name)
        });
        let tools: Vec<String> = reading.map(|row| format!("`{}`", row.spec.name)).collect();
        // Writing to a string does not fail.
        let _infallible = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {} |",
            probe.name,
            tools.join(", "),
            served(probe, Flavour::MySql),
            served(probe, Flavour::MariaDb),
            needs(&probe.needs),
            or_dash(probe.needs.remedy)
        );
    }
    out
}

/// The statements that serve a flavour, oldest version first.
fn served(probe: &Probe, flavour: Flavour) -> String {
    let statements = probe.statements.iter().rev();
    let of_flavour = statements.filter(|one| one.flavour == flavour);
    let told: Vec<String> = of_flavour
        .map(|one| format!("{}: {}", short(one.since), reads(one.sql)))
        .collect();
    or_dash(&told.join("; ")).to_owned()
}

/// `8.0` for its first release.
fn short(version: Version) -> String {
    match version.patch {
        0 => format!("{}.{}", version.major, version.minor),
        _ => version.to_string(),
    }
}

/// The tables a statement reads, or what it shows.
fn reads(sql: &str) -> String {
    let words: Vec<&str> = sql.split_whitespace().collect();
    if let ["SHOW", ..] = words.as_slice() {
        let clause = |word: &&str| CLAUSES.contains(word);
        let named = words.split(clause).next().unwrap_or_default();
        return format!("`{}`", named.join(" "));
    }
    let tables: BTreeSet<String> = words.iter().filter_map(|word| table_named(word)).collect();
    if tables.is_empty() {
        return "system variables".to_owned();
    }
    Vec::from_iter(tables).join(", ")
}

/// `performance_schema.threads` of `(performance_schema.threads)`.
fn table_named(word: &str) -> Option<String> {
    let name = word
        .trim_matches(|c: char| !c.is_alphanumeric() && c != '_')
        .to_lowercase();
    let (schema, table) = name.split_once('.')?;
    let plain = table.chars().all(|c| c.is_alphanumeric() || c == '_');
    (SCHEMAS.contains(&schema) && plain).then(|| format!("`{name}`"))
}

fn needs(needs: &Needs) -> String {
    let mut told: Vec<String> = needs
        .grants
        .iter()
        .map(|grant| format!("`{grant}`"))
        .collect();
    if needs.performance_schema {
        told.push("`performance_schema=ON`".to_owned());
    }
    or_dash(&told.join(", ")).to_owned()
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_statement_reads_is_told_by_its_tables_or_by_what_it_shows() {
        let sql = "SELECT t.a FROM performance_schema.threads t\n  JOIN (SELECT 1 FROM \
                   information_schema.INNODB_TRX) x WHERE t.b = 1.5 LIMIT 11";
        let expected = "`information_schema.innodb_trx`, `performance_schema.threads`";
        assert_eq!(reads(sql), expected);
        let sql = "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Innodb%'";
        assert_eq!(reads(sql), "`SHOW GLOBAL STATUS`");
        assert_eq!(reads("SELECT @@version"), "system variables");
    }

    #[test]
    fn every_probe_has_a_row_of_six_cells() {
        let table = table(crate::DOMAINS);
        assert!(table.lines().count() > 5, "{table}");
        for line in table.lines().filter(|line| !line.starts_with("|-")) {
            assert_eq!(line.matches(" | ").count(), 5, "{line}");
        }
        let read_by = "| `innodb_trx` | `innodb_lock_waits`, `innodb_transactions`";
        assert!(table.contains(read_by), "{table}");
    }
}
