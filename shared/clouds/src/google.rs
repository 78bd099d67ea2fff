//! Logs of Cloud SQL in Cloud Storage: the objects that a sink of Cloud Logging writes, hour by hour.
//!
//! An object holds entries of all instances the sink covers, in no order and some twice. What is handed
//! out is the text the server wrote: entries of one instance, in order again as far as a bounded buffer
//! goes.

mod client;
mod convert;
mod names;
mod order;
mod seen;
mod stream;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storex_fleet::{GoogleLogs, GoogleRoute};
use storex_sources::{
    Compression, Covered, Limits, LogError, LogFile, LogKind, LogListing, LogName, LogRange,
    LogStream, Logs, LogsSource, wall_clock,
};
use tokio::sync::Semaphore;

use crate::files::within;
use client::{Object, Store};
use names::Hour;
use seen::Seen;
use stream::{ObjectStream, Work};

/// Objects are listed that begin at most so long ago.
const LISTED: SignedDuration = SignedDuration::from_hours(31 * 24);
/// A sink writes an hour's objects that late: "two to three hours" (Cloud Logging, "View logs routed to
/// Cloud Storage").
const LATE_HOURS: i64 = 3;

/// Bounds of reading.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Bytes of text handed out at a time.
    pub chunk_bytes: usize,
    /// Bytes of text that wait for what belongs before them.
    pub order_bytes: usize,
    /// Entries remembered so as not to hand one out twice.
    pub seen_entries: usize,
    /// Objects looked at in a listing.
    pub listed_objects: usize,
    /// Objects in a page of a listing.
    pub page_objects: i32,
    /// Streams read at once; further ones wait.
    pub streams: usize,
    /// A connection that brings nothing for so long is given up, to be opened again.
    pub idle: Duration,
}

impl Default for Settings {
    /// 16 MiB of text in wait, 12 MB for entries seen.
    fn default() -> Self {
        Self {
            chunk_bytes: 256 << 10,
            order_bytes: 16 << 20,
            seen_entries: 1 << 18,
            listed_objects: 50_000,
            page_objects: 1000,
            streams: 4,
            idle: Duration::from_secs(20),
        }
    }
}

/// The logs of one instance in a bucket.
#[derive(Debug, Clone)]
pub struct BucketLogs(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    logs: GoogleLogs,
    zone: TimeZone,
    settings: Settings,
    store: Store,
    streams: Arc<Semaphore>,
}

impl BucketLogs {
    /// The logs in the bucket `logs` names, whose times without a zone are of `zone`. Nothing is opened
    /// yet.
    pub fn new(logs: GoogleLogs, zone: TimeZone, settings: Settings) -> Self {
        Self(Arc::new(Shared {
            store: Store::new(&logs),
            logs,
            zone,
            streams: Arc::new(Semaphore::new(settings.streams)),
            settings,
        }))
    }
}

impl LogsSource for BucketLogs {
    fn open(&self, limits: Limits) -> Box<dyn Logs> {
        Box::new(Reader {
            shared: Arc::clone(&self.0),
            limits,
            call: Arc::new(Mutex::new(Memory {
                seen: Seen::new(self.0.settings.seen_entries),
                numbers: HashMap::new(),
                parked: HashMap::new(),
            })),
        })
    }

    fn kind(&self) -> &'static str {
        "google"
    }
}

impl Shared {
    fn check(&self, kind: LogKind) -> Result<(), LogError> {
        let routed = match self.logs.route {
            GoogleRoute::Both => true,
            GoogleRoute::Slow => kind == LogKind::Slow,
            GoogleRoute::Error => kind == LogKind::Error,
        };
        if routed {
            Ok(())
        } else {
            Err(LogError::NotConfigured { kind })
        }
    }
}

/// One call's view.
struct Reader {
    shared: Arc<Shared>,
    limits: Limits,
    call: Arc<Mutex<Memory>>,
}

/// What a call remembers across its streams.
struct Memory {
    seen: Seen,
    /// A number for every object that was begun.
    numbers: HashMap<String, u32>,
    /// Where streams stopped, by the id of their object: the next goes on there.
    parked: HashMap<String, Work>,
}

