//! Reading the definition of one table, and saying what to do where it is not there.

use serde::de::DeserializeOwned;
use storex_sources::{Probe, Value};
use storex_tool::{Call, Code, ToolError, Untrusted};

use super::bound::both;
use crate::probes::schema;
use crate::schema::column::Column;
use crate::schema::index::{Index, indexes};
use crate::schema::name::{TableName, near};
use crate::schema::rows::{IndexRow, NameRow, TableRow};

/// What lets an account see a definition.
const GRANT: &str = "GRANT REFERENCES ON *.* shows definitions to an account, and no rows";
/// Names offered instead of one that is not there.
const OFFERED: usize = 5;

/// The rows of a probe; `None` where it did not answer.
pub(super) async fn read<T: DeserializeOwned>(
    call: &Call,
    probe: &'static Probe,
    params: &[Value],
) -> Result<Option<Vec<T>>, ToolError> {
    let sample = call.want_with(probe, params).await?;
    Ok(sample.map(|sample| sample.rows))
}

/// The first row of a probe that has one at most.
pub(super) async fn read_one<T: DeserializeOwned>(
    call: &Call,
    probe: &'static Probe,
    params: &[Value],
) -> Result<Option<T>, ToolError> {
    let rows = read(call, probe, params).await?;
    Ok(rows.and_then(|rows| rows.into_iter().next()))
}

/// The table, and the names by which the server knows it.
pub(super) async fn table(
    call: &Call,
    name: TableName,
) -> Result<(TableName, TableRow, jiff::Timestamp), ToolError> {
    let sample = call
        .want_with::<TableRow>(&schema::TABLE, &both(&name))
        .await?
        .ok_or_else(|| {
            ToolError::new(
                Code::Unavailable,
                "the definition of the table could not be read; `storex doctor` says what the account lacks",
            )
        })?;
    let Some(row) = sample.rows.into_iter().next() else {
        return Err(not_there(call, &name).await?);
    };
    if row.table_type.contains("VIEW") {
        return Err(ToolError::bad_input(format!(
            "{} is a view: ask for the tables it reads",
            name.shown()
        )));
    }
    let name = TableName {
        schema: row.table_schema.clone(),
        table: row.table_name.clone(),
    };
    Ok((name, row, sample.read_at))
}

/// Its columns, in their order.
pub(super) async fn columns(
    call: &Call,
    name: &TableName,
) -> Result<Option<Vec<Column>>, ToolError> {
    read(call, &schema::COLUMNS, &both(name)).await
}

/// Its indexes, the primary key first.
pub(super) async fn indexes_of(
    call: &Call,
    name: &TableName,
) -> Result<Option<Vec<Index>>, ToolError> {
    let rows: Option<Vec<IndexRow>> = read(call, &schema::INDEXES, &both(name)).await?;
    Ok(rows.map(|rows| indexes(&rows)))
}

async fn not_there(call: &Call, name: &TableName) -> Result<ToolError, ToolError> {
    let names: Vec<NameRow> = read(call, &schema::NAMES, &[name.schema.as_str().into()])
        .await?
        .unwrap_or_default();
    if names.is_empty() {
        return Ok(no_schema(&name.schema));
    }
    let schema = Untrusted::name(&name.schema);
    let offered = near(
        &name.table,
        names.iter().map(|row| row.name.as_str()),
        OFFERED,
    );
    let offered: Vec<String> = offered
        .into_iter()
        .map(|name| Untrusted::name(name).to_string())
        .collect();
    let meant = if offered.is_empty() {
        String::new()
    } else {
        format!("; near it: {}", offered.join(", "))
    };
    let message = format!(
        "there is no table {} (of {} seen in {schema}), or this account has no privilege on it{meant}; {GRANT}",
        name.shown(),
        names.len()
    );
    Ok(ToolError::new(Code::NotFound, message))
}

fn no_schema(schema: &str) -> ToolError {
    let schema = Untrusted::name(schema);
    let message =
        format!("there is no schema {schema}, or this account has no privilege on it; {GRANT}");
    ToolError::new(Code::NotFound, message)
}

/// Refuses a schema of which nothing is seen.
pub(super) async fn known_schema(call: &Call, schema: &str) -> Result<(), ToolError> {
    let names: Option<Vec<NameRow>> = read(call, &schema::NAMES, &[schema.into()]).await?;
    match names {
        Some(names) if names.is_empty() => Err(no_schema(schema)),
        _ => Ok(()),
    }
}
