//! The table of families: what presses, each with its figures and findings.

use serde_json::Value;
use storex_tool::Finding;

use super::samples::Pair;
use super::{cache, commit, connections, flush, io, latch, pool, purge, redo, stall, temp};

/// One family.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// Its name in the answer.
    pub name: &'static str,
    /// Its figures, as they are shown.
    pub figures: fn(&Pair) -> Value,
    /// What is unusual.
    pub findings: fn(&Pair) -> Vec<Finding>,
}

macro_rules! family {
    ($name:literal, $module:ident) => {
        Family {
            name: $name,
            figures: |pair| shown(&$module::figures(pair)),
            findings: $module::findings,
        }
    };
}

/// Every family, in the order shown.
pub static FAMILIES: &[Family] = &[
    family!("stall", stall),
    family!("connections", connections),
    family!("buffer_pool", pool),
    family!("redo_log", redo),
    family!("purge", purge),
    family!("flushing", flush),
    family!("latches", latch),
    family!("file_io", io),
    family!("commits", commit),
    family!("temporary_tables", temp),
    family!("table_cache", cache),
];

fn shown<T: serde::Serialize>(figures: &T) -> Value {
    serde_json::to_value(figures).unwrap_or_default()
}
