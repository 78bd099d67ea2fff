//! Callers who ask every tool in turn, each in its own rhythm.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::future::join_all;
use reqwest::Client;
use serde_json::{Value, json};
use storex_integration_tests::{instance_tools, question};

use crate::Arguments;
use crate::figures::percentile;
use crate::program::Program;

const REVISION: &str = "2026-07-28";
/// The callers, and what they were told.
pub(crate) struct Callers {
    door: Arc<Door>,
    tools: Vec<&'static str>,
    count: u32,
    every: Duration,
    /// Calls made so far by each.
    made: u32,
    took_ms: BTreeMap<&'static str, Vec<f64>>,
    errors: Vec<String>,
}

/// Where they ask.
struct Door {
    url: String,
    token: String,
    http: Client,
}

impl Callers {
    pub(crate) fn new(program: &Program, arguments: &Arguments) -> Self {
        let named = |tool: &&str| arguments.tool.iter().any(|name| name == tool);
        let all = || instance_tools().map(|row| row.spec.name);
        let mut tools: Vec<&'static str> = all().filter(named).collect();
        if tools.is_empty() {
            tools = all().collect();
        }
        Self {
            tools,
            door: Arc::new(Door {
                url: program.url.clone(),
                token: program.token.clone(),
                http: Client::new(),
            }),
            count: arguments.callers,
            every: Duration::from_secs_f64(f64::from(arguments.callers) / arguments.rate),
            made: 0,
            took_ms: BTreeMap::new(),
            errors: Vec::new(),
        }
    }

    /// Lets all of them ask for about `time`.
    pub(crate) async fn run(&mut self, time: Duration) {
        let ends = Instant::now() + time;
        let (every, made, callers) = (self.every, self.made, self.count);
        let caller = |number: u32| {
            let (door, tools) = (Arc::clone(&self.door), self.tools.clone());
            tokio::spawn(async move {
                let mut answers = Vec::new();
                let first = Instant::now() + every * number / callers;
                tokio::time::sleep_until(first.min(ends).into()).await;
                for call in made.. {
                    if Instant::now() >= ends {
                        return (call, answers);
                    }
                    let place = (number + call) as usize;
                    let tool = tools
                        .get(place % tools.len().max(1))
                        .copied()
                        .unwrap_or_default();
                    // Another one sees all there is.
                    let detail = match place / tools.len().max(1) % 2 {
                        0 => "concise",
                        _ => "full",
                    };
                    let began = Instant::now();
                    let outcome = door.ask(tool, detail).await;
                    answers.push((tool, began.elapsed(), outcome));
                    tokio::time::sleep_until((began + every).min(ends).into()).await;
                }
                (made, answers)
            })
        };
        for ended in join_all((0..callers).map(caller)).await {
            let Ok((made, answers)) = ended else {
                self.errors.push("a caller failed".to_owned());
                continue;
            };
            self.made = self.made.max(made);
            for (tool, took, outcome) in answers {
                let took_ms = took.as_secs_f64() * 1e3;
                self.took_ms.entry(tool).or_default().push(took_ms);
                if let Err(error) = outcome {
                    self.errors.push(format!("{tool}: {error:#}"));
                }
            }
        }
    }

    pub(crate) fn errors(&self) -> &[String] {
        &self.errors
    }

    /// Returns how many calls there were.
    pub(crate) fn print(&self) -> usize {
        for (tool, took_ms) in &self.took_ms {
            let at = |share| percentile(took_ms.iter().copied(), share);
            println!(
                "  {tool:<22} {:>5} calls, p50 {:>7.1} ms, p99 {:>7.1} ms",
                took_ms.len(),
                at(50),
                at(99)
            );
        }
        println!("  errors: {}", self.errors.len());
        self.took_ms.values().map(Vec::len).sum()
    }
}

impl Door {
    async fn ask(&self, tool: &str, detail: &str) -> Result<()> {
        let arguments = question(tool, "shop", detail);
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": tool, "arguments": arguments, "_meta": {
                "io.modelcontextprotocol/protocolVersion": REVISION,
                "io.modelcontextprotocol/clientInfo": { "name": "soak", "version": "0" },
                "io.modelcontextprotocol/clientCapabilities": {},
            } } });
        let response = self
            .http
            .post(&self.url)
            .bearer_auth(&self.token)
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", REVISION)
            .header("mcp-method", "tools/call")
            .header("mcp-name", tool)
            .json(&body)
            .send()
            .await?;
        let answer: Value = response.error_for_status()?.json().await?;
        let result = answer.get("result").with_context(|| answer.to_string())?;
        ensure!(result.get("isError") != Some(&json!(true)), "{result}");
        ensure!(
            result.pointer("/structuredContent/headline").is_some(),
            "{result}"
        );
        Ok(())
    }
}
