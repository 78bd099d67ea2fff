//! What clients are sent: pinned, and small.

use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_tool::{Credential, Definition, Dispatch};

use super::rows;

/// A definition as it goes over the wire.
fn wire(definition: &Definition) -> Value {
    let mut wire = json!({
        "name": definition.name,
        "title": definition.title,
        "description": definition.description,
        "inputSchema": *definition.input_schema,
        "outputSchema": *definition.output_schema,
        "annotations": { "readOnlyHint": definition.read_only, "openWorldHint": false },
    });
    if let Some(app) = definition.app {
        wire["_meta"] = json!({ "ui": { "resourceUri": app.uri } });
    }
    wire
}

#[test]
fn the_definition_of_every_tool_is_pinned() {
    for (_, row) in rows() {
        insta::assert_json_snapshot!(row.spec.name, wire(&row.definition()));
    }
}

#[test]
fn the_list_of_tools_costs_a_conversation_little() {
    let definitions: Vec<Value> = rows().map(|(_, row)| wire(&row.definition())).collect();
    let bytes = serde_json::to_string(&definitions).unwrap().len();
    let average = bytes / 4 / definitions.len();
    println!(
        "{} tools, about {} tokens, {average} a tool",
        definitions.len(),
        bytes / 4
    );
    for definition in &definitions {
        println!(
            "  {:<24} {}",
            definition["name"].as_str().unwrap(),
            definition.to_string().len() / 4
        );
    }
    assert!(average <= 400, "{average} tokens a tool");
}

#[test]
fn no_definition_names_an_address_or_a_machine() {
    for (_, row) in rows() {
        let text = wire(&row.definition()).to_string();
        for leak in ["127.0.0.1", "localhost", "/home/", "/var/", "/tmp/"] {
            assert!(!text.contains(leak), "{}: {leak}", row.spec.name);
        }
    }
}

#[tokio::test]
async fn the_instructions_are_short_and_the_list_does_not_grow_with_the_fleet() -> anyhow::Result<()>
{
    let one = House::over(&[Instance::nowhere("db-0")])?;
    let names: Vec<String> = (0..300).map(|index| format!("db-{index}")).collect();
    let many: Vec<Instance> = names.iter().map(|name| Instance::nowhere(name)).collect();
    let many = House::over(&many)?;
    let instructions = &many.server.about().instructions;
    assert!(instructions.len() <= 2_048, "{} bytes", instructions.len());
    assert_eq!(*instructions, one.server.about().instructions);
    for domain in storex::DOMAINS {
        assert!(instructions.contains(domain.about), "{}", domain.name);
    }
    let listed = many.list_as(&Credential::Local).await;
    assert_eq!(listed, one.list_as(&Credential::Local).await);
    assert_eq!(listed.len(), rows().count());
    Ok(())
}
