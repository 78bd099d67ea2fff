//! The values the probes of a table are bound to: the same when it is asked for and when it is recorded.

use storex_sources::{Flavour, Probe, Value};

use crate::probes::schema;
use crate::schema::name::{TableName, file_name};

/// What most probes of a table are bound to.
pub(super) fn both(name: &TableName) -> [Value; 2] {
    [name.schema.as_str().into(), name.table.as_str().into()]
}

/// A schema, twice: once to see whether it is named at all.
pub(super) fn twice(schema: &str) -> [Value; 2] {
    [schema.into(), schema.into()]
}

/// Statements seen so many seconds ago at most are read first: every text is looked at, which takes some
/// dozen milliseconds where the server keeps its ten thousand.
pub(super) const DAY_S: u64 = 86_400;
/// The second sample needs those only that ran since the first.
pub(super) const WINDOW_S: u64 = 30;

/// An age, the schema twice, and the table: statements are found by where they were run or by what they say.
pub(super) fn statements(name: &TableName, seen_s: u64) -> [Value; 4] {
    let [schema, table] = both(name);
    [seen_s.into(), schema.clone(), schema, table]
}

/// Foreign keys are joined from two tables, each of which wants the names.
pub(super) fn foreign_keys(name: &TableName) -> [Value; 4] {
    let [schema, table] = both(name);
    [schema.clone(), table.clone(), schema, table]
}

/// A schema as the server's lists of InnoDB's tables spell it; `None` where only the server knows.
pub(super) fn spelled(flavour: Flavour, name: &str) -> Option<String> {
    match flavour {
        Flavour::MySql => Some(name.to_owned()),
        Flavour::MariaDb => file_name(name),
    }
}

/// MariaDB is asked for InnoDB's dictionary.
pub(super) fn referencing(flavour: Flavour, name: &TableName) -> Option<[Value; 2]> {
    let (schema, table) = (
        spelled(flavour, &name.schema)?,
        spelled(flavour, &name.table)?,
    );
    Some([schema.as_str().into(), table.as_str().into()])
}

/// What comes between a table's name and that of its partition.
fn mark(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::MySql => "#p#",
        Flavour::MariaDb => "#P#",
    }
}

fn with_partitions(flavour: Flavour, name: &str) -> [Value; 3] {
    let parts = format!("{name}{}", mark(flavour));
    [name.into(), parts.as_str().into(), parts.as_str().into()]
}

/// The rows of a table and of its partitions in InnoDB's persistent statistics.
pub(super) fn persistent(flavour: Flavour, name: &TableName) -> [Value; 4] {
    let [table, parts, again] = with_partitions(flavour, &name.table);
    [name.schema.as_str().into(), table, parts, again]
}

/// The same among the tables in InnoDB's dictionary.
pub(super) fn modified(flavour: Flavour, name: &TableName) -> Option<[Value; 3]> {
    let name = name.in_dictionary()?;
    Some(with_partitions(flavour, &name))
}

/// The same among tablespaces, which MySQL lists by plain names.
pub(super) fn files(flavour: Flavour, name: &TableName) -> Option<[Value; 3]> {
    let (schema, table) = (
        spelled(flavour, &name.schema)?,
        spelled(flavour, &name.table)?,
    );
    Some(with_partitions(flavour, &format!("{schema}/{table}")))
}

/// What a recording has to hold so that this tool answers from it: the overview, and the tables given as
/// `schema.table`. `None` where one names no schema.
pub fn recorded_reads(
    flavour: Flavour,
    tables: &[String],
) -> Option<Vec<(&'static Probe, Vec<Value>)>> {
    let mut reads: Vec<(&'static Probe, Vec<Value>)> = [
        &schema::LARGEST,
        &schema::NO_PRIMARY,
        &schema::HIDDEN_CLUSTERED,
        &schema::UNUSED,
        &schema::AUTO_INCREMENT,
    ]
    .into_iter()
    .map(|probe| (probe, twice("").to_vec()))
    .collect();
    for table in tables {
        let name = TableName::of(None, table)?;
        reads.push((&schema::NAMES, vec![name.schema.as_str().into()]));
        for probe in [
            &schema::TABLE,
            &schema::COLUMNS,
            &schema::INDEXES,
            &schema::INDEX_USAGE,
            &schema::PARTITIONS,
            &schema::TRIGGERS,
            &schema::HISTOGRAMS,
            &schema::ENGINE_INDEPENDENT,
        ] {
            reads.push((probe, both(&name).to_vec()));
        }
        for seen_s in [DAY_S, WINDOW_S] {
            reads.push((&schema::STATEMENTS, statements(&name, seen_s).to_vec()));
        }
        reads.push((&schema::FOREIGN_KEYS, foreign_keys(&name).to_vec()));
        for probe in [&schema::PERSISTENT, &schema::INDEX_PAGES] {
            reads.push((probe, persistent(flavour, &name).to_vec()));
        }
        let dictionary = [
            (
                &schema::REFERENCING,
                referencing(flavour, &name).map(|two| two.to_vec()),
            ),
            (
                &schema::MODIFIED,
                modified(flavour, &name).map(|all| all.to_vec()),
            ),
            (
                &schema::FILES,
                files(flavour, &name).map(|all| all.to_vec()),
            ),
        ];
        let known = |(probe, values): (&'static Probe, Option<Vec<Value>>)| Some((probe, values?));
        reads.extend(dictionary.into_iter().filter_map(known));
    }
    // Two tables of one schema ask for its names once.
    let mut unique: Vec<(&'static Probe, Vec<Value>)> = Vec::new();
    for read in reads {
        let same =
            |other: &(&'static Probe, Vec<Value>)| other.0.name == read.0.name && other.1 == read.1;
        if !unique.iter().any(same) {
            unique.push(read);
        }
    }
    Some(unique)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_probe_that_takes_values_is_recorded_with_as_many() {
        let tables = ["shop.orders".to_owned(), "shop.lines".to_owned()];
        for flavour in [Flavour::MySql, Flavour::MariaDb] {
            let reads = recorded_reads(flavour, &tables).unwrap();
            for (probe, values) in &reads {
                for statement in probe.statements {
                    let pieces = statement.sql.split('\'').step_by(2);
                    let marks: usize = pieces.map(|text| text.matches('?').count()).sum();
                    assert_eq!(marks, values.len(), "{}", probe.name);
                }
            }
            let names = reads.iter().filter(|read| read.0.name == "schema_names");
            assert_eq!(names.count(), 1);
        }
        assert!(recorded_reads(Flavour::MySql, &["orders".to_owned()]).is_none());
    }
}
