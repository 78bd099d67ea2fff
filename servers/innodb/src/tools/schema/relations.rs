//! What ties a table to others: foreign keys in both directions, and triggers.

use storex_sources::Flavour;
use storex_tool::{Call, ToolError};

use super::bound::{self, both};
use super::definition::read;
use crate::probes::schema;
use crate::schema::foreign_key::{ForeignKey, foreign_keys};
use crate::schema::name::{TableName, from_file_name};
use crate::schema::rows::{ForeignKeyRow, TriggerRow};

/// Its own foreign keys.
pub(super) async fn own_keys(call: &Call, name: &TableName) -> Result<Vec<ForeignKey>, ToolError> {
    let params = bound::foreign_keys(name);
    let rows: Option<Vec<ForeignKeyRow>> = read(call, &schema::FOREIGN_KEYS, &params).await?;
    Ok(foreign_keys(&rows.unwrap_or_default()))
}

/// Foreign keys of other tables. MySQL looks them up by the table's name; MariaDB would have to open every table, and is asked for
/// InnoDB's dictionary instead.
pub(super) async fn referencing(
    call: &Call,
    name: &TableName,
    flavour: Flavour,
) -> Result<Vec<ForeignKey>, ToolError> {
    let Some(params) = bound::referencing(flavour, name) else {
        call.missing(
            "foreign keys that refer to the table",
            "InnoDB's dictionary spells the letters of this name by codes of its own",
            "",
        );
        return Ok(Vec::new());
    };
    let rows: Option<Vec<ForeignKeyRow>> = read(call, &schema::REFERENCING, &params).await?;
    let mut rows = rows.unwrap_or_default();
    if flavour == Flavour::MariaDb {
        for row in &mut rows {
            row.other_schema = from_file_name(&row.other_schema);
            row.other_table = from_file_name(&row.other_table);
        }
    }
    Ok(foreign_keys(&rows))
}

/// Triggers are shown to accounts that may change them. That is no privilege for a reader: where there
/// are none to be seen, the answer says that this proves nothing.
pub(super) async fn triggers(call: &Call, name: &TableName) -> Result<Vec<TriggerRow>, ToolError> {
    let rows: Option<Vec<TriggerRow>> = read(call, &schema::TRIGGERS, &both(name)).await?;
    let rows = rows.unwrap_or_default();
    if rows.is_empty() {
        let privileges = call
            .want::<serde::de::IgnoredAny>(&schema::PRIVILEGES)
            .await?;
        if privileges.is_some_and(|sample| sample.rows.is_empty()) {
            call.missing(
                "triggers",
                "a server shows them only to accounts that may change them",
                "SHOW TRIGGERS, as an administrator",
            );
        }
    }
    Ok(rows)
}
