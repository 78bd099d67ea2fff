//! A setting in words: what it is, where its value came from, who set it, and what a restart will do
//! to it. Pure.

use storex_tool::{Finding, Untrusted};

use super::changes::GlobalChanges;
use super::kind::{Kind, flags_that_differ, number};
use super::settings::{AfterRestart, Current, Origin};

/// Values longer than this are cut.
const VALUE_CHARS: usize = 120;

/// A value as it may be shown.
pub fn shown(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".to_owned();
    }
    if text.len() <= 64 {
        return Untrusted::name(text).to_string();
    }
    Untrusted::text(text, VALUE_CHARS).to_string()
}

/// A setting's value; of a list of flags only those that are not as by default.
pub fn value(current: &Current) -> String {
    let kind = current.kind();
    match (&current.default, kind) {
        (Some(default), Kind::Flags) => match flags(&current.value, default).as_str() {
            "" => "as by default".to_owned(),
            flags => flags.to_owned(),
        },
        _ => written(kind, &current.value),
    }
}

/// A value of a kind, with its unit; a figure is ours, any other text is the database's.
pub fn written(kind: Kind, text: &str) -> String {
    match number(text) {
        Some(_) => kind.written(text),
        None => shown(text),
    }
}

/// The flags of `now` that stand otherwise in `then`: `index_merge=off, mrr=off`.
pub fn flags(now: &str, then: &str) -> String {
    let pairs = flags_that_differ(now, then);
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(flag, state)| {
            Untrusted::name(flag).to_string() + "=" + Untrusted::name(state).as_str()
        })
        .collect();
    pairs.join(", ")
}

/// `sync_binlog is 0 (default 1)`.
pub fn is(current: &Current) -> String {
    let kind = current.kind();
    let default = match &current.default {
        Some(default) if current.is_changed() && kind != Kind::Flags && kind != Kind::Words => {
            format!(" (default {})", written(kind, default))
        }
        _ => String::new(),
    };
    let verb = if kind == Kind::Flags { "has" } else { "is" };
    format!("{} {verb} {}{default}", current.name, value(current))
}

/// Where its value came from, as the end of a sentence: `; set by root@localhost at ... while the
/// server ran, and lost at a restart`.
pub fn origin(current: &Current, changes: &GlobalChanges) -> String {
    let mut parts = Vec::new();
    match current.origin {
        Origin::Runtime if current.is_changed() => parts.push(runtime(current, changes)),
        Origin::File => parts.push("set in an option file".to_owned()),
        Origin::ParameterGroup => parts.push("set in the provider's parameters".to_owned()),
        Origin::CommandLine => parts.push("set on the command line".to_owned()),
        Origin::Persisted => parts.push(format!("persisted{}", who(current, changes))),
        Origin::Runtime | Origin::Default | Origin::Unknown => {}
    }
    match current.after_restart() {
        Some(AfterRestart::Persisted(value)) => {
            parts.push(format!(
                "a restart brings the persisted {}",
                written(current.kind(), &value)
            ));
        }
        Some(AfterRestart::FileOrDefault) => parts.push("lost at a restart".to_owned()),
        None if current.persisted.is_some() && current.origin == Origin::Runtime => {
            parts.push("persisted".to_owned());
        }
        None => {}
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!("; {}", parts.join(", "))
    }
}

fn runtime(current: &Current, changes: &GlobalChanges) -> String {
    format!("set while the server ran{}", who(current, changes))
}

/// ` by root@localhost at 2026-11-23 07:22:44 UTC`, as far as the server tells.
fn who(current: &Current, changes: &GlobalChanges) -> String {
    let Some(change) = changes.change_of(current) else {
        return String::new();
    };
    let by = change
        .by
        .as_ref()
        .map(|(user, host)| by(user, host.as_deref()));
    let mut text = String::new();
    if let Some(by) = by {
        text.push_str(" by ");
        text.push_str(&by);
    }
    if let Some(at) = change.at.as_deref() {
        text.push_str(" at ");
        text.push_str(&moment(at));
    }
    if !change.certain {
        text.push_str(" (unless a session has set its own since)");
    }
    text
}

/// An account as it may be shown.
pub fn by(user: &str, host: Option<&str>) -> String {
    let user = Untrusted::name(user);
    match host.filter(|host| !host.is_empty()) {
        Some(host) => format!("{user}@{}", Untrusted::name(host)),
        None => user.to_string(),
    }
}

/// Says of the steps of a finding how they are taken where a provider keeps the settings.
pub fn for_managed(finding: &mut Finding) {
    for remedy in &mut finding.remedy {
        if remedy.step.contains("SET GLOBAL") || remedy.step.contains("configuration") {
            remedy
                .safety
                .push_str("; this server is managed: change the provider's parameter instead");
        }
    }
}

/// A time to the second, in UTC.
pub fn moment(at: &str) -> String {
    let seconds = at.split('.').next().unwrap_or_default();
    let plain = seconds
        .chars()
        .all(|c| c.is_ascii_digit() || "-: ".contains(c));
    if plain {
        format!("{seconds} UTC")
    } else {
        Untrusted::text(seconds, 32).to_string()
    }
}
