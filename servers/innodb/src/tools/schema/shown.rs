//! The tool's data, small: most of it is lines a person would read.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use storex_tool::Untrusted;

/// How the parts of the answer are declared to clients, in every conversation: as objects. Their fields
/// say themselves what they are.
type Shape = Map<String, Value>;

/// The tool's data.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(in crate::tools) struct Data {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Shape")]
    pub(super) table: Option<Table>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) columns: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Shape>")]
    pub(super) indexes: Vec<IndexShown>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) foreign_keys: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) referenced_by: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) triggers: Vec<String>,
    /// What reads it most
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Shape>")]
    pub(super) statements: Vec<StatementShown>,
    /// Largest first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Shape>")]
    pub(super) tables: Vec<TableLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) no_primary_key: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Shape")]
    pub(super) unused_indexes: Option<UnusedShown>,
}

/// The table.
#[derive(Debug, Serialize)]
pub(super) struct Table {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) engine: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) row_format: Option<Untrusted>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) options: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) collation: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rows_estimate: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) free_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_bytes: Option<u64>,
    /// Since it was made or redefined
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) defined_age_s: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_change: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) partitions: Option<String>,
    /// Index reads are counted since, at most
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) counted_s: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) statistics: Option<StatisticsShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) auto_increment: Option<CounterShown>,
}

/// Its statistics.
#[derive(Debug, Serialize)]
pub(super) struct StatisticsShown {
    /// persistent | transient, automatic or not
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) age_s: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) changed_since: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) histograms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) engine_independent_rows: Option<u64>,
}

/// Its counter.
#[derive(Debug, Serialize)]
pub(super) struct CounterShown {
    pub(super) column: Untrusted,
    pub(super) next: u64,
    pub(super) max: u64,
    pub(super) used_ratio: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) days_left: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pace: Option<&'static str>,
}

/// An index.
#[derive(Debug, Serialize)]
pub(super) struct IndexShown {
    pub(super) name: Untrusted,
    pub(super) on: String,
    /// clustered | unique | invisible | redundant | unused | few values | ...
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) is: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) size_bytes: Option<u64>,
    /// Estimated
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) distinct: Option<u64>,
    /// Rows read since counted
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reads: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reads_per_s: Option<f64>,
}

/// A statement that names the table.
#[derive(Debug, Serialize)]
pub(super) struct StatementShown {
    pub(super) statement: Untrusted,
    pub(super) calls: u64,
    pub(super) examined_per_call: f64,
    pub(super) returned_per_call: f64,
    pub(super) over_s: f64,
}

/// A table of the overview.
#[derive(Debug, Serialize)]
pub(super) struct TableLine {
    pub(super) name: String,
    pub(super) file_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secondary_indexes: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) redundant: Vec<Untrusted>,
}

/// Use of indexes over the whole server or schema.
#[derive(Debug, Serialize)]
pub(super) struct UnusedShown {
    pub(super) unused: u64,
    pub(super) of: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) counted_s: Option<u64>,
}
