//! The leanest clients there can be, so that what is measured is the server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{ChildStdin, ChildStdout};

use anyhow::{Context, Result, ensure};

use crate::measure::Child;

/// A way to call a tool and wait for its answer.
pub(crate) trait Transport {
    /// Calls a tool with the instance `shop`.
    fn call(&mut self, tool: &str) -> Result<()>;
}

/// Standard input and output, in the era with `initialize`.
pub(crate) struct Pipes {
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    line: String,
}

impl Pipes {
    pub(crate) fn open(child: &mut Child) -> Result<Self> {
        let to = child.process.stdin.take().context("no standard input")?;
        let from = BufReader::new(child.process.stdout.take().context("no standard output")?);
        let mut pipes = Self {
            to,
            from,
            line: String::new(),
        };
        pipes.send(
            r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"0"}}}"#,
        )?;
        pipes.receive()?;
        pipes.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)?;
        Ok(pipes)
    }

    fn send(&mut self, line: &str) -> Result<()> {
        self.to.write_all(line.as_bytes())?;
        self.to.write_all(b"\n")?;
        Ok(self.to.flush()?)
    }

    fn receive(&mut self) -> Result<()> {
        self.line.clear();
        ensure!(self.from.read_line(&mut self.line)? > 0, "the server ended");
        Ok(())
    }
}

impl Transport for Pipes {
    fn call(&mut self, tool: &str) -> Result<()> {
        self.send(&format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{{"instance":"shop"}}}}}}"#
        ))?;
        self.receive()?;
        ensure!(
            self.line.contains("\"one\":1"),
            "unexpected answer: {}",
            self.line
        );
        Ok(())
    }
}

/// HTTP over one kept connection, in the stateless era.
pub(crate) struct Http {
    stream: BufReader<TcpStream>,
    token: String,
    body: Vec<u8>,
}

impl Http {
    /// The server prints its address and token on one line.
    pub(crate) fn open(child: &mut Child) -> Result<Self> {
        let mut line = String::new();
        BufReader::new(child.process.stdout.take().context("no standard output")?)
            .read_line(&mut line)?;
        let (address, token) = line
            .trim()
            .split_once(' ')
            .context("the server did not start")?;
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            token: token.to_owned(),
            body: Vec::new(),
        })
    }

    fn receive(&mut self) -> Result<()> {
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            ensure!(
                self.stream.read_line(&mut line)? > 0,
                "the server closed the connection"
            );
            let header = line.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        self.body.resize(length, 0);
        Ok(self.stream.read_exact(&mut self.body)?)
    }
}

impl Transport for Http {
    fn call(&mut self, tool: &str) -> Result<()> {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{{"instance":"shop"}},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{{"name":"bench","version":"0"}},"io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
        );
        let request = format!(
            "POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: 2026-07-28\r\n\
             mcp-method: tools/call\r\nmcp-name: {tool}\r\ncontent-length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.receive()?;
        let text = String::from_utf8_lossy(&self.body);
        ensure!(text.contains("\"one\":1"), "unexpected answer: {text}");
        Ok(())
    }
}
