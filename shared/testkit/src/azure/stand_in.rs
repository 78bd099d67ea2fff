//! The stand-in: what tests put into it and ask of it.

use std::collections::VecDeque;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::{api, http};
use crate::servers::TlsFiles;

/// A log file of the server.
#[derive(Debug, Clone)]
pub struct ServerLog {
    /// Its name.
    pub name: String,
    /// `slowlog` or `errorlog`.
    pub kind: &'static str,
    /// When it was last written, as the API tells it.
    pub modified: String,
    /// What it holds.
    pub content: Vec<u8>,
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is answered with 429 and so many milliseconds to wait.
    Throttle(u64),
    /// The connection is cut after so many bytes of the body.
    Cut(usize),
    /// It is answered with this status.
    Status(u16),
}

/// What the stand-in holds.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) base: String,
    pub(super) logs: Vec<ServerLog>,
    /// Files on a page of the list.
    pub(super) page: usize,
    /// What becomes of the next requests for a list, and for a file.
    pub(super) list_faults: VecDeque<Fault>,
    pub(super) file_faults: VecDeque<Fault>,
    /// Signatures of another number are no longer good.
    pub(super) signature: u32,
    pub(super) bytes_served: u64,
    pub(super) lists_served: u32,
}

/// Signing in and the management API, over TLS on a port of this machine.
pub struct StandIn {
    state: Arc<Mutex<State>>,
    tls: TlsFiles,
    task: JoinHandle<()>,
    secret: PathBuf,
    _folder: TempDir,
}

pub(super) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StandIn {
    /// Starts it, with so many files on a page.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(page: usize) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("storex-azure-").tempdir()?;
        let tls = TlsFiles::create(folder.path())?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let secret = folder.path().join("secret");
        fs::write(&secret, super::SECRET)?;
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
        let state = State {
            base: format!("https://127.0.0.1:{}", listener.local_addr()?.port()),
            page,
            ..State::default()
        };
        let state = Arc::new(Mutex::new(state));
        let acceptor = http::acceptor(&tls)?;
        let held = Arc::clone(&state);
        let task = tokio::spawn(http::serve(listener, acceptor, move |asked| {
            api::answer(&mut lock(&held), asked)
        }));
        Ok(Self {
            state,
            tls,
            task,
            secret,
            _folder: folder,
        })
    }

    /// Where it is: the management API and the place to sign in.
    pub fn base(&self) -> String {
        lock(&self.state).base.clone()
    }

    /// A file that holds the secret of the application that may sign in.
    pub fn secret(&self) -> &Path {
        &self.secret
    }

    /// A token the management API takes.
    pub fn token(&self) -> String {
        token(&self.base())
    }

    /// The authority that signed its certificate.
    pub fn ca(&self) -> &Path {
        &self.tls.ca
    }

    /// Certificate files for other servers of the same authority.
    pub fn tls(&self) -> &TlsFiles {
        &self.tls
    }

    /// Adds a log file.
    pub fn add(&self, log: ServerLog) {
        lock(&self.state).logs.push(log);
    }

    /// Changes a log file that is there.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut ServerLog)) {
        let mut state = lock(&self.state);
        if let Some(log) = state.logs.iter_mut().find(|log| log.name == name) {
            change(log);
        }
    }

    /// What becomes of the next requests for a list.
    pub fn fail_lists(&self, faults: &[Fault]) {
        lock(&self.state).list_faults.extend(faults);
    }

    /// What becomes of the next requests for a file.
    pub fn fail_files(&self, faults: &[Fault]) {
        lock(&self.state).file_faults.extend(faults);
    }

    /// The addresses handed out so far are no longer good.
    pub fn expire_signatures(&self) {
        lock(&self.state).signature += 1;
    }

    /// Bytes of files handed out since this was last asked.
    pub fn take_bytes_served(&self) -> u64 {
        std::mem::take(&mut lock(&self.state).bytes_served)
    }

    /// Pages of lists handed out since this was last asked.
    pub fn take_lists_served(&self) -> u32 {
        std::mem::take(&mut lock(&self.state).lists_served)
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A token for `audience`, in the form of Azure's and signed by nobody.
pub(super) fn token(audience: &str) -> String {
    let claims = json!({
        "aud": audience,
        "iss": format!("https://sts.windows.net/{}/", super::TENANT),
        "iat": 0,
        "nbf": 0,
        "exp": 9_999_999_999_u64,
        "appid": super::CLIENT,
    });
    let header = json!({ "alg": "none", "typ": "JWT" });
    format!(
        "{}.{}.",
        url_safe(&header.to_string()),
        url_safe(&claims.to_string())
    )
}

/// base64url without padding.
fn url_safe(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut coded = String::new();
    for part in text.as_bytes().chunks(3) {
        let bits = part
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - part.len()));
        for place in 0..=part.len() {
            let letter = (bits >> (18 - 6 * place)) & 63;
            coded.extend(
                LETTERS
                    .get(letter as usize)
                    .map(|letter| char::from(*letter)),
            );
        }
    }
    coded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coding_is_that_of_the_standard() {
        for (text, coded) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob>?", "Zm9vYj4_"),
        ] {
            assert_eq!(url_safe(text), coded);
        }
    }
}
