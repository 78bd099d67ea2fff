//! `storex client-config`: what to paste where.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

/// `storex client-config CLIENT`
#[derive(Debug, Args)]
pub(super) struct ClientConfig {
    client: Client,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Client {
    /// Claude Desktop
    Claude,
    /// Claude Code
    ClaudeCode,
    /// VS Code
    Vscode,
    /// Cursor
    Cursor,
}

impl ClientConfig {
    pub(super) fn run(self, config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
        let program = std::env::current_exe()?;
        let config = std::path::absolute(super::config_path(config)?)?;
        eprintln!("Paste into {}:\n", self.client.file());
        println!(
            "{:#}",
            stdio(
                self.client,
                &program.to_string_lossy(),
                &config.to_string_lossy()
            )
        );
        Ok(ExitCode::SUCCESS)
    }
}

impl Client {
    /// The file that client reads.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::Claude => "claude_desktop_config.json (Settings, Developer, Edit Config)",
            Self::ClaudeCode => ".mcp.json in your project",
            Self::Vscode => ".vscode/mcp.json in your project",
            Self::Cursor => ".cursor/mcp.json in your project",
        }
    }
}

/// The snippet that starts storex over standard input and output.
fn stdio(client: Client, program: &str, config: &str) -> Value {
    let arguments = json!(["--config", config, "stdio"]);
    match client {
        Client::Vscode => json!({
            "servers": { "storex": { "type": "stdio", "command": program, "args": arguments } }
        }),
        _ => json!({ "mcpServers": { "storex": { "command": program, "args": arguments } } }),
    }
}

/// The snippet that reaches a storex that runs already, over HTTP.
pub(crate) fn http(client: Client, url: &str, token: &str) -> Value {
    let server = json!({
        "type": "http", "url": url, "headers": { "Authorization": format!("Bearer {token}") }
    });
    match client {
        Client::Vscode => json!({ "servers": { "storex": server } }),
        _ => json!({ "mcpServers": { "storex": server } }),
    }
}
