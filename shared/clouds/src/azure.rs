//! The logs of Azure Database for MySQL: the log files of a Flexible Server, and the slow statements that
//! diagnostic settings write to a storage account as one blob an hour.
//!
//! The library of Azure does not leave this module.

mod blobs;
mod client;
mod credential;
mod fetch;
mod management;
mod plain;
mod records;
mod trouble;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::Url;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storex_fleet::AzureLogs as Place;
use storex_sources::{
    Limits, LogError, LogFile, LogKind, LogListing, LogRange, LogStream, LogTimes, Logs,
    LogsSource, wall_clock,
};

use crate::files::within;
use client::Client;
use fetch::Fetch;
use management::Listed;
use plain::PlainStream;
use records::{RecordStream, Resume};
use trouble::{Asked, Trouble};

/// Attempts to read a page of a list.
const ATTEMPTS: u32 = 3;
/// Pages of a list read at most. More are not listed, and that is an error.
const PAGES: u32 = 200;
/// Bytes of a page at most: 5,000 blobs are some 4 MB.
const PAGE_BYTES: usize = 16 << 20;
/// Bytes read of the oldest file to tell since when there are entries.
const HEAD: u64 = 16 << 10;

/// Bounds of reading.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Bytes asked for at a time.
    pub chunk_bytes: u64,
    /// Blobs listed at a time, 5,000 at most.
    pub page: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            chunk_bytes: 1 << 20,
            page: 5_000,
        }
    }
}

/// The logs of one server in Azure.
#[derive(Debug, Clone)]
pub struct AzureLogs(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    place: Place,
    zone: TimeZone,
    settings: Settings,
    /// Made anew after it could not sign in: a secret may have changed.
    client: Mutex<Option<Arc<Client>>>,
}

impl AzureLogs {
    /// The logs of the server `place` names, whose times without a zone are of `zone`. Nobody is asked
    /// anything yet.
    pub fn new(place: Place, zone: TimeZone, settings: Settings) -> Self {
        Self(Arc::new(Shared {
            place,
            zone,
            settings,
            client: Mutex::default(),
        }))
    }
}

impl LogsSource for AzureLogs {
    fn open(&self, limits: Limits) -> Box<dyn Logs> {
        Box::new(Reader {
            shared: Arc::clone(&self.0),
            limits,
            addresses: Mutex::default(),
            resume: Arc::default(),
        })
    }

    fn kind(&self) -> &'static str {
        "azure"
    }
}

impl Shared {
    async fn client(&self) -> Result<Arc<Client>, Trouble> {
        let known = lock(&self.client).clone();
        if let Some(client) = known {
            return Ok(client);
        }
        let client = Arc::new(Client::new(&self.place).await?);
        *lock(&self.client) = Some(Arc::clone(&client));
        Ok(client)
    }

    /// Forgets the client where its credential was not taken.
    fn note(&self, trouble: Trouble) -> Trouble {
        if trouble == Trouble::SignIn {
            *lock(&self.client) = None;
        }
        trouble
    }

    /// The storage account a log is read from, where it is not the server's own files.
    fn storage(&self, kind: LogKind) -> Option<&str> {
        match kind {
            LogKind::Slow => self.place.storage.as_deref(),
            LogKind::Error => None,
        }
    }
}

