//! Why a snapshot could not be recorded or opened, and what to do next.

use std::io;
use std::path::PathBuf;

use storex_sources::SourceError;

/// Why a snapshot could not be recorded or opened.
///
/// `file` and `entry` are paths inside the snapshot; `path` is where the snapshot itself is.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// There is nothing at the path given.
    #[error("there is no snapshot at {}; give a folder or a .tar.zst that `storex` recorded", path.display())]
    Missing {
        /// The path given.
        path: PathBuf,
    },
    /// Recording never replaces what is there.
    #[error("{} exists already; choose another name or remove it first", path.display())]
    Exists {
        /// The path given.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("failed to {doing} {}; check its permissions and the space left", path.display())]
    Io {
        /// `read` or `write`.
        doing: &'static str,
        /// Which file or folder.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The archive is not a whole `.tar.zst`.
    #[error("{} is not a whole .tar.zst archive; copy or record it again", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What the decompressor or the archive reader met.
        source: io::Error,
    },
    /// The archive or folder holds something a snapshot never holds.
    #[error(
        "snapshot entry {entry:?} is refused: {why}; take the snapshot from whoever recorded it"
    )]
    Refused {
        /// The entry's path, as it is written there.
        entry: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// More than a snapshot may hold.
    #[error("snapshot holds more than {limit}; record it again with fewer samples or probes")]
    TooLarge {
        /// The limit, in words.
        limit: String,
    },
    /// `snapshot.json` is written last; without it the recording did not finish.
    #[error(
        "snapshot.json is missing, so the recording did not finish or was not copied whole; record or copy it again"
    )]
    Unfinished,
    /// Fewer or more captures than `snapshot.json` says.
    #[error(
        "sample {sample} holds {found} captures and snapshot.json says {expected}; copy it again, or correct `captures` after an edit by hand"
    )]
    CaptureCount {
        /// The sample.
        sample: String,
        /// Files found.
        found: usize,
        /// Files recorded.
        expected: usize,
    },
    /// A later storex wrote it.
    #[error(
        "snapshot has format {found} and this storex reads up to {known}; open it with storex {storex} or a later one"
    )]
    Newer {
        /// The snapshot's format.
        found: u64,
        /// The latest format this build reads.
        known: u64,
        /// The version that recorded it.
        storex: String,
    },
    /// A file is not JSON, or not of the shape the format gives it.
    #[error(
        "{file} is broken at line {line}; restore it from the recording, or correct it as docs/snapshots.md describes"
    )]
    Json {
        /// The file inside the snapshot.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the JSON reader met.
        source: serde_json::Error,
    },
    /// A file is JSON but contradicts itself or the rest.
    #[error("{file} cannot be used: {why}; correct it as docs/snapshots.md describes")]
    Invalid {
        /// The file inside the snapshot.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// The sample to start from is not in the snapshot.
    #[error("snapshot has no sample {wanted:?}; it has {known}")]
    NoSample {
        /// The sample asked for.
        wanted: String,
        /// Those there are.
        known: String,
    },
    /// The recording as asked for makes no sense.
    #[error("cannot record: {why}")]
    Plan {
        /// What to change.
        why: String,
    },
    /// The instance could not be read at all, so there is nothing to record.
    #[error("the instance could not be read, so nothing was recorded")]
    Source(#[from] SourceError),
    /// The caller cancelled the recording.
    #[error("the recording was stopped and nothing was kept; start it again")]
    Cancelled,
}
