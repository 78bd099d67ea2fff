//! `innodb_schema`: what a table is made of, how it is used, and what of that costs or endangers it;
//! without a table, which tables of the server to look at.

mod bound;
mod definition;
mod gathered;
mod overview;
mod relations;
mod shown;
mod table;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use storex_tool::{Answer, Call, Detail, Effect, Spec, Target, Tool, ToolError};

pub use self::bound::recorded_reads;
use self::shown::Data;
use crate::probes::{GLOBAL_STATUS, schema};
use crate::schema::name::TableName;

/// The tool.
pub(super) struct Schema;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    #[serde(default)]
    detail: Detail,
    schema: Option<String>,
    /// Table, or schema.table; none: overview
    table: Option<String>,
    /// Tables of the overview
    #[schemars(range(min = 1, max = 50))]
    limit: Option<usize>,
}

impl Tool for Schema {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "innodb_schema",
        title: "Tables and indexes",
        description: "Describes one table: columns, indexes (used now, unused, redundant), missing primary \
                      key, sizes, foreign keys both ways, statistics and their age, last definition change, \
                      AUTO_INCREMENT room, and statements no index serves. Without `table`: largest tables, \
                      those without primary key, counters nearly used up. Reads no rows of the table.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(20),
        row_limit: 1_100,
        freshness: Duration::from_secs(5),
        probes: &[
            &GLOBAL_STATUS,
            &schema::SETTINGS,
            &schema::TABLE,
            &schema::COLUMNS,
            &schema::INDEXES,
            &schema::INDEX_USAGE,
            &schema::STATEMENTS,
            &schema::FOREIGN_KEYS,
            &schema::REFERENCING,
            &schema::PARTITIONS,
            &schema::TRIGGERS,
            &schema::PRIVILEGES,
            &schema::PERSISTENT,
            &schema::INDEX_PAGES,
            &schema::MODIFIED,
            &schema::FILES,
            &schema::SCALE,
            &schema::HISTOGRAMS,
            &schema::ENGINE_INDEPENDENT,
            &schema::NAMES,
            &schema::LARGEST,
            &schema::NO_PRIMARY,
            &schema::HIDDEN_CLUSTERED,
            &schema::UNUSED,
            &schema::AUTO_INCREMENT,
        ],
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/innodb_schema.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let Some(table) = input.table.as_deref() else {
            let limit = input.limit.unwrap_or(if full { 30 } else { 10 }).min(50);
            let schema = input.schema.as_deref().unwrap_or_default();
            return overview::answer(call, &input.instance, schema, limit).await;
        };
        let name = TableName::of(input.schema.as_deref(), table).ok_or_else(|| {
            ToolError::bad_input(
                "argument `table`: name its schema too, as `schema` or as \"schema.table\"",
            )
        })?;
        table::answer(call, name, full).await
    }
}
