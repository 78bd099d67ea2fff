//! Who changed what, and when. MySQL records the last `SET` of a setting, but a session that sets its
//! own copy moves that record too; the statements' digests tell when the server's value was last set.
//! Where both agree, the record names the one who did it. Pure.

use std::collections::HashMap;

use jiff::civil::DateTime;
use serde::Deserialize;

use super::settings::{Current, LastSet, Origin};

/// How far a record and the statement that made it may lie apart: MySQL's digests are precise to the
/// microsecond, MariaDB's to the second, and the statement ends a moment after it has set the value.
const SAME_MOMENT_S: i64 = 1;

/// One `SET GLOBAL` or `SET PERSIST` of `events_statements_summary_by_digest`.
#[derive(Debug, Clone, Deserialize)]
pub struct ChangeRow {
    /// The statement's digest text.
    pub digest_text: Option<String>,
    /// When it was last run, in UTC.
    pub last_seen: Option<String>,
}

/// When each setting was last set for the whole server, by present or former name.
#[derive(Debug, Clone, Default)]
pub struct GlobalChanges(HashMap<String, String>);

/// What is known of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When, in UTC.
    pub at: Option<String>,
    /// By whom: user and host, as the server knows them.
    pub by: Option<(String, Option<String>)>,
    /// Whether the record is of the change itself, not perhaps of a session's own copy.
    pub certain: bool,
}

impl GlobalChanges {
    /// Reads the digests.
    pub fn of(rows: &[ChangeRow]) -> Self {
        let mut latest: HashMap<String, String> = HashMap::new();
        for row in rows {
            let (Some(text), Some(at)) = (&row.digest_text, &row.last_seen) else {
                continue;
            };
            for name in settings_set(text) {
                let known = latest.entry(name).or_default();
                if *at > *known {
                    known.clone_from(at);
                }
            }
        }
        Self(latest)
    }

    /// What is known of the change that gave a setting its value while the server ran.
    pub fn change_of(&self, current: &Current) -> Option<Change> {
        if current.origin == Origin::Persisted {
            return current.last_set.as_ref().map(|set| told(set, true));
        }
        if current.origin != Origin::Runtime {
            return None;
        }
        let global = self.last_of(current);
        match (&current.last_set, global) {
            (Some(set), _) if !current.has_session_copy() => Some(told(set, true)),
            (Some(set), Some(global)) if same_moment(&set.at, global) => Some(told(set, true)),
            (_, Some(global)) => Some(Change {
                at: Some(global.to_owned()),
                by: None,
                certain: true,
            }),
            (Some(set), None) => Some(told(set, false)),
            (None, None) => None,
        }
    }

    fn last_of(&self, current: &Current) -> Option<&str> {
        let known = current.known.map(|(_, setting)| setting);
        let names = known
            .into_iter()
            .flat_map(|setting| std::iter::once(&setting.name).chain(setting.other_names))
            .copied()
            .chain([current.name.as_str()]);
        names
            .filter_map(|name| self.0.get(name))
            .map(String::as_str)
            .max()
    }
}

fn told(set: &LastSet, certain: bool) -> Change {
    Change {
        at: Some(set.at.clone()),
        by: set
            .user
            .clone()
            .filter(|user| !user.is_empty())
            .map(|user| (user, set.host.clone())),
        certain,
    }
}

/// The settings a statement sets for the whole server: ``SET GLOBAL `a` = ? , @@PERSIST . `b` = ?``.
/// MariaDB prints names that are also words of SQL without quotes and in capitals.
fn settings_set(digest_text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut words = digest_text.split_whitespace();
    while let Some(word) = words.next() {
        let scope = word.trim_start_matches('@');
        if !["GLOBAL", "PERSIST", "PERSIST_ONLY"].contains(&scope) {
            continue;
        }
        if let Some(name) = words.find(|word| *word != ".") {
            names.push(name.trim_matches('`').to_lowercase());
        }
    }
    names
}

fn same_moment(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (one.parse::<DateTime>(), other.parse::<DateTime>()) else {
        return false;
    };
    one.duration_since(other).as_secs().abs() <= SAME_MOMENT_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_a_statement_are_read_on_both_flavours() {
        let mysql = "SET GLOBAL `max_connections` = ? , GLOBAL `sync_binlog` = ? , @@SESSION . `sort_buffer_size` = ?";
        assert_eq!(settings_set(mysql), ["max_connections", "sync_binlog"]);
        assert_eq!(
            settings_set("SET @@PERSIST . `innodb_io_capacity` = ?"),
            ["innodb_io_capacity"]
        );
        assert_eq!(
            settings_set("SET GLOBAL OPTIMIZER_SWITCH = ? "),
            ["optimizer_switch"]
        );
        assert!(settings_set("SET SESSION `wait_timeout` = ?").is_empty());
    }

    fn current(set_at: Option<&str>) -> Current {
        Current {
            name: "optimizer_switch".into(),
            known: super::super::catalog::find("optimizer_switch"),
            value: "index_merge=off".into(),
            default: Some("index_merge=on".into()),
            origin: Origin::Runtime,
            path: None,
            persisted: None,
            last_set: set_at.map(|at| LastSet {
                at: at.into(),
                user: Some("root".into()),
                host: Some("localhost".into()),
            }),
        }
    }

    fn changes(at: &str) -> GlobalChanges {
        GlobalChanges::of(&[ChangeRow {
            digest_text: Some("SET GLOBAL `optimizer_switch` = ?".into()),
            last_seen: Some(at.into()),
        }])
    }

    #[test]
    fn a_record_that_agrees_with_the_statement_names_who_did_it() {
        let seen = changes("2026-11-23 07:22:44.230701");
        let change = seen
            .change_of(&current(Some("2026-11-23 07:22:44.230669")))
            .unwrap();
        assert!(change.certain);
        assert_eq!(change.by.unwrap().0, "root");
    }

    #[test]
    fn a_record_moved_by_a_session_names_nobody() {
        let seen = changes("2026-11-23 07:22:44.230701");
        let change = seen
            .change_of(&current(Some("2026-11-23 09:00:00.000000")))
            .unwrap();
        assert_eq!(change.by, None);
        assert_eq!(change.at.as_deref(), Some("2026-11-23 07:22:44.230701"));
    }

    #[test]
    fn a_record_alone_is_not_certain_and_mariadb_tells_when_without_who() {
        let alone = GlobalChanges::default().change_of(&current(Some("2026-11-23 07:22:44")));
        assert!(!alone.unwrap().certain);
        let mariadb = changes("2026-11-23 07:22:44")
            .change_of(&current(None))
            .unwrap();
        assert_eq!(mariadb.by, None);
        assert!(mariadb.at.is_some());
    }
}
