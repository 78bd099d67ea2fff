//! Who drives it: the statement with the largest share of what was done between two samples, and the
//! users and programs seen running it. Monitoring is left out. Pure.

use storex_tool::{Finding, Untrusted};

use super::ledger::Ledger;
pub use super::measure::Measure;
use super::rows::DigestTextRow;
use super::samples::{Sample, round};
use super::users::{self, UserWork};
use super::work::{Who, Work};

/// A statement that did less than this share of something does not drive it.
const DRIVES: f64 = 0.3;
/// What was seen running only once was running by chance.
const SEEN_AT_LEAST: f64 = 2.0;
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

/// Everything done between two samples, by statement and by user.
#[derive(Debug, Clone, Default)]
pub struct Culprits {
    /// By shape of statement, in no order.
    pub works: Vec<Work>,
    /// By user.
    pub users: Vec<UserWork>,
    /// Whether the server counts by statement what ended.
    pub counted: bool,
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
        let mut users = match window_s {
            Some(_) => users::between(before, after),
            None => Vec::new(),
        };
        users.retain(|user| !MONITORING.contains(&user.user.as_str()));
        Self {
            works,
            users,
            counted: !after.digests.is_empty(),
        }
    }

    /// The statement that did most of something, if it did enough to drive it; or else the user
    /// whose statements did.
    pub fn top(&self, measure: Measure) -> Option<Blame> {
        if self.counted {
            self.top_of(measure, |_| true)
        } else {
            self.top_seen(measure)
        }
    }

    /// Where ended statements are not counted: the user with most of the work, where users are
    /// counted, and what was seen running.
    fn top_seen(&self, measure: Measure) -> Option<Blame> {
        let writes = measure == Measure::RowsAffected;
        let seen = self
            .top_of(Measure::SeenRunning, |work| !writes || work.is_write())
            .filter(|blame| blame.amount >= SEEN_AT_LEAST);
        let name = |blame: &Blame| blame.who.as_ref().and_then(|who| who.user.clone());
        match (self.top_user(measure), seen) {
            (Some(user), Some(seen)) if name(&user) == name(&seen) => Some(Blame {
                work: seen.work,
                who: seen.who,
                ..user
            }),
            (Some(user), _) => Some(user),
            (None, seen) => seen,
        }
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
                // More than everything together: part of this statement's share is this user's.
                who: self
                    .top_user(measure)
                    .filter(|user| user.share + blame.share > 1.0)
                    .and_then(|user| user.who),
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
        let from = match self.measure {
            Measure::SeenRunning => "process list, two samples",
            _ => "statement digests, two samples",
        };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn work(user: &str, shape: &str, rows_affected: u64) -> Work {
        Work {
            shape: shape.into(),
            rows_affected,
            who: vec![Who {
                user: Some(user.into()),
                connections: vec![7],
                ..Who::default()
            }],
            ..Work::default()
        }
    }

    #[test]
    fn the_largest_share_is_blamed_and_an_even_spread_is_nobodys() {
        let mut culprits = Culprits {
            works: vec![
                work("worker", "UPDATE a SET b = ?", 90),
                work("batch", "UPDATE c SET d = ?", 10),
            ],
            counted: true,
            ..Culprits::default()
        };
        let blame = culprits.top(Measure::RowsAffected).unwrap();
        assert_eq!(
            blame.phrase(),
            "user worker (90 % of rows changed by ⟦UPDATE a SET b = ?⟧)"
        );
        culprits.works = (0..10).map(|n| work("worker", &n.to_string(), 5)).collect();
        assert_eq!(culprits.top(Measure::RowsAffected), None);
    }

    #[test]
    fn where_no_session_was_seen_the_user_with_most_of_the_work_is_named() {
        let mut statement = work("", "DELETE FROM a", 90);
        statement.who.clear();
        let culprits = Culprits {
            works: vec![statement],
            users: vec![UserWork {
                user: "batch".into(),
                rows_affected: 88.0,
                ..UserWork::default()
            }],
            counted: true,
        };
        let blame = culprits.top(Measure::RowsAffected).unwrap();
        assert_eq!(
            blame.phrase(),
            "user batch (100 % of rows changed by ⟦DELETE FROM a⟧)"
        );
    }

    #[test]
    fn without_counts_only_what_was_seen_running_more_than_once_is_blamed() {
        let seen = |seen_running| Culprits {
            works: vec![Work {
                seen_running,
                ..work("worker", "UPDATE a SET b = ?", 0)
            }],
            ..Culprits::default()
        };
        assert_eq!(seen(1).top(Measure::RowsAffected), None);
        let blame = seen(3).top(Measure::RowsAffected).unwrap();
        assert_eq!(blame.measure, Measure::SeenRunning);
    }

    #[test]
    fn monitoring_is_left_out() {
        let row = |user: &str| super::super::rows::CurrentRow {
            running: true,
            user: Some(user.into()),
            sql_text: Some("SELECT * FROM shop.orders".into()),
            ..Default::default()
        };
        let sample = |user| Sample {
            current: vec![row(user)],
            ..Sample::default()
        };
        let works = |user| Culprits::between(&Sample::default(), &sample(user), &[], None).works;
        assert!(works("exporter").is_empty());
        assert_eq!(works("storefront").len(), 1);
    }
}
