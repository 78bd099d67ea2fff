//! The commented reference of the configuration file: every setting with its meaning and default.

use std::fmt::{self, Write as _};

use serde_json::Value;

use crate::config::Config;

/// The reference, as TOML with comments. Settings that have no default are shown commented out.
pub fn reference() -> String {
    let schema = schemars::schema_for!(Config).to_value();
    let example = serde_json::to_value(Config::example()).unwrap_or_default();
    let mut out = String::from(
        "# Every setting of storex.toml. Generated from the types that read it: do not edit.\n",
    );
    table(&mut out, &schema, &schema, &example, "");
    out
}

fn table(out: &mut String, root: &Value, schema: &Value, example: &Value, path: &str) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return;
    };
    let (tables, values): (Vec<_>, Vec<_>) = properties
        .iter()
        .partition(|(_, property)| resolve(root, property).get("properties").is_some());
    for (name, property) in values {
        comment(out, property, root);
        match example.get(name).filter(|value| !value.is_null()) {
            Some(value) => line(out, format_args!("{name} = {value}\n")),
            None => line(out, format_args!("# {name} =\n")),
        }
    }
    for (name, property) in tables {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        comment(out, property, root);
        line(out, format_args!("[{path}]\n"));
        table(
            out,
            root,
            resolve(root, property),
            example.get(name).unwrap_or(&Value::Null),
            &path,
        );
    }
}

fn comment(out: &mut String, property: &Value, root: &Value) {
    let own = property
        .get("description")
        .or_else(|| resolve(root, property).get("description"));
    out.push('\n');
    for text in own.and_then(Value::as_str).unwrap_or_default().lines() {
        line(out, format_args!("# {text}\n"));
    }
}

fn line(out: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _infallible = out.write_fmt(text);
}

/// Follows a reference into the schema's definitions.
fn resolve<'a>(root: &'a Value, property: &'a Value) -> &'a Value {
    property
        .get("$ref")
        .and_then(Value::as_str)
        .and_then(|reference| root.pointer(reference.trim_start_matches('#')))
        .unwrap_or(property)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_a_configuration_that_can_be_read() {
        let text = reference();
        let read: Config = toml::from_str(&text).unwrap();
        assert_eq!(read, Config::example());
        assert!(text.contains("# Largest request body."));
    }
}
