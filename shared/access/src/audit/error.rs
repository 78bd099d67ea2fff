//! Why a call may not run for want of a record, and what is wrong with a log.

use std::io;
use std::path::PathBuf;

/// A record cannot be kept. While this lasts no call may run.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The directory or a file in it cannot be opened or read.
    #[error("cannot open the audit log at {path}; check the directory and its permissions")]
    Open {
        /// What was opened.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process writes to it.
    #[error("another process writes the audit log at {0}; stop it or configure another directory")]
    Locked(PathBuf),
    /// The end of the log is not what was written.
    #[error(
        "the audit log at {path} is broken: {detail}; verify it, move it away for inspection, and start a new one"
    )]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// A line cannot be written.
    #[error("the audit record cannot be written, so calls are refused; free space on its disk")]
    Write(#[source] io::Error),
    /// Written lines do not reach the disk.
    #[error("audit records do not reach the disk, so calls are refused; check the disk: {0}")]
    Sync(String),
    /// A record cannot be put in JSON.
    #[error("the audit record cannot be put in JSON")]
    Encode(#[source] serde_json::Error),
}

/// What is wrong with a log.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is no log.
    #[error("no audit log at {0}")]
    Missing(PathBuf),
    /// A line was changed, removed or put in.
    #[error("{file}:{line}: {what}")]
    Bad {
        /// The file.
        file: PathBuf,
        /// The first bad line, counted from 1.
        line: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Lines are missing at the end.
    #[error("the log ends at line number {found} but {anchored} were on disk: its end was cut off")]
    Cut {
        /// The last sequence number there is.
        found: u64,
        /// The last one known to have been on disk.
        anchored: u64,
    },
}
