//! `storex call`: one tool, through the whole stack, printed for people.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use clap::Args;
use serde_json::{Map, Value};
use storex_tool::{Credential, Dispatch, Incoming, Reply};

/// `storex call TOOL key=value...`
#[derive(Debug, Args)]
pub(super) struct Call {
    /// The tool; all tools you may call are listed when it is left out
    tool: Option<String>,
    /// Arguments, as key=value
    arguments: Vec<String>,
    /// Print the structured value instead of text
    #[arg(long)]
    json: bool,
}

impl Call {
    pub(super) async fn run(self, config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
        let (_, _telemetry, boot) = super::start(config)?;
        let Some(tool) = self.tool else {
            for definition in boot.server.list(&Credential::Local, "command").await {
                println!("{:<24} {}", definition.name, definition.title);
            }
            return Ok(ExitCode::SUCCESS);
        };
        let arguments = parse(&self.arguments)?;
        let reply = call(boot.server.as_ref(), &tool, arguments).await?;
        if self.json {
            println!("{:#}", reply.structured);
        } else {
            println!("{}", reply.text);
        }
        Ok(if reply.is_error {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}

/// Calls a tool as the local person.
async fn call(
    server: &dyn Dispatch,
    tool: &str,
    arguments: Map<String, Value>,
) -> anyhow::Result<Arc<Reply>> {
    let mut incoming = Incoming::new(tool, arguments, Credential::Local, "command");
    incoming.cancel = super::serve::on_signal();
    Ok(server.call(incoming).await?)
}

/// `limit=5` is a number, `literals=true` a truth value, `"..."`, `[..]` and `{..}` JSON, all else
/// text.
pub(super) fn parse(pairs: &[String]) -> anyhow::Result<Map<String, Value>> {
    let mut arguments = Map::new();
    for pair in pairs {
        let Some((name, value)) = pair.split_once('=') else {
            bail!("`{pair}` is no argument; write key=value");
        };
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        arguments.insert(name.to_owned(), value);
    }
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_the_type_they_look_like() {
        let pairs = ["instance=shop-1", "limit=5", "literals=true", "search=a=b"].map(String::from);
        let parsed = Value::Object(parse(&pairs).unwrap());
        let expected = serde_json::json!({ "instance": "shop-1", "limit": 5, "literals": true, "search": "a=b" });
        assert_eq!(parsed, expected);
        assert!(parse(&["shop-1".to_owned()]).is_err());
    }
}
