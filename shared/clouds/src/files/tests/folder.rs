//! A folder of logs, and short cuts to write and read them.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use storex_fleet::LogFiles;
use storex_sources::{
    Limits, LogError, LogKind, LogListing, LogReport, Logs, LogsSource, Window, WindowRead,
};
use tokio_util::sync::CancellationToken;

use crate::files::{FileLogs, Settings};

/// Long past, so that every file was written after its entries.
pub(super) const EPOCH: i64 = 1_700_000_000;

pub(super) struct Folder {
    pub(super) root: tempfile::TempDir,
}

impl Folder {
    pub(super) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        Self { root }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(super) fn append(&self, name: &str, bytes: &[u8]) {
        let file = fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.path(name));
        file.unwrap().write_all(bytes).unwrap();
    }

    /// The log at `place`, as a source.
    pub(super) fn source(&self, place: &str, settings: Settings) -> FileLogs {
        let files = LogFiles {
            slow: Some(self.path(place)),
            error: None,
        };
        FileLogs::new(files, TimeZone::UTC, settings)
    }

    /// The log at `place`, with chunks of this size.
    pub(super) fn logs(&self, place: &str, chunk_bytes: usize) -> Box<dyn Logs> {
        let settings = Settings {
            chunk_bytes,
            chunks_ahead: 1,
            ..Settings::default()
        };
        self.source(place, settings).open(limits())
    }

    pub(super) fn list(&self, place: &str) -> Result<LogListing, LogError> {
        let logs = self.logs(place, 1 << 20);
        block_on(async move { logs.list(LogKind::Slow).await })
    }

    pub(super) fn names(&self, place: &str) -> Vec<String> {
        let files = self.list(place).unwrap().files;
        files.iter().map(|file| file.name.to_string()).collect()
    }
}

pub(super) fn limits() -> Limits {
    Limits {
        deadline: Instant::now() + Duration::from_secs(60),
        cancel: CancellationToken::new(),
    }
}

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().build().unwrap().block_on(future)
}

/// What was read, split where no entry may span, and the report. `between` is called before every chunk.
pub(super) async fn read_all(
    logs: &dyn Logs,
    window: Option<Window>,
    budget: u64,
    mut between: impl FnMut(),
) -> Result<(Vec<Vec<u8>>, LogReport), LogError> {
    let mut read = WindowRead::open(logs, LogKind::Slow, window, budget).await?;
    let mut parts: Vec<Vec<u8>> = Vec::new();
    loop {
        between();
        let Some(chunk) = read.next().await? else {
            return Ok((parts, read.into_report()));
        };
        if !chunk.joined {
            parts.push(Vec::new());
        }
        parts.last_mut().unwrap().extend_from_slice(&chunk.bytes);
    }
}

/// Reads without disturbance.
pub(super) fn read(
    folder: &Folder,
    place: &str,
    chunk_bytes: usize,
    window: Option<Window>,
) -> (Vec<Vec<u8>>, LogReport) {
    let logs = folder.logs(place, chunk_bytes);
    block_on(read_all(logs.as_ref(), window, u64::MAX, || ())).unwrap()
}

/// Entry number `n`, written `n` seconds after the epoch of these tests.
pub(super) fn entry(n: i64) -> String {
    let time = Timestamp::from_second(EPOCH + n).unwrap();
    let text = "x".repeat(usize::try_from((n * 37).rem_euclid(400)).unwrap());
    format!(
        "# Time: {time:.6}\n# User@Host: app[app] @ h []  Id: 7\n# Query_time: 1.5  Lock_time: 0 Rows_sent: 1  \
         Rows_examined: {n}\nSET timestamp={};\nSELECT '{text}' /* number {n}. */;\n",
        EPOCH + n - 1
    )
}

pub(super) fn entries(numbers: std::ops::Range<i64>) -> Vec<u8> {
    numbers.map(entry).collect::<String>().into_bytes()
}

/// The numbers of the entries that are whole in these bytes, in turn.
pub(super) fn numbers(bytes: &[u8]) -> Vec<i64> {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    for part in text.split("# Time: ").skip(1) {
        if let Some((_, rest)) = part.split_once("/* number ")
            && let Some((number, _)) = rest.split_once(". */;\n")
        {
            found.push(number.parse().unwrap());
        }
    }
    found
}

pub(super) fn window(from: i64, to: i64) -> Window {
    let at = |n| Timestamp::from_second(EPOCH + n).unwrap();
    Window {
        from: at(from),
        to: at(to),
    }
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}
