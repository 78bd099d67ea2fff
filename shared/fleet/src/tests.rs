//! What an inventory accepts, refuses and says.

mod aws;
mod azure;
mod documented;
mod google;
mod metrics;
mod mistakes;
mod reading;
mod reloading;
mod rendered;
mod secrets;

use std::path::Path;
use std::sync::Arc;

use crate::{Instance, Inventory, Mistake, MySqlEndpoint, Readers, Source};

/// A recorded instance, complete.
const RECORDED: &str = r#"
[[instance]]
name = "incident-42"
region = "eu-west-1"
regulatory_domain = "eu"
environment = "production"
owner_team = "checkout"
snapshot = "snapshots/hot-row.tar.zst"
"#;

/// The defaults that make an instance of a name and a source complete.
const DEFAULTS: &str = r#"
[defaults]
region = "eu-west-1"
regulatory_domain = "eu"
environment = "production"
owner_team = "checkout"
"#;

fn parse(text: &str) -> Result<Inventory, Vec<Mistake>> {
    Inventory::parse(text, Path::new("/etc/storex"), Readers::Everyone)
}

/// An instance `a` with these fields of `[instance.mysql]`, in a file of these readers.
fn mysql(fields: &str, readers: Readers) -> Result<MySqlEndpoint, Vec<Mistake>> {
    let text = format!("{DEFAULTS}[[instance]]\nname = \"a\"\n[instance.mysql]\n{fields}");
    let inventory = Inventory::parse(&text, Path::new("/etc/storex"), readers)?;
    Ok(endpoint(inventory.get("a").unwrap()))
}

fn endpoint(instance: &Arc<Instance>) -> MySqlEndpoint {
    match &instance.source {
        Source::MySql(endpoint) => endpoint.clone(),
        Source::Snapshot(path) => panic!("a live instance expected, not {}", path.display()),
    }
}

fn words(mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(Mistake::to_string).collect();
    lines.join("\n")
}
