//! Reading `SHOW GRANTS`: which privileges an account has, and which a probe lacks.

use storex_sources::{Flavour, Version};

/// What an account was granted, roles in force included.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    given: Vec<Grant>,
    /// Partial revokes (MySQL 8.0.16): exceptions from a global grant.
    revoked: Vec<Grant>,
}

/// Privileges on one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Upper case; `ALL` stands for every privilege of the scope.
    pub(crate) privileges: Vec<String>,
    pub(crate) scope: Scope,
}

/// What a grant is for. Names are lower case; a schema may be a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    Global,
    Schema(String),
    Table(String, String),
}

impl Grants {
    /// Reads the lines of `SHOW GRANTS`. Lines that grant nothing a probe could need (roles by
    /// name, single columns, routines, proxies) are passed over.
    pub(crate) fn parse<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut grants = Self::default();
        for line in lines {
            if let Some(rest) = line.strip_prefix("GRANT ") {
                grants.given.extend(parse_grant(rest, " TO "));
            } else if let Some(rest) = line.strip_prefix("REVOKE ") {
                grants.revoked.extend(parse_grant(rest, " FROM "));
            }
        }
        grants
    }

    /// Whether every privilege of `need` is among them.
    pub(crate) fn cover(&self, need: &Grant) -> bool {
        need.privileges.iter().all(|privilege| {
            let holds = |grant: &Grant| {
                let named = |p: &String| p == "ALL" || p == privilege;
                grant.privileges.iter().any(named) && grant.scope.contains(&need.scope)
            };
            self.given.iter().any(holds) && !self.revoked.iter().any(holds)
        })
    }
}

/// What a probe needs (`PROCESS ON *.*`), in the words of this flavour and version.
pub(crate) fn need(text: &str, flavour: Flavour, version: Version) -> Option<Grant> {
    let mut grant = parse_grant(text, " TO ")?;
    let client = "REPLICATION CLIENT".to_owned();
    if flavour == Flavour::MariaDb && version >= SPLIT && grant.privileges.contains(&client) {
        grant.privileges.push("SLAVE MONITOR".into());
    }
    Some(grant)
}

/// MariaDB 10.5.9 took `SHOW SLAVE STATUS` out of `REPLICATION CLIENT`.
const SPLIT: Version = Version {
    major: 10,
    minor: 5,
    patch: 9,
};

impl Scope {
    fn contains(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Global, _) => true,
            (Self::Schema(pattern), Self::Schema(name) | Self::Table(name, _)) => {
                like(pattern.as_bytes(), name.as_bytes())
            }
            (Self::Table(..), Self::Table(..)) => self == other,
            _ => false,
        }
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Global => f.write_str("*.*"),
            Self::Schema(schema) => write!(f, "{schema}.*"),
            Self::Table(schema, table) => write!(f, "{schema}.{table}"),
        }
    }
}

/// `privileges ON scope[ TO ...]`; `None` for anything else.
fn parse_grant(text: &str, end: &str) -> Option<Grant> {
    let (privileges, rest) = split_once(text, " ON ")?;
    let scope = split_once(rest, end).map_or(rest, |(scope, _)| scope);
    let privileges: Vec<String> = split(privileges, ',').filter_map(privilege).collect();
    Some(Grant {
        privileges,
        scope: parse_scope(scope.trim())?,
    })
}

/// A privilege's one name; `None` for a privilege on single columns.
fn privilege(text: &str) -> Option<String> {
    if text.contains('(') {
        return None;
    }
    let name = text.trim().to_ascii_uppercase();
    Some(match name.as_str() {
        "ALL PRIVILEGES" => "ALL".into(),
        "BINLOG MONITOR" => "REPLICATION CLIENT".into(),
        "REPLICA MONITOR" => "SLAVE MONITOR".into(),
        _ => name,
    })
}

fn parse_scope(text: &str) -> Option<Scope> {
    let text = text.strip_prefix("TABLE ").unwrap_or(text);
    let mut parts = split(text, '.');
    let (schema, table) = (parts.next()?, parts.next()?);
    if parts.next().is_some() || [schema, table].iter().any(|part| part.contains(' ')) {
        return None;
    }
    Some(match (schema, table) {
        ("*", "*") => Scope::Global,
        (schema, "*") => Scope::Schema(unquote(schema)),
        (schema, table) => Scope::Table(unquote(schema), unquote(table)),
    })
}

fn unquote(name: &str) -> String {
    let inner = name
        .strip_prefix('`')
        .and_then(|name| name.strip_suffix('`'));
    inner
        .map_or_else(|| name.to_owned(), |inner| inner.replace("``", "`"))
        .to_lowercase()
}

/// `LIKE` of SQL: `_` any character, `%` any text, `\` before either takes it literally.
fn like(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'%', rest)), _) => {
            (0..=name.len()).any(|skip| name.get(skip..).is_some_and(|name| like(rest, name)))
        }
        (Some((b'_', rest)), Some((_, name))) => like(rest, name),
        (Some((b'\\', rest)), Some((first, name))) => rest
            .split_first()
            .is_some_and(|(literal, rest)| literal == first && like(rest, name)),
        (Some((literal, rest)), Some((first, name))) => literal == first && like(rest, name),
        _ => false,
    }
}

