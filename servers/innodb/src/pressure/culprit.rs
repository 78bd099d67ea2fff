//! Who drives it: the statement with the largest share of what was done between two samples, and the
//! users and programs seen running it. Monitoring is left out. Pure.

use storex_tool::{Finding, Untrusted};

use super::rows::{DigestTextRow, UserStatementsRow, UserStatisticsRow};
use super::samples::{Sample, round};
use super::work::{Ledger, Who, Work};

/// A statement that did less than this share of something does not drive it.
const DRIVES: f64 = 0.3;
const SHAPE_CHARS: usize = 160;
/// Accounts of monitoring agents and of the server itself, as their vendors' instructions name them.
const MONITORING: [&str; 16] = [
    "exporter",
    "mysqld_exporter",
    "pmm",
    "percona",
    "datadog",
    "newrelic",
    "zabbix",
    "zbx_monitor",
    "nagios",
    "netdata",
    "rdsadmin",
    "azure_superuser",
    "cloudsqladmin",
    "event_scheduler",
    "mysql.session",
    "mysql.infoschema",
];

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
    /// Transactions committed.
    Commits,
    /// Sessions seen in commit.
    SessionsInCommit,
    /// Bytes of temporary tables on disk.
    TmpDiskBytes,
}

impl Measure {
    fn of(self, work: &Work) -> f64 {
        match self {
            Self::RowsExamined => work.rows_examined as f64,
            Self::RowsAffected => work.rows_affected as f64,
            Self::Time => work.time_s,
            Self::TmpTables => work.tmp_tables as f64,
            Self::TmpDiskTables => work.tmp_disk_tables as f64,
            Self::SortMergePasses => work.sort_merge_passes as f64,
            Self::Runs | Self::Commits => work.runs as f64,
            Self::PagesRead => work.pages_read as f64,
            Self::SessionsInCommit => work.running as f64,
            Self::TmpDiskBytes => 0.0,
        }
    }

    fn of_user(self, user: &UserWork) -> Option<f64> {
        match self {
            Self::RowsExamined => Some(user.rows_examined),
            Self::RowsAffected => Some(user.rows_affected),
            Self::Time => Some(user.time_s),
            Self::TmpTables => user.tmp_tables,
            Self::TmpDiskTables => user.tmp_disk_tables,
            Self::SortMergePasses => user.sort_merge_passes,
            Self::Runs
            | Self::PagesRead
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
            Self::Commits => "commits",
            Self::SessionsInCommit => "sessions in commit",
            Self::TmpDiskBytes => "temporary tables on disk by size",
        }
    }
}

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

/// Everything done between two samples, by statement and by user.
#[derive(Debug, Clone, Default)]
pub struct Culprits {
    /// By shape of statement, in no order.
    pub works: Vec<Work>,
    /// By user.
    pub users: Vec<UserWork>,
}

/// The one that drives something, and how much of it is its doing.
#[derive(Debug, Clone, PartialEq)]
pub struct Blame {
    /// Its share of all that was done, 0 to 1.
    pub share: f64,
    /// What was shared out.
    pub measure: Measure,
    /// How much it did.
    pub amount: f64,
    /// The statement, where one is known.
    pub work: Option<Work>,
    /// Who.
    pub who: Option<Who>,
}

impl Culprits {
    /// What was done between the samples.
    pub fn between(
        before: &Sample,
        after: &Sample,
        texts: &[DigestTextRow],
        window_s: Option<f64>,
    ) -> Self {
        let mut works = Ledger::between(before, after, texts, window_s);
        for work in &mut works {
            let by_people = work.who.iter().any(|who| !who.is_monitoring());
            if by_people {
                work.who.retain(|who| !who.is_monitoring());
            }
        }
        works.retain(|work| work.who.is_empty() || work.who.iter().any(|who| !who.is_monitoring()));
        let users = match window_s {
            Some(_) => users(before, after),
            None => Vec::new(),
        };
        Self { works, users }
    }

