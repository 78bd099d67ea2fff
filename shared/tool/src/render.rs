//! One answer as compact Markdown: the same facts as the structured value, for clients that show
//! only text and for people at a terminal.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Renders a structured answer.
pub fn markdown(answer: &Value) -> String {
    let mut out = String::new();
    let Some(map) = answer.as_object() else {
        return answer.to_string();
    };
    if let Some(error) = map.get("error").and_then(Value::as_object) {
        let _infallible = write!(
            out,
            "error ({}): {}",
            text(error.get("code")),
            text(error.get("message"))
        );
        return out;
    }
    let _infallible = writeln!(out, "**{}**", text(map.get("headline")));
    let _infallible = writeln!(
        out,
        "_{}; {}_",
        text(map.get("as_of")),
        text(map.get("source"))
    );
    for finding in list(map, "findings") {
        write_finding(&mut out, finding);
    }
    for (key, value) in map {
        if !matches!(
            key.as_str(),
            "headline" | "as_of" | "source" | "findings" | "coverage" | "truncated"
        ) {
            write_field(&mut out, key, value);
        }
    }
    write_coverage(&mut out, map);
    out.truncate(out.trim_end().len());
    out
}

fn write_finding(out: &mut String, finding: &Value) {
    let get = |key: &str| text(finding.get(key));
    let _infallible = write!(
        out,
        "\n- **{}** ({}, `{}`): {}\n",
        get("severity"),
        get("confidence"),
        get("id"),
        get("statement")
    );
    let evidence: Vec<String> = items(finding.get("evidence")).map(evidence).collect();
    if !evidence.is_empty() {
        let _infallible = writeln!(out, "  - evidence: {}", evidence.join("; "));
    }
    for remedy in items(finding.get("remedy")) {
        let get = |key: &str| text(remedy.get(key));
        let _infallible = writeln!(
            out,
            "  - could do: `{}`: {}; cost: {} (runbook `{}`)",
            get("step"),
            get("safety"),
            get("cost"),
            get("runbook")
        );
    }
    for next in items(finding.get("next")) {
        let _infallible = writeln!(
            out,
            "  - look further: `{}` {}",
            text(next.get("tool")),
            text(next.get("arguments"))
        );
    }
}

fn evidence(item: &Value) -> String {
    let get = |key: &str| text(item.get(key));
    let mut line = format!("{} {}", get("what"), get("value"));
    if item.get("unit").is_some() {
        let _infallible = write!(line, " {}", get("unit"));
    }
    if item.get("limit").is_some() {
        let _infallible = write!(line, " (against {})", get("limit"));
    }
    let _infallible = write!(line, " [{}]", get("from"));
    line
}

fn write_field(out: &mut String, key: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Array(rows) if rows.is_empty() => {}
        Value::Array(rows) if rows.iter().all(is_flat_object) => {
            let _infallible = writeln!(out, "\n{key}:\n");
            write_table(out, rows);
        }
        Value::Array(_) | Value::Object(_) => {
            let _infallible = writeln!(out, "\n{key}:");
            write_nested(out, value, 0);
        }
        _ => {
            let _infallible = writeln!(out, "\n{key}: {}", text(Some(value)));
        }
    }
}

fn write_table(out: &mut String, rows: &[Value]) {
    let mut columns: Vec<&String> = Vec::new();
    for row in rows.iter().filter_map(Value::as_object) {
        for key in row.keys() {
            if !columns.contains(&key) {
                columns.push(key);
            }
        }
    }
    let names: Vec<&str> = columns.iter().map(|name| name.as_str()).collect();
    let _infallible = writeln!(
        out,
        "| {} |\n|{}",
        names.join(" | "),
        "---|".repeat(names.len())
    );
    for row in rows {
        let cells: Vec<String> = columns
            .iter()
            .map(|name| text(row.get(name.as_str())).replace('|', "\\|"))
            .collect();
        let _infallible = writeln!(out, "| {} |", cells.join(" | "));
    }
}

/// Lists and objects inside each other as bullets; an object's plain fields share a line.
fn write_nested(out: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Array(entries) => {
            for entry in entries {
                write_nested(out, entry, depth);
            }
        }
        Value::Object(map) => {
            let plain: Vec<String> = map
                .iter()
                .filter(|(_, field)| !field.is_array() && !field.is_object() && !field.is_null())
                .map(|(key, field)| format!("{key} {}", text(Some(field))))
                .collect();
            let _infallible = writeln!(out, "{indent}- {}", plain.join(", "));
            for (key, field) in map {
                if matches!(field, Value::Array(entries) if !entries.is_empty())
                    || field.is_object()
                {
                    let _infallible = writeln!(out, "{indent}  - {key}:");
                    write_nested(out, field, depth + 2);
                }
            }
        }
        _ => {
            let _infallible = writeln!(out, "{indent}- {}", text(Some(value)));
        }
    }
}

fn write_coverage(out: &mut String, map: &Map<String, Value>) {
    let expected = map
        .get("coverage")
        .and_then(|coverage| coverage.get("expected")?.as_u64());
    if let Some(coverage) = map.get("coverage").filter(|_| expected != Some(0)) {
        let get = |key: &str| text(coverage.get(key));
        let _infallible = writeln!(
            out,
            "\ncoverage: {} of {} reads answered",
            get("answered"),
            get("expected")
        );
        for missing in items(coverage.get("missing")) {
            let fix = text(missing.get("fix"));
            let fix = if fix.is_empty() {
                fix
            } else {
                format!("; to see it: {fix}")
            };
            let _infallible = writeln!(
                out,
                "- not seen: {}: {}{fix}",
                text(missing.get("what")),
                text(missing.get("why"))
            );
        }
    }
    for cut in list(map, "truncated") {
        let get = |key: &str| text(cut.get(key));
        let _infallible = writeln!(
            out,
            "left out: {} of {} {} kept; {}",
            get("kept"),
            get("total"),
            get("what"),
            get("how")
        );
    }
}

fn is_flat_object(value: &Value) -> bool {
    value.as_object().is_some_and(|map| {
        map.values()
            .all(|field| !field.is_array() && !field.is_object())
    })
}

fn list<'a>(map: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = &'a Value> {
    items(map.get(key))
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
