//! The settings of one server, joined from what its tables say of them: value, default, origin,
//! what a restart will bring. Pure.

mod current;
mod rows;

use std::collections::{BTreeMap, HashMap};

use storex_sources::{Server, Vendor};

use super::catalog::{self, Standard};
use super::kind::{number, switch};
use super::secrets::is_secret;
pub use current::{AfterRestart, Current, LastSet, Origin};
pub use rows::{SettingRow, SourceRow, SystemVariableRow};

/// The settings of one server by their present names.
#[derive(Debug, Clone)]
pub struct Settings {
    by_name: BTreeMap<String, Current>,
    server: Server,
}

impl Settings {
    /// Those of a server of MySQL; `sources` is `None` where the server did not tell them.
    pub fn of_mysql(
        server: &Server,
        values: Vec<SettingRow>,
        sources: Option<Vec<SourceRow>>,
        persisted: Vec<SettingRow>,
    ) -> Self {
        let told = sources.is_some();
        let mut sources: HashMap<String, SourceRow> =
            by_name(sources.unwrap_or_default(), |row| &row.variable_name);
        let mut persisted: HashMap<String, SettingRow> =
            by_name(persisted, |row| &row.variable_name);
        Self::build(server, values, |name, current| {
            if let Some(row) = sources.remove(name) {
                current.origin = mysql_origin(&row, server);
                current.path = row.variable_path.filter(|path| !path.is_empty());
                current.last_set = row.set_time.map(|at| LastSet {
                    at,
                    user: row.set_user,
                    host: row.set_host,
                });
            } else if told {
                current.origin = Origin::Default;
            }
            current.persisted = persisted.remove(name).and_then(|row| row.value);
        })
    }

    /// Those of a server of MariaDB; without `system_variables` neither origin nor default is told.
    pub fn of_mariadb(
        server: &Server,
        values: Vec<SettingRow>,
        system_variables: Vec<SystemVariableRow>,
    ) -> Self {
        let mut told = by_name(system_variables, |row| &row.variable_name);
        Self::build(server, values, |name, current| {
            let Some(row) = told.remove(name) else {
                return;
            };
            current.origin = mariadb_origin(&row);
            current.path = row.path;
            // What the server computes has no fixed default, whatever its table says.
            let computed = current
                .known
                .is_some_and(|(_, setting)| setting.standard(server) == Some(Standard::Computed));
            if !computed {
                current.default = row.default_value.or_else(|| current.default.take());
            }
        })
    }

    fn build(
        server: &Server,
        values: Vec<SettingRow>,
        mut tell: impl FnMut(&str, &mut Current),
    ) -> Self {
        let mut settings = BTreeMap::new();
        for row in values {
            let name = row.variable_name.to_lowercase();
            if is_secret(&name) {
                continue;
            }
            let known = catalog::find(&name);
            let mut current = Current {
                known,
                value: row.value.unwrap_or_default(),
                default: known
                    .and_then(|(_, setting)| setting.default_on(server))
                    .map(str::to_owned),
                origin: Origin::Unknown,
                path: None,
                persisted: None,
                last_set: None,
                name,
            };
            let name = current.name.clone();
            tell(&name, &mut current);
            add(&mut settings, current);
        }
        Self {
            by_name: settings,
            server: server.clone(),
        }
    }

    /// The server they are of.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Whether a provider keeps them: settings are changed in its parameters, not by statements.
    pub fn are_managed(&self) -> bool {
        is_managed(&self.server)
            || self
                .all()
                .any(|current| current.origin == Origin::ParameterGroup)
    }

    /// A setting by its present name.
    pub fn get(&self, name: &str) -> Option<&Current> {
        self.by_name.get(name)
    }

    /// All of them by present name.
    pub fn all(&self) -> impl Iterator<Item = &Current> {
        self.by_name.values()
    }

    /// A setting's text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|current| current.value.as_str())
    }

    /// A setting's number.
    pub fn number(&self, name: &str) -> Option<f64> {
        number(self.text(name)?)
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> Option<bool> {
        switch(self.text(name)?)
    }

    /// Whether a setting was given another value than its default.
    pub fn is_changed(&self, name: &str) -> bool {
        self.get(name).is_some_and(Current::is_changed)
    }

    /// Bytes of redo that can be written before pages must be flushed: one setting since MySQL
    /// 8.0.30, before that files of one size; one file on MariaDB.
    pub fn redo_capacity_bytes(&self) -> Option<f64> {
        self.number("innodb_redo_log_capacity").or_else(|| {
            let files = self.number("innodb_log_files_in_group").unwrap_or(1.0);
            Some(self.number("innodb_log_file_size")? * files)
        })
    }
}

fn by_name<T>(rows: Vec<T>, name: impl Fn(&T) -> &String) -> HashMap<String, T> {
    rows.into_iter()
        .map(|row| (name(&row).to_lowercase(), row))
        .collect()
}

/// One setting may be reported under two names; each name remembers only what was said under it.
fn add(settings: &mut BTreeMap<String, Current>, current: Current) {
    let key = current.known.map_or_else(
        || current.name.clone(),
        |(_, setting)| setting.name.to_owned(),
    );
    let Some(kept) = settings.get_mut(&key) else {
        settings.insert(key, current);
        return;
    };
    let present = current.name == key;
    let (mut main, other) = if present {
        (current, kept.clone())
    } else {
        (kept.clone(), current)
    };
    if main.origin == Origin::Default && other.origin != Origin::Default {
        main.origin = other.origin;
        main.path = other.path;
        main.last_set = other.last_set;
    }
    main.persisted = main.persisted.or(other.persisted);
    *kept = main;
}

/// Whether a provider runs the server, and keeps its settings.
fn is_managed(server: &Server) -> bool {
    matches!(
        server.vendor,
        Vendor::Rds | Vendor::Aurora | Vendor::Azure | Vendor::CloudSql
    )
}

fn mysql_origin(row: &SourceRow, server: &Server) -> Origin {
    let managed = is_managed(server);
    match row.variable_source.as_str() {
        "COMPILED" => Origin::Default,
        "COMMAND_LINE" if !managed => Origin::CommandLine,
        "PERSISTED" => Origin::Persisted,
        "DYNAMIC" => Origin::Runtime,
        _ if managed => Origin::ParameterGroup,
        _ => Origin::File,
    }
}

fn mariadb_origin(row: &SystemVariableRow) -> Origin {
    match row.origin.as_str() {
        "COMPILE-TIME" | "AUTO" => Origin::Default,
        "CONFIG" => match &row.path {
            // RDS runs MariaDB with files of its own.
            Some(path) if path.starts_with("/rdsdbdata") => Origin::ParameterGroup,
            _ => Origin::File,
        },
        "COMMAND-LINE" | "ENVIRONMENT" => Origin::CommandLine,
        "SQL" => Origin::Runtime,
        _ => Origin::Unknown,
    }
}

#[cfg(test)]
mod tests;
