//! moto's server, the emulator of AWS, behind a door at which requests can be made to fail.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tempfile::TempDir;

use super::Fault;
use super::wire::{Answer, Request, Server, forward};
use crate::clients;
use crate::servers::Process;

/// It imports for seconds, longer on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(90);

/// A running moto.
pub struct Moto {
    door: Server,
    faults: Arc<Mutex<VecDeque<Fault>>>,
    address: SocketAddr,
    _process: Process,
    _folder: TempDir,
}

impl Moto {
    /// Starts it on a free port. This blocks, for a minute when it is not installed yet.
    ///
    /// # Errors
    /// When it cannot be installed or does not start.
    pub fn start() -> Result<Self> {
        let python = clients::aws_python()?;
        let folder = tempfile::Builder::new().prefix("storex-moto-").tempdir()?;
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let port = address.port().to_string();
        let words = ["-m", "moto.server", "-H", "127.0.0.1", "-p", &port];
        let mut line: Vec<OsString> = vec![python.into()];
        line.extend(words.iter().map(OsString::from));
        let process = Process::spawn(&line, folder.path())?;
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            ensure!(!process.has_ended(), "moto ended while starting");
            ensure!(begun.elapsed() < START_LIMIT, "moto does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        let faults: Arc<Mutex<VecDeque<Fault>>> = Arc::default();
        let shared = Arc::clone(&faults);
        let door = Server::start(move |request| {
            let fault = shared
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front();
            answer(address, fault, request)
        })?;
        Ok(Self {
            door,
            faults,
            address,
            _process: process,
            _folder: folder,
        })
    }

    /// Where it listens, with the faults asked for.
    pub fn url(&self) -> String {
        self.door.url()
    }

    /// Where it listens itself: for what a test puts there.
    pub fn direct_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next requests go wrong, one after the other.
    pub fn fail(&self, faults: &[Fault]) {
        let mut all = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(faults);
    }
}

fn answer(to: SocketAddr, fault: Option<Fault>, request: &Request) -> Vec<u8> {
    let refused = |code: &str| {
        Answer {
            status: "400 Bad Request",
            content_type: "application/x-amz-json-1.1",
            body: format!("{{\"__type\":\"{code}\",\"message\":\"refused\"}}").into_bytes(),
            cut_after: None,
        }
        .bytes()
    };
    match fault {
        Some(Fault::Throttled) => refused("ThrottlingException"),
        Some(Fault::Denied) => refused("AccessDeniedException"),
        Some(Fault::UnknownKey) => refused("UnrecognizedClientException"),
        Some(Fault::Cut) => {
            let mut whole = forward(to, request).unwrap_or_default();
            whole.truncate(whole.len() / 2);
            whole
        }
        // No answer is what a client sees of a server that is gone.
        None => forward(to, request).unwrap_or_default(),
    }
}
