//! The tools an engineer asks about an instance.

use serde_json::{Map, Value, json};
use storex_tool::Row;

/// What a tool wants to know beside the instance, where it says nothing of use without.
const MORE: &[(&str, &str, &str)] = &[("innodb_schema", "table", "shop.orders")];

/// Every tool that asks for the name of an instance.
pub fn instance_tools() -> impl Iterator<Item = &'static Row> {
    let all = storex::DOMAINS.iter().flat_map(|domain| domain.tools);
    all.filter(|row| required(row).contains(&json!("instance")))
}

/// Whether it asks for nothing else.
pub fn asks_for_the_instance_alone(row: &Row) -> bool {
    required(row).len() == 1
}

/// A question about a shop.
pub fn question(tool: &str, instance: &str, detail: &str) -> Value {
    let more = MORE.iter().filter(|(of, ..)| *of == tool);
    let more = more.map(|(_, argument, value)| ((*argument).to_owned(), json!(value)));
    let mut arguments: Map<String, Value> = more.collect();
    arguments.insert("instance".to_owned(), json!(instance));
    arguments.insert("detail".to_owned(), json!(detail));
    Value::Object(arguments)
}

fn required(row: &Row) -> Vec<Value> {
    let schema = row.definition().input_schema;
    let required = schema.get("required").and_then(Value::as_array);
    required.cloned().unwrap_or_default()
}
