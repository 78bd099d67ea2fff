//! One table, judged and shown.

use storex_tool::{Answer, Call, Finding, ToolError, Untrusted};

use super::definition::{columns, indexes_of};
use super::gathered::{Gathered, gather};
use super::shown::{CounterShown, Data, IndexShown, StatementShown, StatisticsShown, Table};
use crate::schema::auto_increment::{self, Room};
use crate::schema::column::charset_mix;
use crate::schema::foreign_key::{mismatch, without_index};
use crate::schema::index::{Index, PRIMARY};
use crate::schema::name::TableName;
use crate::schema::redundant::{self, Redundant, redundant};
use crate::schema::statement::{self, Judged};
use crate::schema::statistics::{self, Statistics};
use crate::schema::{engine, primary_key, usage};
use crate::sessions::show_statement;

/// Other tables looked at for the other end of foreign keys.
const OTHER_TABLES: usize = 5;
/// An index whose values each stand for a tenth of the rows or more finds little.
const FEW_VALUES: u64 = 10;
const ROWS_TO_CHOOSE_FROM: u64 = 10_000;

/// Reads, judges and shows a table.
pub(super) async fn answer(
    call: &Call,
    name: TableName,
    full: bool,
) -> Result<Answer<Data>, ToolError> {
    let gathered = gather(call, name).await?;
    let needed: Vec<&[String]> = gathered
        .keys
        .iter()
        .chain(&gathered.referencing)
        .map(|key| key.columns.as_slice())
        .collect();
    let redundant = redundant(&gathered.indexes, &needed);
    let mut findings = findings(&gathered, &redundant);
    findings.extend(other_ends(call, &gathered).await?);
    findings.sort_by_key(|finding| finding.severity);
    let headline = findings
        .first()
        .map_or_else(|| quiet(&gathered), |finding| finding.statement.clone());
    let data = shown(&gathered, &redundant, full);
    let (kept, all) = (data.columns.len(), gathered.columns.len());
    Ok(Answer::new(headline, findings, data).cut("columns", kept, all))
}

