//! Which tables of a server, or of one schema, to look at.

use serde_json::json;
use storex_sources::Flavour;
use storex_tool::{Answer, Call, Confidence, Finding, Severity, ToolError, Untrusted};

use super::bound::{self, twice};
use super::definition::{columns, indexes_of, known_schema, read, read_one};
use super::gathered::MOST_TO_LOAD;
use super::shown::{Data, TableLine, UnusedShown};
use crate::probes::{GLOBAL_STATUS, schema};
use crate::schema::auto_increment::{self, Pace, room};
use crate::schema::name::{TableName, from_file_name};
use crate::schema::redundant::redundant;
use crate::schema::rows::{AnyTableRow, CounterRow, LargestRow, ScaleRow, UnusedRow};
use crate::variables::{VariableRow, Variables};

/// The tables whose indexes are looked at: each is one more read.
const LOOKED_INTO: usize = 10;
/// Tables named in a finding.
const NAMED: usize = 5;
/// The data dictionary lists so many tables in some milliseconds.
const MOST_TO_LIST: u64 = 20_000;

/// A line and the table it is of.
struct Looked {
    name: TableName,
    line: TableLine,
}

/// The overview of a schema, or of all.
pub(super) async fn answer(
    call: &Call,
    instance: &str,
    schema: &str,
    limit: usize,
) -> Result<Answer<Data>, ToolError> {
    let flavour = call.server().await?.flavour;
    let scale: Option<ScaleRow> = read_one(call, &schema::SCALE, &[]).await?;
    let tables = scale.map_or(u64::MAX, |scale| scale.tables);
    let Some(spelled) = bound::spelled(flavour, schema) else {
        return Err(ToolError::bad_input(
            "argument `schema`: MariaDB's dictionary spells the letters of this name by codes of its own; \
             ask for one table, or without `schema`",
        ));
    };
    let (lines, seen) = largest(call, flavour, &spelled, tables, limit).await?;
    if seen == 0 && !schema.is_empty() {
        known_schema(call, schema).await?;
    }
    let without = no_primary_key(call, flavour, &spelled).await?;
    let unused = unused(call, schema).await?;
    let mut findings = counters(call, flavour, &spelled, tables).await?;
    findings.extend(without_key(&without, instance));
    findings.extend(with_redundant(&lines, instance));
    findings.sort_by_key(|finding| finding.severity);
    let headline = findings.first().map_or_else(
        || quiet(schema, &lines),
        |finding| finding.statement.clone(),
    );
    let data = Data {
        tables: lines.into_iter().map(|looked| looked.line).collect(),
        no_primary_key: without.iter().take(limit).map(TableName::shown).collect(),
        unused_indexes: unused,
        ..Data::default()
    };
    Ok(Answer::new(headline, findings, data).cut("tables", limit.min(seen), seen))
}

fn quiet(schema: &str, lines: &[Looked]) -> String {
    let place = if schema.is_empty() {
        "this server".to_owned()
    } else {
        format!("schema {}", Untrusted::name(schema))
    };
    let largest = lines.first().map_or_else(
        || "no InnoDB table is seen".to_owned(),
        |looked| {
            let TableLine {
                name, file_bytes, ..
            } = &looked.line;
            format!("the largest table is {name} ({file_bytes} bytes)")
        },
    );
    format!("nothing to complain of in the tables of {place}; {largest}")
}

/// The largest tables, the first of them with their indexes, and how many were seen at most.
async fn largest(
    call: &Call,
    flavour: Flavour,
    schema: &str,
    tables: u64,
    limit: usize,
) -> Result<(Vec<Looked>, usize), ToolError> {
    if tables > MOST_TO_LIST {
        call.missing(
            "the largest tables",
            format!("not read with more than {MOST_TO_LIST} tables"),
            "ask for one table",
        );
        return Ok((Vec::new(), 0));
    }
    let prefix = if schema.is_empty() {
        String::new()
    } else {
        format!("{schema}/")
    };
    let rows: Vec<LargestRow> = read(call, &schema::LARGEST, &twice(&prefix))
        .await?
        .unwrap_or_default();
    let mut lines = Vec::new();
    let mut can_look = true;
    for row in rows.iter().take(limit) {
        let name = file_of(&row.name, flavour);
        let indexes = if can_look && lines.len() < LOOKED_INTO {
            indexes_of(call, &name).await?
        } else {
            None
        };
        can_look = indexes.is_some();
        let indexes = indexes.filter(|indexes| !indexes.is_empty());
        let line = TableLine {
            name: shown(&row.name, &name),
            file_bytes: row.file_bytes,
            secondary_indexes: indexes
                .as_ref()
                .map(|all| all.iter().filter(|index| !index.is_primary()).count()),
            redundant: indexes
                .iter()
                .flat_map(|all| redundant(all, &[]))
                .map(|each| Untrusted::name(&each.index.name))
                .collect(),
        };
        lines.push(Looked { name, line });
    }
    Ok((lines, rows.len()))
}

