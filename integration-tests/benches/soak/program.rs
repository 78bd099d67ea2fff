//! The program people install, serving HTTP.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use storex_integration_tests::{Instance, lay_out};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const PATIENCE: Duration = Duration::from_secs(60);

/// A running `storex serve`; ended when dropped.
pub(crate) struct Program {
    pub(crate) url: String,
    pub(crate) token: String,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Program {
    pub(crate) async fn start(instances: &[Instance]) -> Result<Self> {
        let folder = lay_out(instances, "[http]\nlisten = \"127.0.0.1:0\"\n")?;
        let mut process = Command::new(env!("CARGO_BIN_EXE_storex-under-test"))
            .arg("--config")
            .arg(folder.path().join("storex.toml"))
            .arg("serve")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stderr = process.stderr.take().context("no standard error")?;
        let mut lines = BufReader::new(stderr).lines();
        let url = loop {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await??;
            let line = line.context("storex ended before it listened")?;
            if let Some(url) = line.strip_prefix("storex listens on ") {
                break url.to_owned();
            }
        };
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                eprintln!("{line}");
            }
        });
        let token = std::fs::read_to_string(folder.path().join("token"))?;
        Ok(Self {
            url,
            token: token.trim().to_owned(),
            process,
            _folder: folder,
        })
    }

    pub(crate) fn process_id(&self) -> Option<u32> {
        self.process.id()
    }
}