/// One call's view.
struct Reader {
    shared: Arc<Shared>,
    limits: Limits,
    /// Where files can be fetched, by their ids: addresses with signatures, which are good for a while.
    addresses: Mutex<HashMap<String, Url>>,
    resume: Arc<Mutex<HashMap<String, Resume>>>,
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Reader {
    /// A page of a list, with patience for a service that is busy.
    async fn page(
        &self,
        kind: LogKind,
        asked: Asked,
        url: &Url,
    ) -> Result<azure_core::Bytes, LogError> {
        let mut attempt = 1;
        loop {
            let page = async {
                let client = self.shared.client().await?;
                client.whole(asked, url.clone(), PAGE_BYTES).await
            };
            let trouble = match within(&self.limits, page).await? {
                Ok(page) => return Ok(page),
                Err(trouble) => self.shared.note(trouble),
            };
            let error = trouble.of_log(kind, asked, self.limits.deadline);
            let pause = match (&error, trouble) {
                (LogError::Throttled { retry_in }, _) => *retry_in,
                (_, Trouble::Cut) => Duration::from_millis(200),
                _ => return Err(error),
            };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            attempt += 1;
            self.pause(pause).await?;
        }
    }

    fn odd(&self, kind: LogKind, asked: Asked, trouble: Trouble) -> LogError {
        trouble.of_log(kind, asked, self.limits.deadline)
    }

    /// The log files of the server, which the management API lists.
    async fn files(&self, kind: LogKind) -> Result<LogListing, LogError> {
        let asked = Asked::Management;
        let odd = |trouble| self.odd(kind, asked, trouble);
        let mut listed = Listed::default();
        let mut next = Some(management::first_page(&self.shared.place).map_err(odd)?);
        for _ in 0..PAGES {
            let Some(url) = next else { break };
            let page = self.page(kind, asked, &url).await?;
            next = listed.page(&page, kind, &url).map_err(odd)?;
        }
        if next.is_some() {
            return Err(odd(Trouble::Odd("the list of log files does not end")));
        }
        listed.sort();
        lock(&self.addresses).extend(listed.addresses);
        Ok(listed.listing)
    }

    /// The blobs of the server, all hours.
    async fn blobs(&self, kind: LogKind, storage: &str) -> Result<LogListing, LogError> {
        let asked = Asked::Storage;
        let odd = |trouble| self.odd(kind, asked, trouble);
        let (place, page) = (&self.shared.place, self.shared.settings.page);
        let mut listing = LogListing::default();
        let mut url = blobs::page(place, storage, page, None).map_err(odd)?;
        for _ in 0..PAGES {
            let body = self.page(kind, asked, &url).await?;
            let Some(marker) = blobs::take(&mut listing, &body, place).map_err(odd)? else {
                return Ok(listing);
            };
            url = blobs::page(place, storage, page, Some(&marker)).map_err(odd)?;
        }
        Err(odd(Trouble::Odd("the list of blobs does not end")))
    }

    /// When the first entry of the oldest file was written, where that can be had.
    async fn first_entry(&self, file: &LogFile) -> Option<Timestamp> {
        let fetch = self.fetch(file).ok()?;
        let head = fetch.range(0, HEAD).await.ok()?;
        let times = LogTimes::new(file.kind, self.shared.zone.clone());
        times
            .first_entry(&head.bytes, true, false)
            .map(|entry| entry.time)
    }

    fn fetch(&self, file: &LogFile) -> Result<Fetch, LogError> {
        let storage = self.shared.storage(file.kind);
        let (url, asked) = if let Some(storage) = storage {
            let url = blobs::address(&self.shared.place, storage, &file.id)
                .map_err(|trouble| self.odd(file.kind, Asked::Storage, trouble))?;
            (url, Asked::Storage)
        } else {
            let known = lock(&self.addresses).get(&file.id).cloned();
            let gone = || LogError::Rotated {
                file: file.name.clone(),
            };
            (known.ok_or_else(gone)?, Asked::Files)
        };
        Ok(Fetch {
            shared: Arc::clone(&self.shared),
            limits: self.limits.clone(),
            file: file.clone(),
            url,
            asked,
        })
    }

    /// As [`Self::fetch`], with an address whose signature is still good.
    async fn fresh(&self, file: &LogFile) -> Result<Fetch, LogError> {
        let is_known = lock(&self.addresses).contains_key(&file.id);
        if self.shared.storage(file.kind).is_none() && !is_known {
            self.files(file.kind).await?;
        }
        self.fetch(file)
    }
}

#[async_trait]
impl Logs for Reader {
    async fn list(&self, kind: LogKind) -> Result<LogListing, LogError> {
        let storage = self.shared.storage(kind);
        let mut listing = match storage {
            Some(storage) => self.blobs(kind, storage).await?,
            None => self.files(kind).await?,
        };
        if listing.files.is_empty() {
            return Err(LogError::NotFound { kind });
        }
        if storage.is_none() {
            listing.in_turn = true;
            if let Some(oldest) = listing.files.first_mut() {
                oldest.covered.first = self.first_entry(oldest).await;
            }
        }
        Ok(listing)
    }

    async fn read(&self, file: &LogFile, range: &LogRange) -> Result<Box<dyn LogStream>, LogError> {
        let fetch = self.fresh(file).await?;
        if self.shared.storage(file.kind).is_some() {
            let resume = Arc::clone(&self.resume);
            return Ok(Box::new(RecordStream::open(fetch, *range, resume)));
        }
        let opened = PlainStream::open(fetch, *range).await;
        let Err(LogError::Denied { .. }) = opened else {
            return opened.map(|stream| Box::new(stream) as _);
        };
        // A signature is good for a while only.
        lock(&self.addresses).remove(&file.id);
        let stream = PlainStream::open(self.fresh(file).await?, *range).await?;
        Ok(Box::new(stream))
    }

    fn now(&self) -> Timestamp {
        wall_clock()
    }

    fn time_zone(&self) -> TimeZone {
        self.shared.zone.clone()
    }

    async fn pause(&self, how_long: Duration) -> Result<(), LogError> {
        within(&self.limits, tokio::time::sleep(how_long)).await
    }
}