    /// The statement that did most of something, if it did enough to drive it; or else the user
    /// whose statements did.
    pub fn top(&self, measure: Measure) -> Option<Blame> {
        self.top_of(measure, |_| true)
    }

    /// The same among some statements only.
    pub fn top_of(&self, measure: Measure, among: impl Fn(&Work) -> bool) -> Option<Blame> {
        let total: f64 = self.works.iter().map(|work| measure.of(work)).sum();
        let most = self
            .works
            .iter()
            .filter(|work| among(work))
            .max_by(|a, b| measure.of(a).total_cmp(&measure.of(b)));
        let by_statement = most
            .filter(|_| total > 0.0)
            .map(|work| Blame {
                share: measure.of(work) / total,
                measure,
                amount: measure.of(work),
                who: work.who.first().cloned(),
                work: Some(work.clone()),
            })
            .filter(|blame| blame.share >= DRIVES);
        match by_statement {
            Some(blame) if blame.who.is_some() => Some(blame),
            Some(blame) => Some(Blame {
                who: self.top_user(measure).and_then(|user| user.who),
                ..blame
            }),
            None => self.top_user(measure),
        }
    }

    fn top_user(&self, measure: Measure) -> Option<Blame> {
        let amount = |user: &UserWork| measure.of_user(user).unwrap_or(0.0);
        let total: f64 = self.users.iter().map(amount).sum();
        let most = self
            .users
            .iter()
            .max_by(|a, b| amount(a).total_cmp(&amount(b)))?;
        let share = amount(most) / total;
        // More than half: what this user does outweighs everyone else together.
        (total > 0.0 && share > 0.5).then(|| Blame {
            share,
            measure,
            amount: amount(most),
            work: None,
            who: Some(Who {
                user: Some(most.user.clone()),
                ..Who::default()
            }),
        })
    }
}

impl Blame {
    /// `reporting-jobs, user reporting@10.0.0.7 (93 % of rows read, running ⟦SELECT ...⟧)`.
    pub fn phrase(&self) -> String {
        let who = self.who.as_ref().map_or_else(String::new, Who::phrase);
        let share = format!("{:.0} % of {}", self.share * 100.0, self.measure.words());
        match (&self.work, who.is_empty()) {
            (Some(work), false) => format!("{who} ({share} by {})", shape(work)),
            (Some(work), true) => format!("{} ({share})", shape(work)),
            (None, _) => format!("{who} ({share})"),
        }
    }

    /// The same as evidence.
    #[must_use]
    pub fn evidence(&self, finding: Finding) -> Finding {
        let from = "statement digests, two samples";
        let finding = finding.evidence("culprit_share", round(self.share), "", from);
        match &self.work {
            Some(work) => finding
                .evidence("culprit_runs", work.runs, "", from)
                .evidence("culprit_running_now", work.running, "", from)
                .evidence("culprit_time", round(work.time_s), "s", from),
            None => finding,
        }
    }
}

impl Who {
    /// `program, user u@host`, marked where needed.
    pub fn phrase(&self) -> String {
        let user = Untrusted::name(self.user.as_deref().unwrap_or("?"));
        let account = match &self.host {
            Some(host) => format!("user {user}@{}", Untrusted::name(host)),
            None => format!("user {user}"),
        };
        match &self.program {
            Some(program) => format!("{}, {account}", Untrusted::name(program)),
            None => account,
        }
    }

    fn is_monitoring(&self) -> bool {
        let user = self.user.as_deref().unwrap_or_default();
        MONITORING.contains(&user)
    }
}

fn shape(work: &Work) -> Untrusted {
    Untrusted::text(&work.shape, SHAPE_CHARS)
}

fn users(before: &Sample, after: &Sample) -> Vec<UserWork> {
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
    all.retain(|user| !MONITORING.contains(&user.user.as_str()));
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
