//! Settings and differences as they are shown.

use schemars::JsonSchema;
use serde::Serialize;

use crate::config::changes::GlobalChanges;
use crate::config::compare::Difference;
use crate::config::settings::{AfterRestart, Current, Origin, Settings};
use crate::config::story;

/// One setting.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Row {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    area: Option<&'static str>,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_restart: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manual: Option<String>,
}

/// One difference.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Differing {
    name: String,
    here: String,
    there: String,
    /// Nobody chose it
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    by_default: bool,
}

/// The settings asked for: those of a name, all that matter, or those not as by default.
pub(super) fn rows_of(
    settings: &Settings,
    changes: &GlobalChanges,
    name: Option<&str>,
    full: bool,
) -> Vec<Row> {
    let mut wanted: Vec<&Current> = settings
        .all()
        .filter(|current| match name {
            Some(pattern) => matches(current, pattern),
            None if full => current.known.is_some(),
            None => {
                current.known.is_some()
                    && (current.is_changed() || current.after_restart().is_some())
            }
        })
        .collect();
    wanted.sort_by_key(|current| {
        let area = current.known.map(|(area, _)| area);
        let matters = current.known.is_some_and(|(_, setting)| setting.first);
        let at_runtime = current.origin == Origin::Runtime && current.is_changed();
        if full || name.is_some() {
            (false, false, area.is_none(), area, &current.name)
        } else {
            (!at_runtime, !matters, area.is_none(), area, &current.name)
        }
    });
    wanted
        .into_iter()
        .map(|current| row(current, changes, settings, name.is_some(), full))
        .collect()
}

fn row(
    current: &Current,
    changes: &GlobalChanges,
    settings: &Settings,
    looked_up: bool,
    grouped: bool,
) -> Row {
    let own = current.is_changed();
    let change = changes
        .change_of(current)
        .filter(|_| own || current.origin == Origin::Persisted);
    let written = |text: &str| story::written(current.kind(), text);
    let set_by = change
        .as_ref()
        .and_then(|change| change.by.as_ref())
        .map(|(user, host)| story::by(user, host.as_deref()));
    let default_shown = own || looked_up;
    Row {
        name: current.name.clone(),
        area: current
            .known
            .map(|(area, _)| area.name())
            .filter(|_| grouped),
        value: story::value(current),
        default: current
            .default
            .as_deref()
            .filter(|default| default_shown && default.len() <= 120)
            .map(written),
        origin: current.origin.name().filter(|_| own || looked_up),
        set_by,
        set_at: change
            .and_then(|change| change.at)
            .map(|at| story::moment(&at)),
        after_restart: current.after_restart().map(|after| match after {
            AfterRestart::Persisted(value) => format!("{} (persisted)", written(&value)),
            AfterRestart::FileOrDefault => "lost".to_owned(),
        }),
        why: current
            .known
            .map(|(_, setting)| setting.why)
            .filter(|_| looked_up),
        manual: current
            .known
            .map(|(_, setting)| setting.manual(settings.server()))
            .filter(|_| looked_up),
    }
}

/// The first differences, as many as are shown.
pub(super) fn differing(all: &[Difference], shown: usize) -> Vec<Differing> {
    all.iter()
        .take(shown)
        .map(|difference| Differing {
            name: difference.name.clone(),
            here: difference.here.clone(),
            there: difference.there.clone(),
            by_default: !difference.chosen && difference.area.is_some(),
        })
        .collect()
}

/// Whether a setting, by any of its names, holds the text asked for; `%` and `*` stand for any text.
fn matches(current: &Current, pattern: &str) -> bool {
    let pattern = pattern
        .trim()
        .to_lowercase()
        .replace('-', "_")
        .replace('*', "%");
    let other_names = current
        .known
        .map_or(&[][..], |(_, setting)| setting.other_names);
    let present = current.known.map(|(_, setting)| setting.name);
    std::iter::once(current.name.as_str())
        .chain(present)
        .chain(other_names.iter().copied())
        .any(|name| holds_in_order(name, &pattern))
}

/// Whether the parts of `pattern` between `%` occur in `name`, one after another.
fn holds_in_order(name: &str, pattern: &str) -> bool {
    let mut rest = name;
    pattern.split('%').all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_found_anywhere_in_a_name() {
        assert!(holds_in_order(
            "innodb_flush_log_at_trx_commit",
            "flush%commit"
        ));
        assert!(holds_in_order(
            "innodb_flush_log_at_trx_commit",
            "innodb_flush"
        ));
        assert!(!holds_in_order(
            "innodb_flush_log_at_trx_commit",
            "commit%flush"
        ));
        assert!(holds_in_order("sync_binlog", ""));
    }
}
