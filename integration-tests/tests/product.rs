//! The program as people install it: started as a process, over standard input and output or HTTP.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use storex_integration_tests::{Instance, lay_out};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

/// Long enough for any step on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A configuration in a folder of its own.
pub(crate) struct Product {
    folder: tempfile::TempDir,
}

/// A product that serves HTTP on a free port until it is dropped.
pub(crate) struct Serving {
    pub(crate) url: String,
    pub(crate) token: String,
    _process: Child,
}

impl Product {
    /// A product over these instances, for a caller of team `checkout`.
    pub(crate) fn over(instances: &[Instance]) -> Result<Self> {
        let folder = lay_out(instances, "[http]\nlisten = \"127.0.0.1:0\"\n")?;
        Ok(Self { folder })
    }

    pub(crate) fn program() -> &'static str {
        env!("CARGO_BIN_EXE_storex-under-test")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("storex.toml")
    }

    /// The arguments that make it serve standard input and output.
    pub(crate) fn stdio_arguments(&self) -> [String; 3] {
        let config = self.config().to_string_lossy().into_owned();
        ["--config".to_owned(), config, "stdio".to_owned()]
    }

    /// Runs a command of the program and returns what it printed.
    pub(crate) fn run(&self, words: &[&str]) -> Result<String> {
        let mut command = Command::new(Self::program());
        let output = command
            .arg("--config")
            .arg(self.config())
            .args(words)
            .output()?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "storex {words:?} failed: {complaint}"
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs a command of the program and returns what it printed, however it ended.
    pub(crate) fn tell(&self, words: &[&str]) -> Result<String> {
        let mut command = Command::new(Self::program());
        command.arg("--config").arg(self.config()).args(words);
        Ok(String::from_utf8(command.output()?.stdout)?)
    }

    /// Starts it over HTTP.
    pub(crate) async fn serve(&self) -> Result<Serving> {
        let mut process = tokio::process::Command::new(Self::program())
            .arg("--config")
            .arg(self.config())
            .arg("serve")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stderr = process
            .stderr
            .take()
            .context("standard error is not piped")?;
        let mut lines = BufReader::new(stderr).lines();
        let url = loop {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await??;
            let line = line.context("storex ended before it listened")?;
            if let Some(url) = line.strip_prefix("storex listens on ") {
                break url.to_owned();
            }
        };
        // Nobody reading would block the server once the pipe is full.
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                eprintln!("{line}");
            }
        });
        let token = std::fs::read_to_string(self.folder.path().join("token"))?;
        Ok(Serving {
            url,
            token: token.trim().to_owned(),
            _process: process,
        })
    }

    /// The records of the audit log, in the order they were written.
    pub(crate) fn audit(&self) -> Result<Vec<Value>> {
        let mut records = Vec::new();
        for entry in std::fs::read_dir(self.folder.path().join("audit"))? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
            {
                for line in std::fs::read_to_string(&path)?.lines() {
                    records.push(serde_json::from_str(line)?);
                }
            }
        }
        Ok(records)
    }
}

impl Serving {
    /// The address without the path of the protocol.
    pub(crate) fn base(&self) -> &str {
        self.url.trim_end_matches("/mcp")
    }
}
