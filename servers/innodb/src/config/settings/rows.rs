//! Rows of the tables that tell of settings.

use serde::Deserialize;

/// One row of `SHOW GLOBAL VARIABLES` or of `persisted_variables`.
#[derive(Debug, Clone, Deserialize)]
pub struct SettingRow {
    /// Its name.
    pub variable_name: String,
    /// Its value.
    pub value: Option<String>,
}

/// One row of `performance_schema.variables_info`.
#[derive(Debug, Clone, Deserialize)]
pub struct SourceRow {
    /// Its name.
    pub variable_name: String,
    /// `DYNAMIC`, `EXPLICIT`, `PERSISTED`, ...
    pub variable_source: String,
    /// The file.
    pub variable_path: Option<String>,
    /// When it was last set, by anybody, for the server or for a session.
    pub set_time: Option<String>,
    /// By whom.
    pub set_user: Option<String>,
    /// From where.
    pub set_host: Option<String>,
}

/// One row of MariaDB's `information_schema.SYSTEM_VARIABLES`.
#[derive(Debug, Clone, Deserialize)]
pub struct SystemVariableRow {
    /// Its name.
    pub variable_name: String,
    /// `COMPILE-TIME`, `CONFIG`, `SQL`, ...
    pub origin: String,
    /// The value it was compiled with.
    pub default_value: Option<String>,
    /// The file.
    pub path: Option<String>,
}
