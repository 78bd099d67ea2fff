//! The tables of a statement, read before it is explained: what cannot be looked through is refused.

use storex_sources::Value;
use storex_statement::TableName;
use storex_tool::{Call, ToolError, Untrusted};

use crate::explain::definition::{
    ColumnRow, Definition, IndexRow, StatisticsRow, TableRow, indexes,
};
use crate::probes::{COLUMNS, INDEXES, STATISTICS, TABLE};

/// Engines that keep their rows in the server. Others (`FEDERATED`, `SPIDER`, `CONNECT`, `S3`, ...) may
/// reach elsewhere even for a plan.
const ENGINES: [&str; 8] = [
    "INNODB",
    "MYISAM",
    "ARIA",
    "MEMORY",
    "ARCHIVE",
    "CSV",
    "ROCKSDB",
    "MRG_MYISAM",
];

/// Reads them all.
pub(super) async fn read(call: &Call, tables: &[TableName]) -> Result<Vec<Definition>, ToolError> {
    let mut all = Vec::new();
    for table in tables {
        all.push(one(call, table).await?);
    }
    Ok(all)
}

async fn one(call: &Call, named: &TableName) -> Result<Definition, ToolError> {
    let values = [
        Value::Text(named.schema.clone()),
        Value::Text(named.name.clone()),
    ];
    let told = format!(
        "{}.{}",
        Untrusted::name(&named.schema),
        Untrusted::name(&named.name)
    );
    let Some(table) = call.want_with::<TableRow>(&TABLE, &values).await? else {
        return Err(ToolError::bad_input(format!(
            "what {told} is cannot be read, so nothing that names it is explained"
        )));
    };
    let Some(table) = table.rows.into_iter().next() else {
        return Err(ToolError::bad_input(format!(
            "there is no table {told}, or the account may not see it (it needs SELECT on it to explain); check \
             the name and `schema`"
        )));
    };
    refuse(&told, &table)?;
    let columns = call.want_with::<ColumnRow>(&COLUMNS, &values).await?;
    let parts = call.want_with::<IndexRow>(&INDEXES, &values).await?;
    let statistics = if table
        .engine
        .as_deref()
        .is_some_and(|engine| engine.eq_ignore_ascii_case("InnoDB"))
    {
        call.want_with::<StatisticsRow>(&STATISTICS, &values)
            .await?
    } else {
        None
    };
    Ok(Definition {
        schema: named.schema.clone(),
        name: named.name.clone(),
        table: Some(table),
        columns: columns.map_or_else(Vec::new, |sample| sample.rows),
        indexes: parts.map_or_else(Vec::new, |sample| indexes(&sample.rows)),
        statistics: statistics.and_then(|sample| sample.rows.into_iter().next()),
    })
}

/// A view may call anything its definer may, which its name does not show.
fn refuse(told: &str, table: &TableRow) -> Result<(), ToolError> {
    if table.table_type != "BASE TABLE" {
        return Err(ToolError::bad_input(format!(
            "{told} is no plain table but a {}: what it calls cannot be checked; explain the SELECT it stands \
             for instead",
            if table.table_type.contains("VIEW") {
                "view"
            } else {
                "special one"
            }
        )));
    }
    let engine = table
        .engine
        .as_deref()
        .unwrap_or_default()
        .to_ascii_uppercase();
    if !ENGINES.contains(&engine.as_str()) {
        return Err(ToolError::bad_input(format!(
            "{told} is kept by the engine {}, which may reach outside this server for a plan",
            Untrusted::name(&engine)
        )));
    }
    Ok(())
}
