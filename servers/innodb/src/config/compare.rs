//! How the settings of two servers differ: those that matter first, those that differ by nature
//! (names, places, identifiers) left out. Pure.

use std::collections::BTreeMap;

use storex_tool::Untrusted;

use super::catalog::Area;
use super::kind::Kind;
use super::settings::{Current, Origin, Settings};
use super::story;

/// One setting that is not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its present name.
    pub name: String,
    /// Its area, where it is one that matters.
    pub area: Option<Area>,
    /// Whether it is among the first of its area.
    pub first: bool,
    /// Whether somebody chose one of the values: otherwise version or machine did.
    pub chosen: bool,
    /// Its value here.
    pub here: String,
    /// Its value there.
    pub there: String,
}

/// The settings both have and that differ.
pub fn differences(here: &Settings, there: &Settings) -> Vec<Difference> {
    let mut found: Vec<Difference> = here
        .all()
        .filter(|current| current.known.is_some() || !is_of_the_place(&current.name))
        .filter_map(|current| {
            let key = current
                .known
                .map_or(current.name.as_str(), |(_, setting)| setting.name);
            difference(key, current, there.get(key)?)
        })
        .collect();
    found.sort_by_key(|difference| {
        (
            difference.area.is_none(),
            !(difference.chosen && difference.first),
            !difference.chosen,
            difference.area,
            difference.name.clone(),
        )
    });
    found
}

fn difference(key: &str, here: &Current, there: &Current) -> Option<Difference> {
    let kind = here.kind();
    if kind.same(&here.value, &there.value) {
        return None;
    }
    let (one, other) = if kind == Kind::Flags {
        flags_of_both(&here.value, &there.value)?
    } else {
        let shown = |current: &Current| story::written(kind, &current.value);
        (shown(here), shown(there))
    };
    let chosen = [here, there]
        .iter()
        .any(|current| current.origin != Origin::Default && current.is_changed());
    Some(Difference {
        name: key.to_owned(),
        area: here.known.map(|(area, _)| area),
        first: here.known.is_some_and(|(_, setting)| setting.first),
        chosen,
        here: one,
        there: other,
    })
}

/// The flags that both have and that stand otherwise; a flag only one version has is no difference.
fn flags_of_both(here: &str, there: &str) -> Option<(String, String)> {
    let read = |text: &'_ str| -> BTreeMap<String, String> {
        text.split(',')
            .filter_map(|pair| pair.trim().split_once('='))
            .map(|(flag, state)| (flag.to_lowercase(), state.to_lowercase()))
            .collect()
    };
    let other = read(there);
    let mut pairs = (Vec::new(), Vec::new());
    for (flag, state) in read(here) {
        if let Some(there) = other.get(&flag).filter(|there| **there != state) {
            pairs.0.push(format!("{flag}={state}"));
            pairs.1.push(format!("{flag}={there}"));
        }
    }
    let shown = |pairs: &[String]| {
        let pairs: Vec<String> = pairs
            .iter()
            .map(|pair| match pair.split_once('=') {
                Some((flag, state)) => {
                    format!("{}={}", Untrusted::name(flag), Untrusted::name(state))
                }
                None => String::new(),
            })
            .collect();
        pairs.join(", ")
    };
    (!pairs.0.is_empty()).then(|| (shown(&pairs.0), shown(&pairs.1)))
}

/// Names, places, identifiers and states: two healthy servers differ in all of them.
fn is_of_the_place(name: &str) -> bool {
    const NAMES: [&str; 24] = [
        "hostname",
        "port",
        "socket",
        "basedir",
        "datadir",
        "tmpdir",
        "log_error",
        "relay_log",
        "license",
        "build_id",
        "server_memory",
        "bind_address",
        "admin_address",
        "mysqlx_bind_address",
        "innodb_version",
        "system_time_zone",
        "large_page_size",
        "have_ssl",
        "have_openssl",
        "ssl_key",
        "wsrep_patch_version",
        "aurora_server_id",
        "proxy_user",
        "external_user",
    ];
    const STARTS: [&str; 13] = [
        "version",
        "server_id",
        "server_u",
        "report_",
        "gtid_",
        "ssl_",
        "tls_",
        "admin_ssl",
        "admin_tls",
        "wsrep_node",
        "wsrep_cluster",
        "wsrep_start",
        "performance_schema_",
    ];
    const ENDS: [&str; 9] = [
        "_port",
        "_dir",
        "_file",
        "_basename",
        "_index",
        "_path",
        "_home_dir",
        "_load_tmpdir",
        "_address",
    ];
    NAMES.contains(&name)
        || STARTS.iter().any(|start| name.starts_with(start))
        || ENDS.iter().any(|end| name.ends_with(end))
        || name == "pid_file"
}

#[cfg(test)]
mod tests;
