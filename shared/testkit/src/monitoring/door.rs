//! A door before a store, at which requests can be made to fail and are counted.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::azure::acceptor;
use crate::servers::TlsFiles;

/// What goes wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// This status, headers (`name: value`) and body instead of the store's answer.
    Answer(u16, Vec<&'static str>, Vec<u8>),
    /// The store's answer, of which this many bytes come before the connection is cut.
    CutAfter(usize),
    /// No answer for so long.
    Silence(Duration),
}

/// A request that came, and what became of it.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Its head and body.
    pub text: String,
    /// Whether the client went away before it was answered.
    pub left: bool,
}

/// A server on a free port that hands requests on, one a connection, until it is dropped.
pub struct Door {
    address: SocketAddr,
    is_tls: bool,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    faults: Mutex<VecDeque<Fault>>,
    always: Mutex<Option<Fault>>,
    seen: Mutex<Vec<Seen>>,
    open: Mutex<(usize, usize)>,
}

impl Door {
    /// A door to a store.
    pub async fn before(store: SocketAddr) -> Result<Self> {
        Self::open(store, None).await
    }

    /// A door that speaks TLS, to a store that does not.
    pub async fn with_tls(store: SocketAddr, tls: &TlsFiles) -> Result<Self> {
        Self::open(store, Some(acceptor(tls)?)).await
    }

    async fn open(store: SocketAddr, tls: Option<TlsAcceptor>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::<Shared>::default();
        let is_tls = tls.is_some();
        let for_task = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (shared, tls) = (Arc::clone(&for_task), tls.clone());
                tokio::spawn(async move {
                    // A client that goes away is its own affair.
                    let _ = match tls {
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => converse(stream, store, &shared).await,
                            Err(error) => Err(error.into()),
                        },
                        None => converse(stream, store, &shared).await,
                    };
                });
            }
        });
        Ok(Self {
            address,
            is_tls,
            shared,
            task,
        })
    }

    /// Where it is.
    pub fn url(&self) -> String {
        let scheme = if self.is_tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The next requests go wrong, one after the other.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        locked(&self.shared.faults).extend(faults);
    }

    /// All requests go wrong from now on, or none any more.
    pub fn always(&self, fault: Option<Fault>) {
        *locked(&self.shared.always) = fault;
    }

    /// What came so far.
    pub fn seen(&self) -> Vec<Seen> {
        locked(&self.shared.seen).clone()
    }

    /// The most requests that were answered at the same time.
    pub fn most_at_once(&self) -> usize {
        locked(&self.shared.open).1
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn converse<S>(mut client: S, store: SocketAddr, shared: &Shared) -> Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = read(&mut client).await?;
    let number = {
        let mut seen = locked(&shared.seen);
        seen.push(Seen {
            text: String::from_utf8_lossy(&request).into_owned(),
            left: false,
        });
        seen.len() - 1
    };
    let fault = locked(&shared.faults).pop_front();
    let fault = fault.or_else(|| locked(&shared.always).clone());
    {
        let mut open = locked(&shared.open);
        open.0 += 1;
        open.1 = open.1.max(open.0);
    }
    let answer = tokio::select! {
        // The client sends nothing more: what can be read is its end.
        _ = client.read_u8() => None,
        answer = answer(&request, store, fault) => Some(answer.unwrap_or_default()),
    };
    locked(&shared.open).0 -= 1;
    if let Some(seen) = locked(&shared.seen).get_mut(number) {
        seen.left = answer.is_none();
    }
    if let Some(answer) = answer {
        client.write_all(&answer).await?;
        client.shutdown().await?;
    }
    Ok(())
}

async fn answer(request: &[u8], store: SocketAddr, fault: Option<Fault>) -> Result<Vec<u8>> {
    match fault {
        None => forward(request, store).await,
        Some(Fault::CutAfter(bytes)) => {
            let mut answer = forward(request, store).await?;
            answer.truncate(bytes);
            Ok(answer)
        }
        Some(Fault::Silence(time)) => {
            tokio::time::sleep(time).await;
            Ok(Vec::new())
        }
        Some(Fault::Answer(status, headers, body)) => {
            let mut head = format!("HTTP/1.1 {status} Answer\r\nconnection: close\r\n");
            for header in headers {
                head.push_str(header);
                head.push_str("\r\n");
            }
            write!(head, "content-length: {}\r\n\r\n", body.len())?;
            let mut answer = head.into_bytes();
            answer.extend_from_slice(&body);
            Ok(answer)
        }
    }
}

/// Sends a request on as it came, but for that the connection ends with it.
async fn forward(request: &[u8], store: SocketAddr) -> Result<Vec<u8>> {
    let at = find(request, b"\r\n").context("a request without a line")?;
    let (line, rest) = request.split_at(at);
    let mut stream = TcpStream::connect(store).await?;
    stream.write_all(line).await?;
    stream.write_all(b"\r\nconnection: close").await?;
    stream.write_all(rest).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let read = stream.read_buf(&mut whole).await?;
        anyhow::ensure!(read > 0, "the request ended early");
        let Some(end) = find(&whole, b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(whole.get(..end).unwrap_or_default()).into_owned();
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(Ok(0), |(_, length)| length.trim().parse::<usize>())?;
        if whole.len() >= end + 4 + length {
            return Ok(whole);
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|part| part == what)
}
