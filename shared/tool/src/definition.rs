//! A tool as clients see it: name, description and schemas, kept small because every client pays
//! for them in every conversation.

use std::sync::Arc;

use schemars::generate::{Contract, SchemaSettings};
use serde_json::{Map, Value};

use crate::{App, Effect, Tool};

/// The wire definition of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// Name.
    pub name: &'static str,
    /// Title for people.
    pub title: &'static str,
    /// Description for the model.
    pub description: &'static str,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// JSON Schema of the arguments; unknown ones are refused.
    pub input_schema: Arc<Map<String, Value>>,
    /// JSON Schema of the tool's own data. The envelope around it is described once, in the
    /// server's instructions, and is let pass here.
    pub output_schema: Arc<Map<String, Value>>,
    /// The page clients that show pages draw its results with.
    pub app: Option<&'static App>,
}

impl Definition {
    /// The definition of `T`.
    pub fn of<T: Tool>() -> Self {
        let spec = &T::SPEC;
        // As it is written: a field that is left out when empty must not be required.
        let mut output = schema::<T::Data>(Contract::Serialize);
        // Fields of the envelope stand beside the tool's own, and an error stands alone in their
        // place: some clients hold that, too, against the schema.
        output.remove("additionalProperties");
        output.remove("required");
        without_prose(&mut output);
        let mut input = schema::<T::Input>(Contract::Deserialize);
        input.remove("description");
        Self {
            name: spec.name,
            title: spec.title,
            description: spec.description,
            read_only: spec.effect != Effect::Mutate,
            input_schema: Arc::new(input),
            output_schema: Arc::new(output),
            app: T::APP,
        }
    }
}

fn schema<T: schemars::JsonSchema>(contract: Contract) -> Map<String, Value> {
    let mut settings = SchemaSettings::draft2020_12();
    settings.contract = contract;
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut value = schema.to_value();
    compact(&mut value, true);
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Drops the descriptions of an output schema: names there carry their units, and the answer itself
/// shows what they mean. They made up a fifth of what `tools/list` costs.
fn without_prose(schema: &mut Map<String, Value>) {
    if schema.get("description").is_some_and(Value::is_string) {
        schema.remove("description");
    }
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for property in properties.into_iter().flat_map(Map::values_mut) {
        if let Some(property) = property.as_object_mut() {
            without_prose(property);
        }
    }
    if let Some(items) = schema.get_mut("items").and_then(Value::as_object_mut) {
        without_prose(items);
    }
}

/// Drops what tells a model nothing: titles, number formats, `null` alternatives and defaults of
/// `null`. Property names are left alone (a field may be called `title`).
fn compact(value: &mut Value, is_schema: bool) {
    match value {
        Value::Object(map) => {
            if is_schema {
                drop_noise(map);
            }
            for (key, child) in map.iter_mut() {
                let child_is_schema =
                    !(is_schema && matches!(key.as_str(), "properties" | "default" | "enum"));
                compact(child, child_is_schema);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| compact(item, true)),
        _ => {}
    }
}

fn drop_noise(map: &mut Map<String, Value>) {
    for key in ["title", "format"] {
        if map.get(key).is_some_and(Value::is_string) {
            map.remove(key);
        }
    }
    if map.get("minimum").and_then(Value::as_u64) == Some(0) {
        map.remove("minimum");
    }
    if map.get("default").is_some_and(Value::is_null) {
        map.remove("default");
    }
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|t| t != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(any)) = map.get_mut("anyOf") {
        any.retain(|schema| schema.get("type").is_none_or(|t| t != "null"));
        if let [Value::Object(only)] = any.as_slice() {
            let only = only.clone();
            map.remove("anyOf");
            map.extend(only);
        }
    }
    // A `oneOf` of constants is an enum with prose; the names say enough.
    let constants: Option<Vec<Value>> =
        map.get("oneOf").and_then(Value::as_array).and_then(|all| {
            all.iter()
                .map(|schema| schema.get("const").cloned())
                .collect()
        });
    if let Some(constants) = constants {
        map.remove("oneOf");
        map.insert("enum".to_owned(), Value::Array(constants));
    }
    if map.contains_key("enum") {
        map.remove("type");
    }
}
