//! A stand-in for Cloud Storage: buckets in memory, behind the calls storex makes of it. Listing is
//! served as gRPC (`google.storage.v2.Storage/ListObjects`) and as REST, reading as REST with ranges.
//!
//! No emulator that tests could install speaks both. It answers as the public descriptions say: Google's
//! own clients for Rust and Python read it, and the REST answers are checked against the discovery
//! document.

mod grpc;
mod rest;
mod sink;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::routing::{get, post};
use bytes::Bytes;
use tokio::task::JoinHandle;

pub use sink::{Shape, Sink};

/// Generations are the microseconds at which versions were made; these are made one after the other.
const FIRST_GENERATION: i64 = 1_795_000_000_000_000;

/// A running stand-in; it stops with this guard.
pub struct CloudStorage {
    address: SocketAddr,
    store: Arc<Store>,
    server: JoinHandle<()>,
}

/// What goes wrong with one of the next requests.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// A reading of an object is answered with this status.
    Read(u16),
    /// The connection is cut after so many bytes of an object.
    Cut(usize),
    /// A page of a listing is refused: too many requests.
    ThrottledList,
}

#[derive(Default)]
struct Store(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    buckets: BTreeMap<String, Bucket>,
    faults: VecDeque<Fault>,
    largest_page: Option<usize>,
    made: i64,
    pages: usize,
    reads: Vec<Read>,
}

#[derive(Default)]
struct Bucket {
    objects: BTreeMap<String, Object>,
    is_denied: bool,
}

#[derive(Clone)]
struct Object {
    content: Bytes,
    generation: i64,
}

/// A reading of an object.
#[derive(Debug, Clone)]
pub struct Read {
    /// The object.
    pub name: String,
    /// The first byte asked for.
    pub from: u64,
    /// Bytes that were sent, or were about to be.
    pub bytes: u64,
}

/// Why a request is refused, in the words of both protocols.
enum Refusal {
    NoBucket,
    NoObject,
    Denied,
    Throttled,
    Status(u16),
}

impl CloudStorage {
    /// Starts one, on a free port of this machine.
    pub async fn start() -> Result<Self> {
        let store = Arc::new(Store::default());
        let routes = Router::new()
            .route("/google.storage.v2.Storage/ListObjects", post(grpc::list))
            .route("/storage/v1/b/{bucket}/o", get(rest::list))
            .route("/storage/v1/b/{bucket}/o/{object}", get(rest::object))
            .route(
                "/download/storage/v1/b/{bucket}/o/{object}",
                get(rest::object),
            )
            .with_state(Arc::clone(&store));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let server = tokio::spawn(async move {
            let _until_dropped = axum::serve(listener, routes).await;
        });
        Ok(Self {
            address,
            store,
            server,
        })
    }

    /// Where it answers.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stores an object, in the place of one of that name.
    pub fn put(&self, bucket: &str, name: &str, content: impl Into<Bytes>) {
        let mut store = self.store.lock();
        store.made += 1;
        let object = Object {
            content: content.into(),
            generation: FIRST_GENERATION + store.made,
        };
        let bucket = store.buckets.entry(bucket.to_owned()).or_default();
        bucket.objects.insert(name.to_owned(), object);
    }

    /// Pages of listings hold no more than this, whatever is asked for.
    pub fn limit_pages(&self, objects: usize) {
        self.store.lock().largest_page = Some(objects);
    }

    /// Lets the next request of its kind fail.
    pub fn fail_next(&self, fault: Fault) {
        self.store.lock().faults.push_back(fault);
    }

    /// Refuses everybody the bucket.
    pub fn deny(&self, bucket: &str) {
        let mut store = self.store.lock();
        let bucket = store.buckets.entry(bucket.to_owned()).or_default();
        bucket.is_denied = true;
    }

    /// The readings so far.
    pub fn reads(&self) -> Vec<Read> {
        self.store.lock().reads.clone()
    }

    /// Pages of listings served so far.
    pub fn pages(&self) -> usize {
        self.store.lock().pages
    }
}

impl Drop for CloudStorage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Store {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a listing asks for.
#[derive(Default)]
struct Listing {
    prefix: String,
    /// Names before it are not wanted.
    start: String,
    /// Names from it on are not wanted; empty for no such bound.
    end: String,
    page: usize,
    /// The last name of the page before.
    token: String,
}

/// Objects in the order of their names, and what to ask the next page with.
type Page = (Vec<(String, Object)>, Option<String>);

impl Inner {
    fn bucket(&self, name: &str) -> Result<&Bucket, Refusal> {
        let bucket = self.buckets.get(name).ok_or(Refusal::NoBucket)?;
        if bucket.is_denied {
            return Err(Refusal::Denied);
        }
        Ok(bucket)
    }

    fn list(&mut self, bucket: &str, asked: &Listing) -> Result<Page, Refusal> {
        let is_throttled = |fault: &Fault| matches!(fault, Fault::ThrottledList);
        if let Some(at) = self.faults.iter().position(is_throttled) {
            self.faults.remove(at);
            return Err(Refusal::Throttled);
        }
        let most = if asked.page == 0 { 1000 } else { asked.page };
        let most = most.min(1000).min(self.largest_page.unwrap_or(1000));
        let objects = &self.bucket(bucket)?.objects;
        let mut wanted = objects.iter().filter(|(name, _)| {
            name.starts_with(&asked.prefix)
                && **name >= asked.start
                && (asked.end.is_empty() || **name < asked.end)
                && (asked.token.is_empty() || **name > asked.token)
        });
        let page: Vec<_> = wanted
            .by_ref()
            .take(most)
            .map(|(name, object)| (name.clone(), object.clone()))
            .collect();
        let more = wanted.next().is_some();
        self.pages += 1;
        let token = page.last().filter(|_| more).map(|(name, _)| name.clone());
        Ok((page, token))
    }
}