/// The first `separator` outside quotes and parentheses.
fn split_once<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    let at = outside(text).find(|(at, _)| {
        text.get(*at..)
            .is_some_and(|rest| rest.starts_with(separator))
    })?;
    Some((text.get(..at.0)?, text.get(at.0 + separator.len()..)?))
}

/// The parts between `separator`s outside quotes and parentheses.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut ends: Vec<usize> = outside(text)
        .filter_map(|(at, c)| (c == separator).then_some(at))
        .collect();
    ends.push(text.len());
    let mut start = 0;
    ends.into_iter().filter_map(move |end| {
        let part = text.get(start..end);
        start = end + separator.len_utf8();
        part
    })
}

/// The characters outside quotes and parentheses.
fn outside(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    let mut depth = 0_u32;
    text.char_indices().filter(move |(_, c)| {
        if let Some(open) = quote {
            if *c == open {
                quote = None;
            }
            return false;
        }
        match c {
            '`' | '\'' | '"' => quote = Some(*c),
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MYSQL: Version = Version {
        major: 9,
        minor: 7,
        patch: 4,
    };
    const MARIADB: Version = Version {
        major: 10,
        minor: 11,
        patch: 6,
    };

    fn covers(lines: &[&str], text: &str) -> bool {
        let need = need(text, Flavour::MySql, MYSQL).unwrap();
        Grants::parse(lines.iter().copied()).cover(&need)
    }

    #[test]
    fn global_schema_and_table_grants_cover_what_lies_below_them() {
        let lines = [
            "GRANT PROCESS, REPLICATION CLIENT ON *.* TO `storex`@`%`",
            "GRANT SELECT ON `performance_schema`.* TO `storex`@`%`",
            "GRANT SELECT ON `mysql`.`slow_log` TO `storex`@`%`",
            "GRANT SELECT (`a`, `b`), UPDATE (`c`) ON `mysql`.`user` TO `storex`@`%`",
        ];
        assert!(covers(&lines, "PROCESS ON *.*"));
        assert!(covers(&lines, "PROCESS, REPLICATION CLIENT ON *.*"));
        assert!(covers(&lines, "SELECT ON performance_schema.*"));
        assert!(covers(&lines, "SELECT ON performance_schema.threads"));
        assert!(covers(&lines, "SELECT ON mysql.slow_log"));
        assert!(!covers(&lines, "SELECT ON mysql.*"));
        assert!(!covers(&lines, "SELECT ON mysql.user"));
        assert!(!covers(&lines, "SELECT ON sys.*"));
        assert!(!covers(&lines, "SELECT ON *.*"));
        assert!(!covers(&lines, "RELOAD ON *.*"));
    }

    #[test]
    fn all_covers_everything_of_its_scope() {
        let root = ["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"];
        assert!(covers(&root, "PROCESS ON *.*"));
        let one = ["GRANT ALL PRIVILEGES ON `shop`.* TO `app`@`%`"];
        assert!(!covers(&one, "PROCESS ON *.*"));
        assert!(covers(&one, "SELECT ON shop.orders"));
    }

    #[test]
    fn schema_patterns_match_as_the_server_matches_them() {
        let escaped = ["GRANT SELECT ON `performance\\_schema`.* TO `a`@`%`"];
        assert!(covers(&escaped, "SELECT ON performance_schema.*"));
        let prefix = ["GRANT SELECT ON `perf%`.* TO `a`@`%`"];
        assert!(covers(&prefix, "SELECT ON performance_schema.*"));
        assert!(!covers(&prefix, "SELECT ON sys.*"));
    }

    #[test]
    fn exceptions_from_a_global_grant_count() {
        let lines = [
            "GRANT SELECT ON *.* TO `a`@`%`",
            "REVOKE SELECT ON `mysql`.* FROM `a`@`%`",
        ];
        assert!(covers(&lines, "SELECT ON sys.*"));
        assert!(!covers(&lines, "SELECT ON mysql.slow_log"));
    }

    #[test]
    fn lines_of_other_kinds_grant_nothing_and_break_nothing() {
        let lines = [
            "GRANT `reader`@`%`,`PROCESS ON *.*`@`%` TO `a`@`%`",
            "GRANT PROXY ON ``@`` TO `root`@`localhost` WITH GRANT OPTION",
            "GRANT EXECUTE ON PROCEDURE `sys`.`ps_setup_save` TO `a`@`%`",
            "GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*2470C0C06DEE42FD'",
            "GRANT",
            "",
        ];
        assert!(!covers(&lines, "PROCESS ON *.*"));
        assert!(!covers(&lines, "EXECUTE ON sys.*"));
    }

    #[test]
    fn mariadb_splits_replication_client() {
        let need = need("REPLICATION CLIENT ON *.*", Flavour::MariaDb, MARIADB).unwrap();
        let half = Grants::parse(["GRANT PROCESS, BINLOG MONITOR ON *.* TO `a`@`%`"]);
        assert!(!half.cover(&need));
        let whole = Grants::parse(["GRANT BINLOG MONITOR, SLAVE MONITOR ON *.* TO `a`@`%`"]);
        assert!(whole.cover(&need));
    }
}
