//! The monitor as it may be shown and recorded: without literals, with every text marked. Pure.

use serde_json::Value;
use storex_tool::{Untrusted, without_literals};

use crate::monitor::Monitor;
use crate::sessions::show_statement;

const STATEMENT_CHARS: usize = 300;
const LINE_CHARS: usize = 200;

/// Every section, parsed; figures the server lacks are left out.
pub(crate) fn sections(monitor: &Monitor) -> Value {
    let mut value = serde_json::to_value(monitor).unwrap_or_default();
    if let Value::Object(map) = &mut value {
        // The monitor's own averages are over an unknown, mostly tiny window: worthless as rates.
        map.remove("averages_window");
    }
    make_safe(&mut value, "");
    value
}

fn make_safe(value: &mut Value, key: &str) {
    match value {
        Value::String(text) => {
            let safe = match key {
                "statement" => show_statement(text, false, STATEMENT_CHARS),
                "text" | "line" | "lines" => Untrusted::text(&without_literals(text), LINE_CHARS),
                _ => Untrusted::name(text),
            };
            *text = safe.to_string();
        }
        Value::Array(items) => items.iter_mut().for_each(|item| make_safe(item, key)),
        Value::Object(map) => {
            map.retain(|_, field| !is_empty(field));
            map.iter_mut()
                .for_each(|(key, field)| make_safe(field, key));
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Bool(flag) => !flag,
        _ => false,
    }
}

/// The monitor's text without the literals of statements and without the bytes of records, so that
/// it can be recorded and still be parsed.
pub fn redact_monitor(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_statement = false;
    for line in text.lines() {
        let session =
            line.starts_with("MySQL thread id ") || line.starts_with("MariaDB thread id ");
        if in_statement && ends_statement(line) {
            in_statement = false;
        }
        if in_statement {
            out.push_str(&without_literals(line));
        } else if let Some(field) = record_field(line) {
            out.push_str(field);
        } else {
            out.push_str(line);
        }
        out.push('\n');
        in_statement |= session;
    }
    out
}

/// ` 0: len 4; hex 80000001; asc     ;;` keeps its length only.
fn record_field(line: &str) -> Option<&str> {
    let at = line.find("; hex ")?;
    line.trim_start()
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some(line.get(..=at)?)
}

/// Lines the monitor prints after a transaction's statement.
fn ends_statement(line: &str) -> bool {
    const AFTER: [&str; 10] = [
        "---",
        "***",
        "Trx read view",
        "TABLE LOCK",
        "RECORD LOCK",
        "Foreign key constraint",
        "END OF INNODB",
        "===",
        "Trx #rec",
        "----",
    ];
    AFTER.iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "---TRANSACTION 8606, ACTIVE 1 sec starting index read\n\
        LOCK WAIT 2 lock struct(s), heap size 1128, 1 row lock(s)\n\
        MySQL thread id 98, OS thread handle 1, query id 5 127.0.0.1 checkout updating\n\
        UPDATE inventory SET note = 'canary'\n WHERE product_id = 4711\n\
        ------- TRX HAS BEEN WAITING 1 SEC FOR THIS LOCK TO BE GRANTED:\n\
        RECORD LOCKS space id 12 page no 5 n bits 72 index PRIMARY of table `shop`.`inventory` trx id 8606\n \
        0: len 4; hex 80001267; asc    g;;\n";

    #[test]
    fn a_recorded_monitor_holds_no_literal_and_still_parses() {
        let redacted = redact_monitor(TEXT);
        for canary in ["canary", "4711", "80001267"] {
            assert!(
                !redacted.contains(canary),
                "{canary} survived in {redacted}"
            );
        }
        assert!(redacted.contains("query id 5 127.0.0.1 checkout"));
        assert!(redacted.contains("n bits 72 index PRIMARY"));
    }
}
