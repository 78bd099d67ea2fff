//! What RDS exports to CloudWatch Logs: events with their times, read by the window.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use storex_sources::{
    Compression, Covered, LogChunk, LogError, LogFile, LogKind, LogListing, LogName, LogRange,
    LogStream, LogTimes, StreamState, Unread, UnreadWhy,
};

use super::error::{MAY_NOT_READ_EVENTS, Trouble};
use super::{Opened, lock};

/// An event may be dated by when it was sent rather than by when it was written.
const LATE: SignedDuration = SignedDuration::from_mins(1);
/// Pages of streams read at most: a cluster has 16 instances.
const MOST_PAGES: usize = 20;

/// The stream of the instance in the log's group: in that of a cluster there are those of all its
/// instances.
pub(super) async fn list(opened: &Opened, kind: LogKind) -> Result<LogListing, LogError> {
    let clients = opened.clients().await?;
    let group = group(opened, kind);
    let mut listing = LogListing::default();
    let mut token = None;
    for _ in 0..MOST_PAGES {
        let call = clients
            .logs
            .describe_log_streams()
            .log_group_name(&group)
            .log_stream_name_prefix(&opened.place.instance)
            .set_next_token(token);
        let page = opened.call(Box::pin(call.send())).await?;
        let page = page.map_err(|error| Trouble::of(&error).of_log(kind, MAY_NOT_READ_EVENTS))?;
        for stream in page.log_streams() {
            let name = stream.log_stream_name().unwrap_or_default();
            let first = stream.first_event_timestamp();
            if is_of(&opened.place.instance, name) {
                match entry(kind, &group, name, first) {
                    Some(file) => listing.files.push(file),
                    None => listing.leave_out("a name no log has"),
                }
            }
        }
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    if listing.files.is_empty() {
        return Err(LogError::NotFound { kind });
    }
    listing.files.sort_by_key(|file| file.covered.first);
    Ok(listing)
}

/// Where RDS puts an exported log (RDS User Guide, "Publishing MySQL logs to Amazon CloudWatch Logs").
fn group(opened: &Opened, kind: LogKind) -> String {
    let log = match kind {
        LogKind::Slow => "slowquery",
        LogKind::Error => "error",
    };
    match &opened.place.cluster {
        Some(cluster) => format!("/aws/rds/cluster/{cluster}/{log}"),
        None => format!("/aws/rds/instance/{}/{log}", opened.place.instance),
    }
}

/// `shop-1` and its parts, not `shop-10`.
fn is_of(instance: &str, stream: &str) -> bool {
    let rest = stream.strip_prefix(instance);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn entry(kind: LogKind, group: &str, stream: &str, first: Option<i64>) -> Option<LogFile> {
    Some(LogFile {
        name: LogName::new(&format!("{group}/{stream}"))?,
        id: stream.to_owned(),
        kind,
        size_bytes: None,
        compression: Compression::None,
        covered: Covered {
            first: first.and_then(|first| Timestamp::from_millisecond(first).ok()),
            // What CloudWatch tells of the last event may be hours old.
            last: None,
        },
        modified_at: None,
    })
}

/// The events of a stream in pages.
pub(super) struct Events {
    opened: Arc<Opened>,
    file: LogFile,
    group: String,
    /// Of the events wanted, in milliseconds.
    start: Option<i64>,
    end: Option<i64>,
    /// Tokens lead on in the events of this window only.
    key: String,
    token: Option<String>,
    offset: u64,
    from: u64,
    left_bytes: u64,
    expected: Option<u64>,
    done: bool,
    state: StreamState,
}

impl Events {
    pub(super) fn new(opened: Arc<Opened>, file: &LogFile, range: &LogRange) -> Self {
        let slack = LogTimes::new(file.kind, opened.zone.clone()).slack();
        let window = range.window.map(|window| {
            let from = window.from.checked_sub(slack).unwrap_or(Timestamp::MIN);
            let to = window
                .to
                .checked_add(slack + LATE)
                .unwrap_or(Timestamp::MAX);
            (from.as_millisecond().max(0), to.as_millisecond().max(0))
        });
        let group = group(&opened, file.kind);
        let key = format!("{}/{} {window:?}", group, file.id);
        let known = lock(&opened.known).checkpoints.before(&key, range.from);
        let (offset, token) = known.map_or((0, None), |(offset, token)| (offset, Some(token)));
        Self {
            opened,
            file: file.clone(),
            group,
            start: window.map(|(start, _)| start),
            end: window.map(|(_, end)| end),
            key,
            token,
            offset,
            from: range.from,
            left_bytes: range.budget_bytes,
            expected: None,
            done: false,
            state: StreamState::default(),
        }
    }

    /// The text of the next page.
    async fn page(&mut self) -> Result<Vec<u8>, LogError> {
        let clients = self.opened.clients().await?;
        let call = clients
            .logs
            .filter_log_events()
            .log_group_name(&self.group)
            .log_stream_names(&self.file.id)
            .set_start_time(self.start)
            .set_end_time(self.end)
            .set_next_token(self.token.clone());
        let page = self.opened.call(Box::pin(call.send())).await?;
        let page = page.map_err(|error| {
            let at = self.offset.max(self.from);
            let trouble = Trouble::of(&error);
            trouble.of_file(self.file.kind, MAY_NOT_READ_EVENTS, &self.file.name, at)
        })?;
        let mut text = Vec::new();
        for event in page.events() {
            // An event is an entry, without its last line break.
            text.extend_from_slice(event.message().unwrap_or_default().as_bytes());
            if text.last() != Some(&b'\n') {
                text.push(b'\n');
            }
        }
        self.done = page.next_token.is_none() || page.next_token == self.token;
        if let Some(token) = &page.next_token {
            let mut known = lock(&self.opened.known);
            let after = self.offset + text.len() as u64;
            known.checkpoints.add(&self.key, after, token);
        }
        self.token = page.next_token;
        Ok(text)
    }

    fn wanted(&mut self, text: Vec<u8>) -> Option<LogChunk> {
        let start = self.offset;
        self.offset += text.len() as u64;
        let first = usize::try_from(self.from.saturating_sub(start)).unwrap_or(usize::MAX);
        let allowed = usize::try_from(self.left_bytes).unwrap_or(usize::MAX);
        let last = text.len().min(first.saturating_add(allowed));
        let more_than_allowed = last < text.len();
        if more_than_allowed || (allowed == last.saturating_sub(first) && !self.done) {
            self.state.unread.push(Unread {
                file: self.file.name.clone(),
                bytes: None,
                why: UnreadWhy::Budget,
            });
            self.done = true;
        }
        if first >= last {
            return None;
        }
        let bytes = Bytes::from(text).slice(first..last);
        let offset = start + first as u64;
        let joined = self.expected == Some(offset);
        self.expected = Some(offset + bytes.len() as u64);
        self.left_bytes -= bytes.len() as u64;
        Some(LogChunk {
            bytes,
            offset,
            joined,
        })
    }
}

#[async_trait]
impl LogStream for Events {
    async fn next(&mut self) -> Result<Option<LogChunk>, LogError> {
        while !self.done {
            let text = self.page().await?;
            if let Some(chunk) = self.wanted(text) {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    fn state(&self) -> StreamState {
        self.state.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_an_instances_by_its_whole_name() {
        assert!(is_of("shop-1", "shop-1") && is_of("shop-1", "shop-1.0"));
        assert!(!is_of("shop-1", "shop-10") && !is_of("shop-1", "shop"));
    }
}