/// The table a file belongs to; a partition's name is that of the table before `#p#`.
fn file_of(name: &str, flavour: Flavour) -> TableName {
    let (schema, file) = name.split_once('/').unwrap_or_default();
    let table = file
        .split_once("#p#")
        .or_else(|| file.split_once("#P#"))
        .map_or(file, |(table, _)| table);
    let read = |text: &str| match flavour {
        Flavour::MySql => text.to_owned(),
        Flavour::MariaDb => from_file_name(text),
    };
    TableName {
        schema: read(schema),
        table: read(table),
    }
}

fn shown(file: &str, table: &TableName) -> String {
    let is_part = file.contains("#p#") || file.contains("#P#");
    if is_part {
        format!("{}, a partition", table.shown())
    } else {
        table.shown()
    }
}

async fn no_primary_key(
    call: &Call,
    flavour: Flavour,
    schema: &str,
) -> Result<Vec<TableName>, ToolError> {
    let probe = match flavour {
        Flavour::MySql => &schema::NO_PRIMARY,
        Flavour::MariaDb => &schema::HIDDEN_CLUSTERED,
    };
    let rows: Option<Vec<AnyTableRow>> = read(call, probe, &twice(schema)).await?;
    let mut names: Vec<TableName> = rows
        .unwrap_or_default()
        .iter()
        .map(|row| file_of(&format!("{}/{}", row.table_schema, row.table_name), flavour))
        .collect();
    names.sort();
    names.dedup();
    Ok(names)
}

async fn unused(call: &Call, schema: &str) -> Result<Option<UnusedShown>, ToolError> {
    let row: Option<UnusedRow> = read_one(call, &schema::UNUSED, &twice(schema)).await?;
    let status: Option<Vec<VariableRow>> = read(call, &GLOBAL_STATUS, &[]).await?;
    let counted_s = Variables::of(status.unwrap_or_default()).count("uptime");
    Ok(row.map(|row| UnusedShown {
        unused: row.unused.unwrap_or_default(),
        of: row.indexes,
        counted_s,
    }))
}

/// Counters nearly used up, each judged by its own column.
async fn counters(
    call: &Call,
    flavour: Flavour,
    schema: &str,
    tables: u64,
) -> Result<Vec<Finding>, ToolError> {
    if tables > MOST_TO_LOAD {
        call.missing(
            "AUTO_INCREMENT room of all tables",
            format!("not read with more than {MOST_TO_LOAD} tables: it loads them all into the dictionary cache"),
            "ask for one table",
        );
        return Ok(Vec::new());
    }
    let rows: Option<Vec<CounterRow>> = read(call, &schema::AUTO_INCREMENT, &twice(schema)).await?;
    let mut findings: Vec<Finding> = Vec::new();
    for row in rows.unwrap_or_default().iter().take(LOOKED_INTO) {
        let name = file_of(&format!("{}/{}", row.table_schema, row.table_name), flavour);
        let Some(columns) = columns(call, &name).await? else {
            break;
        };
        let room = room(&columns, Some(row.next_auto_increment), Pace::default());
        findings.extend(room.and_then(|room| auto_increment::finding(&name, &room, 1)));
    }
    findings.truncate(NAMED);
    Ok(findings)
}

fn named(names: impl Iterator<Item = String>, all: usize) -> String {
    let names: Vec<String> = names.take(NAMED).collect();
    let more = all.saturating_sub(names.len());
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    format!("{}{more}", names.join(", "))
}

fn without_key(names: &[TableName], instance: &str) -> Option<Finding> {
    let first = names.first()?;
    let finding = Finding::new(
        "tables_without_primary_key",
        Severity::Info,
        Confidence::Certain,
        format!(
            "tables without a primary key: {} ({}); ask for one of them to see what it costs",
            names.len(),
            named(names.iter().map(TableName::shown), names.len())
        ),
    )
    .evidence(
        "tables",
        names.len(),
        "tables",
        "performance_schema.table_io_waits_summary_by_index_usage (MariaDB: INNODB_SYS_INDEXES)",
    );
    Some(ask_for(finding, instance, first))
}

fn with_redundant(lines: &[Looked], instance: &str) -> Option<Finding> {
    let tables: Vec<&Looked> = lines
        .iter()
        .filter(|looked| !looked.line.redundant.is_empty())
        .collect();
    let first = tables.first()?;
    let count: usize = tables
        .iter()
        .map(|looked| looked.line.redundant.len())
        .sum();
    let finding = Finding::new(
        "redundant_indexes",
        Severity::Info,
        Confidence::Certain,
        format!(
            "redundant indexes among those of the largest tables: {count}, in {}",
            named(
                tables.iter().map(|looked| looked.line.name.clone()),
                tables.len()
            )
        ),
    )
    .evidence("indexes", count, "indexes", "information_schema.STATISTICS");
    Some(ask_for(finding, instance, &first.name))
}

/// Names the call that looks further, where the table's name carries no text of its own: arguments cannot
/// be marked.
fn ask_for(finding: Finding, instance: &str, name: &TableName) -> Finding {
    let plain = |text: &str| Untrusted::name(text).as_str() == text;
    if !plain(&name.schema) || !plain(&name.table) {
        return finding;
    }
    finding.next(
        "innodb_schema",
        json!({ "instance": instance, "schema": name.schema, "table": name.table }),
    )
}