/// The memory of a call, whichever task asks.
fn lock(memory: &Mutex<Memory>) -> MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    /// The work on an object that stopped at `range.from`, or new work on it.
    fn work_on(&mut self, file: &LogFile, range: &LogRange, new: impl FnOnce(u32) -> Work) -> Work {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(file.id.clone()).or_insert(next);
        match self.parked.remove(&file.id) {
            Some(work) if work.goes_on_at(range) => work,
            _ => {
                self.seen.forget(number);
                new(number)
            }
        }
    }
}

#[async_trait]
impl Logs for Reader {
    async fn list(&self, kind: LogKind) -> Result<LogListing, LogError> {
        self.shared.check(kind)?;
        let now = wall_clock();
        let since = Hour::of(now - LISTED);
        let settings = &self.shared.settings;
        let page = (settings.page_objects, settings.listed_objects);
        let listing = self.shared.store.list(kind, since, page);
        let (objects, more) = within(&self.limits, listing).await??;
        if objects.is_empty() {
            return Err(LogError::NotFound { kind });
        }
        let mut listed = listing_of(kind, objects);
        if more {
            listed.leave_out("objects of which there are too many to list");
        }
        leave_out_hours_to_come(&mut listed, now);
        Ok(listed)
    }

    async fn read(&self, file: &LogFile, range: &LogRange) -> Result<Box<dyn LogStream>, LogError> {
        self.shared.check(file.kind)?;
        let object = Object::of_id(&file.id).ok_or_else(|| LogError::Failed {
            file: file.name.clone(),
            detail: "an id that is of no object".to_owned(),
        })?;
        let permit = Arc::clone(&self.shared.streams).acquire_owned();
        let permit = within(&self.limits, permit)
            .await?
            .map_err(|_closed| LogError::Cancelled)?;
        let stream = ObjectStream::new(
            Arc::clone(&self.shared),
            self.limits.clone(),
            Arc::clone(&self.call),
            file.clone(),
            object,
            range,
            permit,
        );
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

/// The objects as files, oldest first.
fn listing_of(kind: LogKind, objects: Vec<client::Listed>) -> LogListing {
    let mut listing = LogListing::default();
    let mut files = Vec::with_capacity(objects.len());
    for listed in objects {
        let Some(place) = names::place(kind, &listed.object.name) else {
            listing.leave_out("objects whose names tell no hour");
            continue;
        };
        let Some(name) = LogName::new(&listed.object.name) else {
            listing.leave_out("objects with characters in their names that no sink writes");
            continue;
        };
        let file = LogFile {
            name,
            id: listed.object.id(),
            kind,
            size_bytes: Some(listed.size_bytes),
            compression: Compression::None,
            covered: Covered {
                first: Some(place.hour.begins()),
                last: Some(place.hour.ends()),
            },
            modified_at: listed.modified_at,
        };
        files.push((place, file));
    }
    files.sort_by_key(|(place, _)| *place);
    listing.files = files.into_iter().map(|(_, file)| file).collect();
    listing
}

/// Says which of the last hours have no object so far: nothing was logged then, or the sink has not
/// written it yet. Which of the two cannot be told.
fn leave_out_hours_to_come(listing: &mut LogListing, now: Timestamp) {
    let this_hour = Hour::of(now);
    for back in 0..=LATE_HOURS {
        let hour = this_hour.back(back);
        let begins = Some(hour.begins());
        if !listing
            .files
            .iter()
            .any(|file| file.covered.first == begins)
        {
            listing.leave_out(
                "hours up to now without an object: a sink writes them 2 to 3 hours late",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hours_without_an_object_are_said() {
        let now: Timestamp = "2026-11-23T09:20:00Z".parse().unwrap();
        let file = |hour: &str| LogFile {
            name: LogName::new(hour).unwrap(),
            id: hour.to_owned(),
            kind: LogKind::Slow,
            size_bytes: None,
            compression: Compression::None,
            covered: Covered {
                first: Some(format!("2026-11-23T{hour}:00:00Z").parse().unwrap()),
                last: None,
            },
            modified_at: None,
        };
        let mut listing = LogListing {
            files: vec![file("05"), file("07")],
            ..LogListing::default()
        };
        leave_out_hours_to_come(&mut listing, now);
        let [left] = &listing.left_out[..] else {
            panic!("{listing:?}");
        };
        assert_eq!(left.files, 3, "06, 08 and 09");
    }
}
