//! A capture: what one read of one probe gave in one sample, and its text on disk, one row a line.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use storex_sources::{Rows, Value};

use crate::SnapshotError;
use crate::cell::{Cell, values};
use crate::failure::Failure;
use crate::manifest::{broken, invalid};

/// One capture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Capture {
    /// The parameters bound; empty for a probe without any.
    pub(crate) params: Vec<Value>,
    /// Whether it was read once and holds for later samples too.
    pub(crate) once: bool,
    /// What the probe gave.
    pub(crate) outcome: Result<Rows, Failure>,
}

/// The file as serde reads it; which fields go together is checked afterwards, so that errors
/// keep their line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    params: Vec<Cell>,
    #[serde(default)]
    once: bool,
    error: Option<Failure>,
    read_at: Option<Timestamp>,
    took_us: Option<u64>,
    truncated: Option<bool>,
    columns: Option<Vec<String>>,
    rows: Option<Vec<Vec<Cell>>>,
}

impl Capture {
    /// The text of the file. A float that is not finite, which no server sends, becomes `null`.
    pub(crate) fn encode(&self) -> Result<String, serde_json::Error> {
        let mut text = String::from("{\n");
        if !self.params.is_empty() {
            field(&mut text, "params", &self.params)?;
        }
        if self.once {
            field(&mut text, "once", &true)?;
        }
        match &self.outcome {
            Err(failure) => {
                text.push_str("  \"error\": ");
                text.push_str(&serde_json::to_string(failure)?);
                text.push('\n');
            }
            Ok(rows) => {
                field(&mut text, "read_at", &rows.read_at)?;
                field(&mut text, "took_us", &micros(rows.took))?;
                field(&mut text, "truncated", &rows.truncated)?;
                field(&mut text, "columns", &rows.columns)?;
                text.push_str("  \"rows\": [");
                for (at, row) in rows.rows.iter().enumerate() {
                    text.push_str(if at == 0 { "\n    " } else { ",\n    " });
                    text.push_str(&serde_json::to_string(row)?);
                }
                text.push_str(if rows.rows.is_empty() {
                    "]\n"
                } else {
                    "\n  ]\n"
                });
            }
        }
        text.push_str("}\n");
        Ok(text)
    }

    /// Reads and checks the text of `file`.
    pub(crate) fn decode(file: &str, bytes: &[u8]) -> Result<Self, SnapshotError> {
        let File {
            params,
            once,
            error,
            read_at,
            took_us,
            truncated,
            columns,
            rows,
        } = serde_json::from_slice(bytes).map_err(|error| broken(file, error))?;
        let outcome = match (error, read_at, took_us, truncated, columns, rows) {
            (Some(failure), None, None, None, None, None) => Err(failure),
            (None, Some(read_at), Some(took_us), Some(truncated), Some(columns), Some(rows)) => {
                if let Some(at) = rows.iter().position(|row| row.len() != columns.len()) {
                    let why = format!("row {} is not as long as `columns`", at + 1);
                    return Err(invalid(file, why));
                }
                let rows = rows.into_iter().map(values).collect();
                let took = Duration::from_micros(took_us);
                Ok(Rows {
                    columns,
                    rows,
                    read_at,
                    took,
                    truncated,
                })
            }
            _ => {
                let why = "it needs either `error` alone or all of `read_at`, `took_us`, \
                           `truncated`, `columns` and `rows`";
                return Err(invalid(file, why));
            }
        };
        Ok(Self {
            params: values(params),
            once,
            outcome,
        })
    }
}

/// What tells two reads of one probe apart.
pub(crate) fn params_key(params: &[Value]) -> Result<String, serde_json::Error> {
    serde_json::to_string(params)
}

fn field(text: &mut String, name: &str, value: &impl Serialize) -> Result<(), serde_json::Error> {
    text.push_str("  \"");
    text.push_str(name);
    text.push_str("\": ");
    text.push_str(&serde_json::to_string(value)?);
    text.push_str(",\n");
    Ok(())
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
