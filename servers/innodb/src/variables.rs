//! Status and system variables by name, and the one row of the monitor. Pure.

use std::collections::HashMap;

use serde::Deserialize;

/// One row of `SHOW GLOBAL STATUS`, `SHOW GLOBAL VARIABLES` or `innodb_metrics`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct VariableRow {
    /// Its name.
    #[serde(alias = "name")]
    pub variable_name: String,
    /// Its value as text.
    pub value: String,
}

/// The one row of `SHOW ENGINE INNODB STATUS`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MonitorRow {
    /// The monitor's text.
    pub status: String,
}

/// Variables by lower-case name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(HashMap<String, String>);

impl Variables {
    /// The variables of these rows.
    pub fn of(rows: Vec<VariableRow>) -> Self {
        Self(
            rows.into_iter()
                .map(|row| (row.variable_name.to_lowercase(), row.value))
                .collect(),
        )
    }

    /// The rows again, in no order.
    #[cfg(test)]
    pub fn into_rows(self) -> Vec<VariableRow> {
        let row = |(variable_name, value)| VariableRow {
            variable_name,
            value,
        };
        self.0.into_iter().map(row).collect()
    }

    /// Its text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A count or gauge. Some counters of `innodb_metrics` run below zero; they count as none.
    pub fn count(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_unstable();
        all.into_iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a setting is on.
    pub fn is_on(&self, name: &str) -> Option<bool> {
        self.text(name)
            .map(|value| matches!(value, "ON" | "1" | "YES"))
    }
}
