//! `storex demo`: a recorded real incident, served over MCP on loopback, asked as a client would.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Map, Value, json};
use storex_serve::config::{AuditConfig, HttpConfig};
use storex_serve::{Config, boot, http};
use storex_tool::{Credential, Dispatch, Incoming};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::DOMAINS;
use crate::commands::client_config::{self, Client};
use crate::commands::init::write_policies;

/// The incidents that come with the program: a name, and the archive.
const INCIDENTS: &[(&str, &[u8])] = &[
    ("shop-hot-row", include_bytes!("../demo/hot-row.tar.zst")),
    (
        "shop-ddl-pileup",
        include_bytes!("../demo/ddl-pileup.tar.zst"),
    ),
    (
        "shop-long-read",
        include_bytes!("../demo/long-read.tar.zst"),
    ),
    (
        "shop-deadlocks",
        include_bytes!("../demo/deadlocks.tar.zst"),
    ),
    (
        "shop-pool-thrash",
        include_bytes!("../demo/pool-thrash.tar.zst"),
    ),
];

/// One question, and the call that answers it.
struct Question {
    asked: &'static str,
    tool: &'static str,
    instance: Option<&'static str>,
}

/// What is asked, in the order an engineer would.
const QUESTIONS: [Question; 6] = [
    Question {
        asked: "What is there?",
        tool: "fleet_instances",
        instance: None,
    },
    Question {
        asked: "What is blocking checkout?",
        tool: "innodb_lock_waits",
        instance: Some("shop-hot-row"),
    },
    Question {
        asked: "Why does everything wait for an ALTER?",
        tool: "innodb_lock_waits",
        instance: Some("shop-ddl-pileup"),
    },
    Question {
        asked: "Who keeps purge back?",
        tool: "innodb_transactions",
        instance: Some("shop-long-read"),
    },
    Question {
        asked: "Why do payments end in deadlocks?",
        tool: "innodb_deadlocks",
        instance: Some("shop-deadlocks"),
    },
    Question {
        asked: "Why is everything slow?",
        tool: "innodb_pressure",
        instance: Some("shop-pool-thrash"),
    },
];

/// `storex demo`
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// End after the questions instead of serving on
    #[arg(long)]
    once: bool,
}

impl Demo {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let folder = tempfile::Builder::new().prefix("storex-demo-").tempdir()?;
        let config = lay_out(folder.path())?;
        let boot = boot(&config, "storex", DOMAINS)?;
        let token = http::token(&config.http.token_file)?;
        let listener = TcpListener::bind(config.http.listen)
            .await
            .context("no port on loopback")?;
        let url = format!("http://{}/mcp", listener.local_addr()?);
        let stop = crate::commands::on_signal();
        let server = Arc::clone(&boot.server);
        let serving = tokio::spawn({
            let (config, token, stop) = (config.http.clone(), token.clone(), stop.clone());
            async move { http::serve_on(server, &config, &token, listener, stop).await }
        });
        println!("A real incident, recorded and replayed; storex serves it at {url}\n");
        for question in &QUESTIONS {
            let Question {
                asked,
                tool,
                instance,
            } = question;
            let shown = instance.map_or_else(String::new, |name| format!("instance={name}"));
            println!(
                "## {asked}
   {tool} {shown}
"
            );
            println!(
                "{}
",
                indent(&ask(&url, &token, question).await?)
            );
        }
        if self.once {
            stop.cancel();
        } else {
            invite(&url, &token);
        }
        CancellationToken::cancelled(&stop).await;
        serving.await??;
        Ok(ExitCode::SUCCESS)
    }
}

/// The answer to the demo's first real question, without a transport.
pub(crate) async fn answer() -> anyhow::Result<String> {
    let folder = tempfile::tempdir()?;
    let boot = boot(&lay_out(folder.path())?, "storex", DOMAINS)?;
    let arguments = Map::from_iter([("instance".to_owned(), json!("shop-hot-row"))]);
    let incoming = Incoming::new("innodb_lock_waits", arguments, Credential::Local, "command");
    Ok(boot.server.call(incoming).await?.text.clone())
}

/// Inventory, policies and snapshots in a folder that goes away with the demo.
fn lay_out(folder: &Path) -> anyhow::Result<Config> {
    let mut inventory = String::from(
        "[defaults]\nregion = \"eu-west-1\"\nregulatory_domain = \"eu\"\nenvironment = \"production\"\n\
         owner_team = \"checkout\"\non_call = \"checkout-oncall\"\n",
    );
    for (name, archive) in INCIDENTS {
        let file = format!("{name}.tar.zst");
        std::fs::write(folder.join(&file), archive)?;
        write!(
            inventory,
            "\n[[instance]]\nname = {name:?}\ncluster = \"shop\"\nsnapshot = {file:?}\n"
        )?;
    }
    std::fs::write(folder.join("inventory.toml"), inventory)?;
    write_policies(&folder.join("policies"), "eu", "checkout")?;
    let mut config = Config::example();
    config.inventory = folder.join("inventory.toml");
    config.policies = folder.join("policies");
    config.audit = AuditConfig {
        folder: folder.join("audit"),
        ..config.audit
    };
    "you".clone_into(&mut config.identity.user);
    config.identity.teams = vec!["checkout".to_owned()];
    config.http = HttpConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        token_file: folder.join("token"),
        ..HttpConfig::default()
    };
    Ok(config)
}

/// One `tools/call` of the stateless revision of the protocol.
async fn ask(url: &str, token: &str, question: &Question) -> anyhow::Result<String> {
    const REVISION: &str = "2026-07-28";
    let tool = question.tool;
    let arguments = match question.instance {
        Some(instance) => json!({ "instance": instance }),
        None => json!({}),
    };
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {
            "name": tool, "arguments": arguments,
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": REVISION,
                "io.modelcontextprotocol/clientInfo": { "name": "storex-demo", "version": env!("CARGO_PKG_VERSION") },
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        },
    });
    let response: Value = reqwest::Client::new()
        .post(url)
        .bearer_auth(token)
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", REVISION)
        .header("mcp-method", "tools/call")
        .header("mcp-name", tool)
        .json(&body)
        .send()
        .await?
        .json()
        .await?;
    match response
        .pointer("/result/content/0/text")
        .and_then(Value::as_str)
    {
        Some(text) => Ok(text.to_owned()),
        None => bail!("{tool} was not answered: {response}"),
    }
}

fn invite(url: &str, token: &str) {
    println!("## Ask it yourself\n");
    println!(
        "It serves until you press Ctrl-C. Paste into {}:\n",
        Client::ClaudeCode.file()
    );
    println!(
        "{:#}\n",
        client_config::http(Client::ClaudeCode, url, token)
    );
    println!("VS Code: {}:\n", Client::Vscode.file());
    println!("{:#}", client_config::http(Client::Vscode, url, token));
}

fn indent(text: &str) -> String {
    text.lines()
        .map(|line| format!("   {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