fn findings(of: &Gathered, redundant: &[Redundant<'_>]) -> Vec<Finding> {
    let Gathered {
        name,
        flavour,
        columns,
        indexes,
        ..
    } = of;
    let bytes = |index: &str| of.index_bytes.get(index).copied();
    let judged = Judged {
        flavour: *flavour,
        table: name,
        columns,
        indexes,
        rows: of.rows(),
    };
    let mut findings: Vec<Finding> = Vec::new();
    findings.extend(statement::without_index(judged, &of.works, &of.changes));
    let room = of.room.as_ref();
    findings.extend(room.and_then(|room| auto_increment::finding(name, room, of.increment)));
    findings.extend(engine::not_innodb(name, of.row.engine.as_deref()));
    // A generated one may be hidden from the definition; where it is counted, it is there.
    let counts_one = of
        .usage
        .as_ref()
        .is_some_and(|usage| usage.fetches(PRIMARY).is_some());
    if of.row.is_innodb() && !of.row.is_sequence() && !counts_one {
        findings.extend(primary_key::missing(name, *flavour, indexes, of.rows()));
    }
    if let Some(statistics) = &of.statistics {
        // Of a partitioned table the server tells the distinct values of one partition.
        let indexes = if of.partitions.is_some() {
            &[]
        } else {
            indexes.as_slice()
        };
        findings.extend(statistics::findings(name, statistics, indexes));
    }
    for key in &of.keys {
        findings.extend(without_index(name, &key.columns, &key.name, indexes));
    }
    findings.extend(redundant::finding(name, *flavour, redundant, &bytes));
    if let Some(used) = &of.usage {
        findings.extend(usage::unused(
            name, *flavour, indexes, used, &of.keys, &bytes,
        ));
    }
    findings.extend(primary_key::wide(name, indexes, columns, of.rows()));
    findings.extend(charset_mix(name, columns));
    findings
}

/// What can only be judged with the table at the other end of a foreign key, for a few of them.
async fn other_ends(call: &Call, of: &Gathered) -> Result<Vec<Finding>, ToolError> {
    let mut findings = Vec::new();
    for key in of.keys.iter().take(OTHER_TABLES) {
        let Some(parent) = columns(call, &key.other).await? else {
            break;
        };
        findings.extend(mismatch(&of.name, key, &of.columns, &parent));
    }
    for key in of.referencing.iter().take(OTHER_TABLES) {
        let Some(indexes) = indexes_of(call, &key.other).await? else {
            break;
        };
        // No index at all is a table this account does not see.
        if !indexes.is_empty() {
            findings.extend(without_index(
                &key.other,
                &key.other_columns,
                &key.name,
                &indexes,
            ));
        }
    }
    Ok(findings)
}

fn quiet(of: &Gathered) -> String {
    let mib = |bytes: Option<u64>| bytes.unwrap_or_default() as f64 / 1_048_576.0;
    let secondary = of
        .indexes
        .iter()
        .filter(|index| !index.is_primary())
        .count();
    format!(
        "{}: about {} rows, {:.1} MiB of data and {:.1} MiB in {secondary} secondary indexes; nothing to \
         complain of in what was read",
        of.name.shown(),
        of.rows(),
        mib(of.row.data_bytes),
        mib(of.row.index_bytes)
    )
}

fn shown(of: &Gathered, redundant: &[Redundant<'_>], full: bool) -> Data {
    let most = |concise: usize, all: usize| if full { all } else { concise };
    let lines = |keys: &[crate::schema::foreign_key::ForeignKey], arrow| {
        keys.iter()
            .take(most(8, 50))
            .map(|key| key.shown(arrow))
            .collect()
    };
    let statements = of.works.iter().take(most(0, 10));
    Data {
        table: Some(table(of)),
        columns: of
            .columns
            .iter()
            .take(most(30, 300))
            .map(|column| column.shown(of.row.collation.as_deref()))
            .collect(),
        indexes: of
            .indexes
            .iter()
            .map(|index| index_shown(index, of, redundant))
            .collect(),
        foreign_keys: lines(&of.keys, "->"),
        referenced_by: lines(&of.referencing, "<-"),
        triggers: of
            .triggers
            .iter()
            .map(|row| {
                let (name, timing) = (Untrusted::name(&row.name), Untrusted::name(&row.timing));
                format!("{name} {timing} {}", Untrusted::name(&row.event))
            })
            .collect(),
        statements: statements
            .map(|work| StatementShown {
                statement: show_statement(&work.text, false, 200),
                calls: work.calls,
                examined_per_call: work.examined_per_call,
                returned_per_call: work.returned_per_call,
                over_s: (work.over_s * 10.0).round() / 10.0,
            })
            .collect(),
        ..Data::default()
    }
}

fn table(of: &Gathered) -> Table {
    let row = &of.row;
    let name = |text: &Option<String>| text.as_deref().map(Untrusted::name);
    Table {
        name: of.name.shown(),
        engine: name(&row.engine),
        row_format: name(&row.row_format),
        options: row.storage_options().join(" "),
        collation: name(&row.collation),
        rows_estimate: row.rows_estimate,
        data_bytes: row.data_bytes,
        index_bytes: row.index_bytes,
        free_bytes: row.free_bytes,
        file_bytes: of.files.as_ref().and_then(|files| files.file_bytes),
        defined_age_s: row.created_age_s,
        last_change: of
            .changes
            .first()
            .map(|change| show_statement(&change.text, false, 120)),
        partitions: of.partitions.as_ref().map(|row| {
            let kind: Vec<String> = [&row.method, &row.submethod]
                .into_iter()
                .flatten()
                .map(|text| Untrusted::name(text).to_string())
                .collect();
            format!(
                "{} by {}, {} empty, the largest {} bytes",
                row.partitions,
                kind.join(" and "),
                row.empty_partitions.unwrap_or_default(),
                row.largest_bytes.unwrap_or_default()
            )
        }),
        counted_s: of.usage.as_ref().and_then(|usage| usage.counted_s),
        statistics: of
            .statistics
            .as_ref()
            .map(|statistics| statistics_shown(statistics, of.histograms)),
        auto_increment: of.room.as_ref().map(counter),
    }
}

fn statistics_shown(statistics: &Statistics, histograms: Option<u64>) -> StatisticsShown {
    StatisticsShown {
        kind: match (statistics.persistent, statistics.recalculated) {
            (true, true) => "persistent",
            (true, false) => "persistent, not taken again by itself",
            (false, _) => "transient",
        },
        age_s: statistics.age_s,
        rows: statistics.row_count,
        changed_since: statistics.changed(),
        histograms,
        engine_independent_rows: statistics.engine_independent_rows,
    }
}

fn counter(room: &Room) -> CounterShown {
    CounterShown {
        column: Untrusted::name(&room.column),
        next: room.next,
        max: room.max,
        used_ratio: (room.used_ratio * 1e4).round() / 1e4,
        days_left: room.days_left.map(|days| (days * 10.0).round() / 10.0),
        pace: room.pace,
    }
}

fn index_shown(index: &Index, of: &Gathered, redundant: &[Redundant<'_>]) -> IndexShown {
    let clustered = primary_key::clustered(&of.indexes);
    let distinct = index.parts.last().and_then(|part| part.cardinality);
    let few =
        distinct.is_some_and(|distinct| distinct <= FEW_VALUES && of.rows() >= ROWS_TO_CHOOSE_FROM);
    let used = of.usage.as_ref();
    let is = [
        (
            "clustered",
            clustered.is_some_and(|own| own.name == index.name),
        ),
        ("unique", index.unique && !index.is_primary()),
        ("invisible", !index.visible),
        ("fulltext", index.kind == "FULLTEXT"),
        ("spatial", index.kind == "SPATIAL"),
        (
            "redundant",
            redundant.iter().any(|each| each.index.name == index.name),
        ),
        ("unused", used.is_some_and(|usage| usage.is_unused(index))),
        ("few values", few && index.ordered),
    ];
    IndexShown {
        name: Untrusted::name(&index.name),
        on: index.shown(),
        is: is
            .into_iter()
            .filter_map(|(word, holds)| holds.then_some(word))
            .collect::<Vec<_>>()
            .join(", "),
        size_bytes: of.index_bytes.get(&index.name).copied(),
        distinct,
        reads: used.and_then(|usage| usage.fetches(&index.name)),
        reads_per_s: used.and_then(|usage| usage.per_s(&index.name)),
    }
}
