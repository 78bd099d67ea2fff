//! A stand-in for the part of RDS that serves log files. No emulator has it; botocore, which reads AWS's
//! own description of RDS, is asked by a test whether it understands what is served here.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;

use super::wire::{Answer, Request, Server, header};
use super::{LogFiles, answers};

/// What is to go wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Too many requests.
    Throttled,
    /// The credentials may not do this.
    Denied,
    /// The credentials are nobody's.
    UnknownKey,
    /// The connection is cut in the middle of the answer.
    Cut,
}

/// A part of RDS with one DB instance.
pub struct Rds {
    server: Server,
    state: Arc<Mutex<State>>,
}

struct State {
    instance: String,
    files: LogFiles,
    page: usize,
    faults: VecDeque<Fault>,
    portions: u64,
    pages: u64,
    log_bytes: u64,
    /// Run once so many portions were handed out.
    then: Option<(u64, Change)>,
}

type Change = Box<dyn FnOnce(&mut LogFiles) + Send>;

impl Rds {
    /// A part of RDS whose only DB instance has these log files.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(instance: &str, files: LogFiles) -> Result<Self> {
        let state = Arc::new(Mutex::new(State {
            instance: instance.to_owned(),
            files,
            page: 100,
            faults: VecDeque::new(),
            portions: 0,
            pages: 0,
            log_bytes: 0,
            then: None,
        }));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| lock(&shared).answer(request).bytes())?;
        Ok(Self { server, state })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Lists no more than so many files at once.
    pub fn set_page(&self, files: usize) {
        lock(&self.state).page = files;
    }

    /// The next requests go wrong, one after the other.
    pub fn fail(&self, faults: &[Fault]) {
        lock(&self.state).faults.extend(faults);
    }

    /// Changes the files.
    pub fn change(&self, change: impl FnOnce(&mut LogFiles)) {
        change(&mut lock(&self.state).files);
    }

    /// Changes the files as soon as so many portions were handed out.
    pub fn change_after(&self, portions: u64, change: impl FnOnce(&mut LogFiles) + Send + 'static) {
        lock(&self.state).then = Some((portions, Box::new(change)));
    }

    /// Portions handed out, pages of lists handed out, and bytes of logs.
    pub fn served(&self) -> (u64, u64, u64) {
        let state = lock(&self.state);
        (state.portions, state.pages, state.log_bytes)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        let signed = header(&request.head, "authorization")
            .is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256") && value.contains("/rds/"));
        if !signed {
            return answers::error("403 Forbidden", "MissingAuthenticationToken", "not signed");
        }
        let fault = self.faults.pop_front();
        match fault {
            Some(Fault::Throttled) => {
                return answers::error("400 Bad Request", "Throttling", "Rate exceeded");
            }
            Some(Fault::Denied) => {
                let told = "User: arn:aws:iam::123456789012:user/ines is not authorized";
                return answers::error("403 Forbidden", "AccessDenied", told);
            }
            Some(Fault::UnknownKey) => {
                let told = "The security token included in the request is invalid.";
                return answers::error("403 Forbidden", "InvalidClientTokenId", told);
            }
            Some(Fault::Cut) | None => {}
        }
        let asked = form(&request.body);
        let mut answer = self.act(&asked);
        if fault == Some(Fault::Cut) {
            answer.cut_after = Some(answer.body.len() / 2);
        }
        answer
    }

    fn act(&mut self, asked: &BTreeMap<String, String>) -> Answer {
        let of = |name: &str| asked.get(name).map(String::as_str);
        if of("DBInstanceIdentifier") != Some(self.instance.as_str()) {
            return answers::error("404 Not Found", "DBInstanceNotFound", "no such DB instance");
        }
        match of("Action") {
            Some("DescribeDBLogFiles") => {
                self.pages += 1;
                let all = self.files.list(of("FilenameContains").unwrap_or_default());
                let after = of("Marker").unwrap_or_default();
                let most: usize = of("MaxRecords").and_then(|n| n.parse().ok()).unwrap_or(100);
                let rest = all.into_iter().filter(|(name, ..)| *name > after);
                let mut rest: Vec<_> = rest.collect();
                let page = most.min(self.page);
                let more = rest.len() > page;
                rest.truncate(page);
                let last = rest.last().map(|(name, ..)| *name);
                answers::files(&rest, last.filter(|_| more))
            }
            Some("DownloadDBLogFilePortion") => {
                let name = of("LogFileName").unwrap_or_default();
                let lines = of("NumberOfLines").and_then(|lines| lines.parse().ok());
                let answer = match self.files.portion(name, of("Marker"), lines) {
                    Ok(portion) => {
                        self.portions += 1;
                        self.log_bytes += portion.text.len() as u64;
                        answers::portion(&portion)
                    }
                    Err(why) => answers::refused(&why, name),
                };
                self.come_to_pass();
                answer
            }
            _ => answers::error("400 Bad Request", "InvalidAction", "no such action"),
        }
    }

    fn come_to_pass(&mut self) {
        if let Some((_, change)) = self
            .then
            .take_if(|(portions, _)| *portions <= self.portions)
        {
            change(&mut self.files);
        }
    }
}

/// The fields of a form.
fn form(body: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(body);
    let fields = text.split('&').filter_map(|field| field.split_once('='));
    fields
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..2)
            .and_then(|hex| u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok());
        rest = match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                after.get(2..).unwrap_or_default()
            }
            (b'+', _) => {
                bytes.push(b' ');
                after
            }
            (byte, _) => {
                bytes.push(*byte);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
