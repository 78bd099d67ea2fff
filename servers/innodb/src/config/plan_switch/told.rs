//! Switched plans, and settings that may switch them, as findings. Pure.

use storex_tool::{Confidence, Finding, Severity};

use super::Sufferer;
use crate::config::changes::GlobalChanges;
use crate::config::kind::Kind;
use crate::config::settings::{Current, Origin};
use crate::config::story;
use crate::sessions::show_statement;

const RUNBOOK: &str = "innodb_config";
const STATEMENT_CHARS: usize = 160;
/// Statements named in one finding.
const NAMED: usize = 3;

/// The setting, when and by whom, and who suffers.
pub(super) fn plan_switched(
    current: &Current,
    changes: &GlobalChanges,
    hit: &[&Sufferer],
) -> Finding {
    let measured = hit
        .iter()
        .any(|sufferer| sufferer.rows_per_call_before.is_some());
    // A statement younger than the change cannot have been switched by it.
    let changed_at = changes.change_of(current).and_then(|change| change.at);
    let older = |sufferer: &&&Sufferer| match (&sufferer.first_seen, &changed_at) {
        (Some(first), Some(then)) => first <= then,
        _ => true,
    };
    let likely = measured
        && current.origin == Origin::Runtime
        && hit.iter().any(|s| s.scans > 0 && older(&s));
    let named: Vec<String> = hit.iter().take(NAMED).map(|s| in_words(s)).collect();
    let more = hit.len().saturating_sub(NAMED);
    let more = if more == 0 {
        String::new()
    } else {
        format!("; and {more} more")
    };
    let statement = format!(
        "{}{}; plans got worse: {}{more}",
        story::is(current),
        story::origin(current, changes),
        named.join("; ")
    );
    let confidence = if likely {
        Confidence::Likely
    } else {
        Confidence::Possible
    };
    let mut finding = Finding::new("plan_switch", Severity::Warning, confidence, statement)
        .evidence(
            setting_name(current),
            story::value(current),
            "",
            "global variables",
        );
    for sufferer in hit.iter().take(NAMED) {
        let from = "events_statements_summary_by_digest, difference of two samples";
        finding = match sufferer.rows_per_call_before {
            Some(before) => finding.against(
                "rows_examined_per_call",
                sufferer.rows_per_call,
                before,
                "rows",
                from,
            ),
            None => finding.evidence(
                "rows_examined_per_call",
                sufferer.rows_per_call,
                "rows",
                "events_statements_summary_by_digest, since first seen",
            ),
        };
    }
    way_back(finding, current)
}

fn in_words(sufferer: &Sufferer) -> String {
    let text = show_statement(&sufferer.text, false, STATEMENT_CHARS);
    match sufferer.rows_per_call_before {
        Some(before) => format!(
            "{text} examines {} rows a run ({} ms), before about {before}",
            sufferer.rows_per_call, sufferer.ms_per_call
        ),
        None => format!(
            "{text} scanned in {} of {} runs since it was first seen",
            sufferer.scans, sufferer.calls
        ),
    }
}

/// No statement is known to suffer: the setting alone.
pub(super) fn setting_only(current: &Current, changes: &GlobalChanges, seen: bool) -> Finding {
    let severity = if current.origin == Origin::Runtime {
        Severity::Warning
    } else {
        Severity::Info
    };
    let suffer = if seen {
        "no statement was seen to suffer"
    } else {
        "whether statements suffer could not be read"
    };
    let statement = format!(
        "{}: plans of new connections may be others than elsewhere; {suffer}{}",
        story::is(current),
        story::origin(current, changes)
    );
    let finding = Finding::new(
        "optimizer_setting_changed",
        severity,
        Confidence::Possible,
        statement,
    )
    .evidence(
        setting_name(current),
        story::value(current),
        "",
        "global variables",
    );
    way_back(finding, current)
}

fn way_back(finding: Finding, current: &Current) -> Finding {
    let name = setting_name(current);
    let default = match (&current.default, current.kind()) {
        (Some(default), Kind::Flags) => {
            let flags = story::flags(default, &current.value);
            format!("'{}'", flags.replace(", ", ","))
        }
        _ => "DEFAULT".to_owned(),
    };
    finding.remedy(
        format!("SET GLOBAL {name} = {default}, then let clients reconnect: sessions keep what they began with"),
        "dynamic, and can be set back; reaches new connections only",
        "plans of new connections change back",
        RUNBOOK,
    )
}

fn setting_name(current: &Current) -> &'static str {
    current.known.map_or("setting", |(_, setting)| setting.name)
}
