//! Names of tables.

/// A table with its schema, as the statement spells them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableName {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
}

/// Schemas that are the server's own: their tables hold credentials and states, and some of their views
/// call functions with effects.
const OWN: [&str; 6] = [
    "mysql",
    "sys",
    "information_schema",
    "performance_schema",
    "mysql_innodb_cluster_metadata",
    "ndbinfo",
];

/// Whether the server keeps this schema for itself.
pub(crate) fn is_own(schema: &str) -> bool {
    OWN.iter().any(|own| own.eq_ignore_ascii_case(schema))
}
