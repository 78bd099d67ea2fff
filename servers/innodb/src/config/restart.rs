//! What a restart would change: values set while the server ran and not persisted, and values persisted
//! and not yet in force. Pure.

use storex_tool::{Confidence, Finding, Severity};

use super::settings::{AfterRestart, Current, Settings};
use super::story;

const RUNBOOK: &str = "innodb_config";
/// Settings named in the finding.
const NAMED: usize = 6;

/// A fact to know before restarting: the settings that matter and will not be what they are.
/// MySQL Reference Manual, "Persisted System Variables".
pub fn finding(settings: &Settings) -> Option<Finding> {
    let mut changing: Vec<(&Current, AfterRestart)> = settings
        .all()
        .filter(|current| current.known.is_some())
        .filter_map(|current| Some((current, current.after_restart()?)))
        .collect();
    changing.sort_by_key(|(current, _)| {
        let known = current.known;
        (
            !known.is_some_and(|(_, setting)| setting.first),
            known.map(|(area, _)| area),
        )
    });
    let count = changing.len();
    if count == 0 {
        return None;
    }
    let named: Vec<String> = changing
        .iter()
        .take(NAMED)
        .map(|(current, after)| change(current, after))
        .collect();
    let more = count.saturating_sub(NAMED);
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    let what = if count == 1 {
        "setting that matters"
    } else {
        "settings that matter"
    };
    let finding = Finding::new(
        "restart_changes_settings",
        Severity::Info,
        Confidence::Certain,
        format!(
            "a restart changes {count} {what}: {}{more}",
            named.join(", ")
        ),
    );
    let finding = finding.evidence(
        "settings_changed_by_restart",
        count,
        "settings",
        "values, origins and persisted values",
    );
    Some(finding.remedy(
        "write what is to stay into the option file, the parameter group, or SET PERSIST (MySQL)",
        "safe: nothing changes now",
        "none",
        RUNBOOK,
    ))
}

fn change(current: &Current, after: &AfterRestart) -> String {
    let now = story::value(current);
    match after {
        AfterRestart::Persisted(value) => {
            let later = story::written(current.kind(), value);
            format!("{} from {now} to {later}", current.name)
        }
        AfterRestart::FileOrDefault => format!("{} {now} is lost", current.name),
    }
}
