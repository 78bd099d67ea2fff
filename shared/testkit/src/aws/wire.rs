//! As much of HTTP as the servers here need: one request a connection.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

/// Nobody here needs as long for a request.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request, as it came and its body.
pub(super) struct Request {
    pub(super) whole: Vec<u8>,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: &'static str,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
    /// Bytes of the body after which the connection is cut.
    pub(super) cut_after: Option<usize>,
}

/// A server on a free port of this machine, until it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    over: Arc<AtomicBool>,
}

impl Server {
    /// Hands each request to `handle`, whose bytes are sent as they are.
    pub(super) fn start(
        handle: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let over = Arc::new(AtomicBool::new(false));
        let (seen, handle) = (Arc::clone(&over), Arc::new(handle));
        thread::Builder::new()
            .name("storex-aws".to_owned())
            .spawn(move || {
                for stream in listener.incoming() {
                    if seen.load(Ordering::Acquire) {
                        return;
                    }
                    let handle = Arc::clone(&handle);
                    if let Ok(stream) = stream {
                        // A client that goes away is its own affair.
                        thread::spawn(move || converse(stream, handle.as_ref()));
                    }
                }
            })?;
        Ok(Self { address, over })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.address);
    }
}

fn converse(mut stream: TcpStream, handle: &dyn Fn(&Request) -> Vec<u8>) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = read(&mut stream)?;
    stream.write_all(&handle(&request))?;
    stream.shutdown(Shutdown::Write)?;
    Ok(())
}

fn read(stream: &mut TcpStream) -> Result<Request> {
    let mut whole = Vec::new();
    let mut block = vec![0; 64 << 10];
    loop {
        let read = stream.read(&mut block)?;
        anyhow::ensure!(read > 0, "the request ended early");
        whole.extend_from_slice(block.get(..read).unwrap_or_default());
        let Some(end) = find(&whole, b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(whole.get(..end).unwrap_or_default()).into_owned();
        let length = header(&head, "content-length").map_or(Ok(0), str::parse)?;
        let body = whole.get(end + 4..).unwrap_or_default();
        if body.len() >= length {
            let body = body.to_vec();
            return Ok(Request { whole, head, body });
        }
    }
}

/// The value of a header.
pub(super) fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    fields
        .filter(|(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .next()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|part| part == what)
}

impl Answer {
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!(
            "HTTP/1.1 {}\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            self.status,
            self.content_type,
            self.body.len()
        )
        .into_bytes();
        let sent = self.cut_after.unwrap_or(self.body.len());
        bytes.extend_from_slice(self.body.get(..sent).unwrap_or(&self.body));
        bytes
    }
}

/// Sends a request on as it came, and returns the answer.
pub(super) fn forward(to: SocketAddr, request: &Request) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(to).context("the emulator does not answer")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(&request.whole)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}
