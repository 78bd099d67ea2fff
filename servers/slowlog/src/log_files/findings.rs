//! What keeps logs from telling what they could.

mod places;

use storex_tool::{Confidence, Finding, Severity};

use super::{Asked, Known};

/// Where settings come from.
const VARIABLES: &str = "global_variables";
/// The runbook.
const RUNBOOK: &str = "slowlog_files";
/// The default of `long_query_time`, in seconds (Reference Manual): almost nothing an application runs
/// takes that long.
const DEFAULT_LONG_QUERY_S: f64 = 10.0;

/// The findings.
pub fn findings(known: &Known) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(asked) = &known.server {
        findings.extend(slow_log(asked));
        findings.extend(error_log(asked));
        findings.extend(places::findings(known, asked));
    }
    findings
}

fn finding(
    id: &'static str,
    severity: Severity,
    statement: impl Into<String>,
    (setting, value): (&'static str, &str),
    remedy: [&str; 2],
) -> Finding {
    let [step, cost] = remedy;
    Finding::new(id, severity, Confidence::Certain, statement)
        .evidence(setting, value, "", VARIABLES)
        .remedy(step, "dynamic, can be set back", cost, RUNBOOK)
}

/// How a setting is changed on this server.
fn set(asked: &Asked, assignment: &str) -> String {
    if asked.managed {
        format!("in the provider's parameters, set {assignment}")
    } else {
        format!("SET GLOBAL {assignment}, and the same in the server's configuration")
    }
}

/// Whether slow statements are written to a file, all of them, with all that can be told.
fn slow_log(asked: &Asked) -> Vec<Finding> {
    let settings = &asked.settings;
    let mut all = Vec::new();
    if settings.is_on("slow_query_log") == Some(false) {
        all.push(finding(
            "slow_log_off",
            Severity::Warning,
            "the slow log is switched off: nothing is written to it now",
            ("slow_query_log", "OFF"),
            [
                &set(asked, "slow_query_log = ON"),
                "disk space and a little time per slow statement",
            ],
        ));
        return all;
    }
    let output = settings.text("log_output").unwrap_or_default();
    if settings.writes_to("NONE") == Some(true) {
        all.push(finding(
            "log_output_none",
            Severity::Warning,
            "log_output is NONE: the slow log is on and written nowhere",
            ("log_output", output),
            [&set(asked, "log_output = 'FILE'"), "disk space"],
        ));
    } else if settings.writes_to("FILE") == Some(false) {
        all.push(finding(
            "log_output_table",
            Severity::Warning,
            "log_output is TABLE: slow statements go to mysql.slow_log, not to a file",
            ("log_output", output),
            [&set(asked, "log_output = 'FILE'"), "disk space"],
        ));
    }
    all.extend(what_is_left_out(asked));
    all
}

fn what_is_left_out(asked: &Asked) -> Vec<Finding> {
    let settings = &asked.settings;
    let mut all = Vec::new();
    let text = |name: &str| settings.text(name).unwrap_or_default();
    if let Some(long_s) = settings.number("long_query_time")
        && long_s >= DEFAULT_LONG_QUERY_S
    {
        all.push(finding(
            "long_query_time_high",
            Severity::Warning,
            format!(
                "only statements of {long_s} s and more are logged: most of the load is not seen"
            ),
            ("long_query_time", text("long_query_time")),
            [
                &set(asked, "long_query_time = 0.5"),
                "a larger log; new connections only",
            ],
        ));
    }
    let rows = settings.count("min_examined_row_limit").unwrap_or(0);
    if rows > 0 {
        all.push(finding(
            "few_rows_left_out",
            Severity::Info,
            format!("statements that examine fewer than {rows} rows are not logged, lock waits among them"),
            ("min_examined_row_limit", text("min_examined_row_limit")),
            [&set(asked, "min_examined_row_limit = 0"), "a larger log"],
        ));
    }
    let sampled = settings.count("log_slow_rate_limit").unwrap_or(1);
    if sampled > 1 {
        all.push(finding(
            "sampled",
            Severity::Info,
            format!(
                "one in {sampled} is logged: counts must be multiplied, rare statements are missed"
            ),
            ("log_slow_rate_limit", text("log_slow_rate_limit")),
            [&set(asked, "log_slow_rate_limit = 1"), "a larger log"],
        ));
    }
    if settings.is_on("log_queries_not_using_indexes") == Some(true) {
        all.push(finding(
            "fast_statements_logged",
            Severity::Info,
            "statements without an index are logged however fast they are: small tables fill the log",
            ("log_queries_not_using_indexes", "ON"),
            [&set(asked, "log_queries_not_using_indexes = OFF"), "nothing"],
        ));
    }
    let bare = settings.is_on("log_slow_extra") == Some(false);
    let terse = settings.text("log_slow_verbosity") == Some("");
    if bare || terse {
        let (setting, value, step) = if bare {
            ("log_slow_extra", "OFF", "log_slow_extra = ON")
        } else {
            let step = "log_slow_verbosity = 'query_plan,innodb'";
            ("log_slow_verbosity", "", step)
        };
        all.push(finding(
            "no_extra_fields",
            Severity::Info,
            "entries say neither bytes sent nor temporary tables nor sorts",
            (setting, value),
            [&set(asked, step), "some hundred bytes per entry"],
        ));
    }
    all
}

/// Whether the error log is a file, and says more than errors.
fn error_log(asked: &Asked) -> Vec<Finding> {
    let settings = &asked.settings;
    let mut all = Vec::new();
    if let Some(place) = settings.text("log_error")
        && matches!(place, "" | "stderr")
    {
        let statement = "the error log is no file: it goes to the service manager's journal";
        all.push(
            Finding::new(
                "error_log_to_stderr",
                Severity::Info,
                Confidence::Certain,
                statement,
            )
            .evidence("log_error", place, "", VARIABLES)
            .remedy(
                "set log_error to a path in the server's configuration",
                "safe",
                "a restart",
                RUNBOOK,
            ),
        );
    }
    let level = ["log_error_verbosity", "log_warnings"]
        .into_iter()
        .find_map(|name| Some((name, settings.count(name)?)));
    let step = match level {
        Some((name @ "log_error_verbosity", 1)) => Some((name, "1", "log_error_verbosity = 2")),
        Some((name @ "log_warnings", 0)) => Some((name, "0", "log_warnings = 2")),
        _ => None,
    };
    if let Some((name, value, step)) = step {
        all.push(finding(
            "warnings_left_out",
            Severity::Info,
            "the error log holds errors only: aborted connections, redo log and replication warnings are missing",
            (name, value),
            [&set(asked, step), "a larger log"],
        ));
    }
    all
}
