//! The server's settings about its logs.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One row of `SHOW GLOBAL VARIABLES` or `SHOW GLOBAL STATUS`.
#[derive(Debug, Clone, Deserialize)]
pub struct SettingRow {
    /// Its name.
    pub variable_name: String,
    /// Its value as text.
    pub value: String,
}

/// Settings by lower-case name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The settings of these rows.
    pub fn of(rows: Vec<SettingRow>) -> Self {
        let pair = |row: SettingRow| (row.variable_name.to_lowercase(), row.value);
        Self(rows.into_iter().map(pair).collect())
    }

    /// Its text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A figure.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok()
    }

    /// A count.
    pub fn count(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> Option<bool> {
        self.text(name).map(|value| matches!(value, "ON" | "1"))
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether logs go where `target` says: `FILE`, `TABLE`, `NONE`.
    pub fn writes_to(&self, target: &str) -> Option<bool> {
        let output = self.text("log_output")?;
        // NONE wins over the others (Reference Manual, `log_output`).
        let parts: Vec<&str> = output.split(',').collect();
        let says = |word: &str| parts.iter().any(|part| part.eq_ignore_ascii_case(word));
        Some(says(target) && (target == "NONE" || !says("NONE")))
    }
}
