//! What the statements of each user did between two samples: by the performance schema, or by
//! MariaDB's user statistics. Pure.

use super::rows::{UserStatementsRow, UserStatisticsRow};
use super::samples::Sample;

/// What one user's statements did between the samples.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UserWork {
    /// Account.
    pub user: String,
    /// Rows read.
    pub rows_examined: f64,
    /// Rows changed.
    pub rows_affected: f64,
    /// Seconds.
    pub time_s: f64,
    /// Temporary tables.
    pub tmp_tables: Option<f64>,
    /// Those on disk.
    pub tmp_disk_tables: Option<f64>,
    /// Merge passes.
    pub sort_merge_passes: Option<f64>,
}

/// Every user's work.
pub(super) fn between(before: &Sample, after: &Sample) -> Vec<UserWork> {
    let mut all: Vec<UserWork> = after
        .users
        .iter()
        .filter(|_| !before.users.is_empty())
        .filter_map(|now| {
            by_statements(before.users.iter().find(|then| then.user == now.user), now)
        })
        .collect();
    if all.is_empty() {
        all = after
            .user_statistics
            .iter()
            .filter_map(|now| {
                let mut known = before.user_statistics.iter();
                by_statistics(known.find(|then| then.user == now.user)?, now)
            })
            .collect();
    }
    all
}

fn by_statements(then: Option<&UserStatementsRow>, now: &UserStatementsRow) -> Option<UserWork> {
    let none = UserStatementsRow::default();
    let then = then.unwrap_or(&none);
    let since = |now: u64, then: u64| now.checked_sub(then).map(|delta| delta as f64);
    Some(UserWork {
        user: now.user.clone(),
        rows_examined: since(now.rows_examined, then.rows_examined)?,
        rows_affected: since(now.rows_affected, then.rows_affected)?,
        time_s: since(now.time_ps, then.time_ps)? / 1e12,
        tmp_tables: since(now.tmp_tables, then.tmp_tables),
        tmp_disk_tables: since(now.tmp_disk_tables, then.tmp_disk_tables),
        sort_merge_passes: since(now.sort_merge_passes, then.sort_merge_passes),
    })
}

fn by_statistics(then: &UserStatisticsRow, now: &UserStatisticsRow) -> Option<UserWork> {
    Some(UserWork {
        user: now.user.clone(),
        rows_examined: now.rows_read.checked_sub(then.rows_read)? as f64,
        rows_affected: now.rows_written.checked_sub(then.rows_written)? as f64,
        time_s: (now.busy_s - then.busy_s).max(0.0),
        ..UserWork::default()
    })
}
