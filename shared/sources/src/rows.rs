//! Rows as a source returns them, and their decoding into typed rows.

use std::time::Duration;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::SourceError;
use crate::decode::RowDeserializer;

/// One value of a row. Dates and decimals come as text, exactly as the server prints them; bytes
/// that are not UTF-8 are replaced (U+FFFD).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// SQL `NULL`.
    Null,
    /// An integer that is not negative.
    UInt(u64),
    /// A negative integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// Anything else.
    Text(String),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::UInt(number)
    }
}

/// What a probe read, when, and whether it was cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Column names in lower case, in the statement's order.
    pub columns: Vec<String>,
    /// The rows, each as long as `columns`.
    pub rows: Vec<Vec<Value>>,
    /// The source's time when the server answered.
    pub read_at: Timestamp,
    /// How long the server took.
    pub took: Duration,
    /// Whether rows beyond the probe's limit were left out.
    pub truncated: bool,
}

impl Rows {
    /// Decodes every row into `T` by column name. Columns `T` does not name are ignored; text that
    /// holds a number is accepted where `T` wants one, because `SHOW` returns everything as text.
    ///
    /// # Errors
    /// [`SourceError::Decode`] naming the probe when a column is missing or of another type.
    pub fn decode<T: DeserializeOwned>(&self, probe: &'static str) -> Result<Vec<T>, SourceError> {
        self.rows
            .iter()
            .map(|row| {
                T::deserialize(RowDeserializer::new(&self.columns, row)).map_err(|error| {
                    SourceError::Decode {
                        probe,
                        detail: error.to_string(),
                    }
                })
            })
            .collect()
    }
}
