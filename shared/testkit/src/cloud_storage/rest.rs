//! The JSON API, version 1: `objects.list`, and `objects.get` with and without `alt=media`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Fault, Inner, Listing, Object, Read, Refusal, Store};

/// Bytes of an object that are sent at a time.
const PIECE: usize = 64 << 10;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ListQuery {
    prefix: String,
    start_offset: String,
    end_offset: String,
    max_results: usize,
    page_token: String,
}

#[derive(Deserialize)]
pub(super) struct ObjectQuery {
    alt: Option<String>,
    generation: Option<i64>,
}

pub(super) async fn list(
    State(store): State<Arc<Store>>,
    Path(bucket): Path<String>,
    Query(asked): Query<ListQuery>,
) -> Response {
    let listing = Listing {
        prefix: asked.prefix,
        start: asked.start_offset,
        end: asked.end_offset,
        page: asked.max_results,
        token: asked.page_token,
    };
    let page = store.lock().list(&bucket, &listing);
    let (objects, token) = match page {
        Ok(page) => page,
        Err(refusal) => return refused(&refusal),
    };
    let items: Vec<_> = objects
        .iter()
        .map(|(name, object)| resource(&bucket, name, object))
        .collect();
    let mut answer = json!({ "kind": "storage#objects", "items": items });
    if let (Some(answer), Some(token)) = (answer.as_object_mut(), token) {
        answer.insert("nextPageToken".to_owned(), Value::String(token));
    }
    Json(answer).into_response()
}

pub(super) async fn object(
    State(store): State<Arc<Store>>,
    Path((bucket, name)): Path<(String, String)>,
    Query(asked): Query<ObjectQuery>,
    headers: HeaderMap,
) -> Response {
    let mut store = store.lock();
    let object = match find(&store, &bucket, &name, asked.generation) {
        Ok(object) => object,
        Err(refusal) => return refused(&refusal),
    };
    if asked.alt.as_deref() != Some("media") {
        return Json(resource(&bucket, &name, &object)).into_response();
    }
    let is_of_reading = |fault: &Fault| !matches!(fault, Fault::ThrottledList);
    let fault = store.faults.iter().position(is_of_reading);
    let fault = fault.and_then(|at| store.faults.remove(at));
    if let Some(Fault::Read(status)) = fault {
        return refused(&Refusal::Status(status));
    }
    let range = headers.get(header::RANGE).map(|range| range.to_str().ok());
    let size = object.content.len();
    let (from, to) = match range.map(|range| part(range?, size)) {
        None => (0, size),
        Some(Some(part)) => part,
        Some(None) => return refused(&Refusal::Status(416)),
    };
    let content = object.content.slice(from..to);
    let cut = match fault {
        Some(Fault::Cut(after)) => Some(after.min(content.len())),
        _ => None,
    };
    store.reads.push(Read {
        name,
        from: from as u64,
        bytes: cut.unwrap_or(content.len()) as u64,
    });
    media(&object, &content, (from, range.is_some()), cut)
}

fn find(
    store: &Inner,
    bucket: &str,
    name: &str,
    generation: Option<i64>,
) -> Result<Object, Refusal> {
    let object = store.bucket(bucket)?.objects.get(name);
    let object = object.filter(|object| generation.is_none_or(|asked| asked == object.generation));
    object.cloned().ok_or(Refusal::NoObject)
}

/// `bytes=5-9`, `bytes=5-` or `bytes=-9`, as the offsets of the first byte and behind the last; `None`
/// where it is none of the object.
fn part(range: &str, size: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    if from.is_empty() {
        let last: usize = to.parse().ok()?;
        return Some((size.saturating_sub(last), size));
    }
    let from: usize = from.parse().ok()?;
    let to = match to {
        "" => size,
        to => to.parse::<usize>().ok()?.saturating_add(1).min(size),
    };
    (from < to).then_some((from, to))
}

/// The bytes, in pieces; cut off after some of them.
fn media(
    object: &Object,
    content: &Bytes,
    (from, is_part): (usize, bool),
    cut: Option<usize>,
) -> Response {
    let (size, length) = (object.content.len(), content.len());
    let sent = content.slice(..cut.unwrap_or(length));
    let pieces: Vec<_> = (0..sent.len())
        .step_by(PIECE)
        .map(|at| sent.slice(at..(at + PIECE).min(sent.len())))
        .collect();
    let pieces = stream::iter(pieces.into_iter().map(Ok));
    let broken = stream::iter(cut).then(|_| async {
        // What was sent shall arrive.
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let mut response = Response::new(Body::from_stream(pieces.chain(broken)));
    let mut headers = vec![
        (header::CONTENT_TYPE.as_str(), "application/json".to_owned()),
        (header::CONTENT_LENGTH.as_str(), length.to_string()),
        (header::ETAG.as_str(), etag(object)),
        ("x-goog-generation", object.generation.to_string()),
        ("x-goog-metageneration", "1".to_owned()),
        ("x-goog-storage-class", "STANDARD".to_owned()),
        ("x-goog-stored-content-encoding", "identity".to_owned()),
        ("x-goog-stored-content-length", size.to_string()),
        ("x-goog-hash", format!("crc32c={}", crc32c(object))),
    ];
    if is_part {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let last = (from + length).saturating_sub(1);
        headers.push(("content-range", format!("bytes {from}-{last}/{size}")));
    }
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<header::HeaderName>(), value.parse()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The `Object` resource. Numbers of 64 bits are text.
fn resource(bucket: &str, name: &str, object: &Object) -> Value {
    let generation = object.generation;
    json!({
        "kind": "storage#object",
        "id": format!("{bucket}/{name}/{generation}"),
        "name": name,
        "bucket": bucket,
        "generation": generation.to_string(),
        "metageneration": "1",
        "contentType": "application/json",
        "storageClass": "STANDARD",
        "size": object.content.len().to_string(),
        "crc32c": crc32c(object),
        "etag": etag(object),
    })
}

fn etag(object: &Object) -> String {
    BASE64_STANDARD.encode(object.generation.to_be_bytes())
}

fn crc32c(object: &Object) -> String {
    BASE64_STANDARD.encode(crc32c::crc32c(&object.content).to_be_bytes())
}

fn refused(refusal: &Refusal) -> Response {
    let (status, reason, message) = match refusal {
        Refusal::NoBucket => (404, "notFound", "The specified bucket does not exist."),
        Refusal::NoObject => (404, "notFound", "No such object"),
        Refusal::Denied => (
            403,
            "forbidden",
            "caller does not have storage.objects.get access to the Google Cloud Storage object.",
        ),
        Refusal::Throttled | Refusal::Status(429) => {
            (429, "rateLimitExceeded", "rate limit exceeded")
        }
        Refusal::Status(416) => (
            416,
            "requestedRangeNotSatisfiable",
            "Request range not satisfiable",
        ),
        Refusal::Status(status) => (*status, "backendError", "Backend Error"),
    };
    let error = json!({
        "code": status,
        "message": message,
        "errors": [{ "domain": "global", "reason": reason, "message": message }],
    });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(json!({ "error": error }))).into_response()
}
