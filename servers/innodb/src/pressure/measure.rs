//! What may be shared out among statements and users. Pure.

use super::users::UserWork;
use super::work::Work;

/// What may be shared out among statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Rows read.
    RowsExamined,
    /// Rows changed.
    RowsAffected,
    /// Time.
    Time,
    /// Temporary tables.
    TmpTables,
    /// Temporary tables on disk.
    TmpDiskTables,
    /// Merge passes of sorts.
    SortMergePasses,
    /// Runs.
    Runs,
    /// Pages read from files.
    PagesRead,
    /// Times seen running in the process list.
    SeenRunning,
    /// Transactions committed.
    Commits,
    /// Sessions seen in commit.
    SessionsInCommit,
    /// Bytes of temporary tables on disk.
    TmpDiskBytes,
}

impl Measure {
    pub(super) fn of(self, work: &Work) -> f64 {
        match self {
            Self::RowsExamined => work.rows_examined as f64,
            Self::RowsAffected => work.rows_affected as f64,
            Self::Time => work.time_s,
            Self::TmpTables => work.tmp_tables as f64,
            Self::TmpDiskTables => work.tmp_disk_tables as f64,
            Self::SortMergePasses => work.sort_merge_passes as f64,
            Self::Runs | Self::Commits => work.runs as f64,
            Self::PagesRead => work.pages_read as f64,
            Self::SeenRunning => work.seen_running as f64,
            Self::SessionsInCommit => work.running as f64,
            Self::TmpDiskBytes => 0.0,
        }
    }

    pub(super) fn of_user(self, user: &UserWork) -> Option<f64> {
        match self {
            Self::RowsExamined => Some(user.rows_examined),
            Self::RowsAffected => Some(user.rows_affected),
            Self::Time => Some(user.time_s),
            Self::TmpTables => user.tmp_tables,
            Self::TmpDiskTables => user.tmp_disk_tables,
            Self::SortMergePasses => user.sort_merge_passes,
            Self::Runs
            | Self::PagesRead
            | Self::SeenRunning
            | Self::Commits
            | Self::SessionsInCommit
            | Self::TmpDiskBytes => None,
        }
    }

    /// What is shared out, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::RowsExamined => "rows read",
            Self::RowsAffected => "rows changed",
            Self::Time => "statement time",
            Self::TmpTables => "temporary tables",
            Self::TmpDiskTables => "temporary tables on disk",
            Self::SortMergePasses => "sort merge passes",
            Self::Runs => "statements",
            Self::PagesRead => "pages read by sessions",
            Self::SeenRunning => "statements seen running",
            Self::Commits => "commits",
            Self::SessionsInCommit => "sessions in commit",
            Self::TmpDiskBytes => "temporary tables on disk by size",
        }
    }
}
