//! One value of a row as it is read from disk. The derived reader of [`Value`] tries one variant
//! after the other, which takes several times as long and names none of them when it fails.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use storex_sources::Value;

/// A [`Value`] to be read.
pub(crate) struct Cell(pub(crate) Value);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

/// The values in `cells`, without a copy.
pub(crate) fn values(cells: Vec<Cell>) -> Vec<Value> {
    cells.into_iter().map(|cell| cell.0).collect()
}

struct CellVisitor;

impl Visitor<'_> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a number or a text")
    }

    fn visit_unit<E: Error>(self) -> Result<Cell, E> {
        Ok(Cell(Value::Null))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Cell, E> {
        Ok(Cell(Value::UInt(number)))
    }

    /// JSON numbers come here when they are negative.
    fn visit_i64<E: Error>(self, number: i64) -> Result<Cell, E> {
        Ok(Cell(Value::Int(number)))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Cell, E> {
        Ok(Cell(Value::Float(number)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Cell, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Cell, E> {
        Ok(Cell(Value::Text(text)))
    }
}
