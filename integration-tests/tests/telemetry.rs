//! Traces and logs say what happened and never with what.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use storex_integration_tests::{Instance, lay_out};

const CANARY: &str = "canary4711";

/// A collector of traces: takes one request and hands over everything it was sent.
fn collector() -> Result<(String, Receiver<Vec<u8>>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let (sender, receiver) = channel();
    std::thread::spawn(move || -> Result<()> {
        let (mut stream, _) = listener.accept()?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        let mut request = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            request.extend(buffer.get(..read).unwrap_or_default());
            if whole(&request) {
                break;
            }
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
        sender.send(request)?;
        Ok(())
    });
    Ok((url, receiver))
}

/// Whether headers and as many bytes as they promise have come.
fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((headers, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = headers.lines().find_map(|line| {
        line.strip_prefix("content-length:")?
            .trim()
            .parse::<usize>()
            .ok()
    });
    length.is_some_and(|length| body.len() >= length)
}

#[test]
fn traces_and_logs_carry_the_tool_and_its_outcome_but_no_argument() -> Result<()> {
    let (url, traces) = collector()?;
    let more = format!("[telemetry]\nlog = \"debug\"\notlp_endpoint = \"{url}\"\n");
    let folder = lay_out(&[Instance::nowhere("shop")], &more)?;
    let output = Command::new(env!("CARGO_BIN_EXE_storex-under-test"))
        .arg("--config")
        .arg(folder.path().join("storex.toml"))
        .args(["call", "fleet_instances", &format!("search={CANARY}")])
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{log}");
    assert!(!log.contains(CANARY), "{log}");
    let request = traces
        .recv_timeout(Duration::from_secs(20))
        .context("no trace was sent")?;
    let request = String::from_utf8_lossy(&request);
    assert!(request.starts_with("POST /v1/traces"), "{request}");
    for expected in ["tool_call", "fleet_instances", "outcome"] {
        assert!(request.contains(expected), "{expected} is not in the trace");
    }
    assert!(!request.contains(CANARY), "an argument is in the trace");
    Ok(())
}
