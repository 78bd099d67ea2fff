//! The forest as rows an answer can hold.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use storex_tool::Untrusted;

use crate::picture::Picture;
use crate::sessions::show_statement;
use crate::waits::{Party, Root, Waiter};

/// A root blocker.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Blocker {
    /// Connection id, or `trx N` without one
    pub(crate) connection: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) program: Option<Untrusted>,
    /// idle | idle in transaction | running | prepared
    pub(crate) state: &'static str,
    /// Seconds in that state
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state_s: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trx_age_s: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows_locked: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows_modified: Option<u64>,
    /// Running now, or last run
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) statement: Option<Untrusted>,
    /// Sessions held up in all
    pub(crate) blocks: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) longest_wait_s: Option<i64>,
    pub(crate) waiters: Vec<Waiting>,
}

/// Someone who waits.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Waiting {
    pub(crate) connection: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) program: Option<Untrusted>,
    /// Directly behind
    pub(crate) behind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wait_s: Option<i64>,
    /// Kind and mode
    pub(crate) lock: String,
    /// Table and index
    pub(crate) on: String,
    /// Key values, if asked for
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) row: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) statement: Option<Untrusted>,
}

/// The first `shown` roots, each with its first `limit` waiters.
pub(crate) fn blockers(picture: &Picture<'_>, shown: usize, limit: usize) -> Vec<Blocker> {
    picture
        .forest
        .roots
        .iter()
        .take(shown)
        .map(|root| blocker(picture, root, limit))
        .collect()
}

fn blocker(picture: &Picture<'_>, root: &Root, limit: usize) -> Blocker {
    let id = connection(&root.party);
    let session = id.and_then(|id| picture.sessions.session(id));
    let trx = picture.transaction(&root.party);
    let statement = id.and_then(|id| {
        picture
            .sessions
            .statement(id)
            .or_else(|| picture.sessions.last_statement(id))
    });
    let mut seen = Shown::default();
    Blocker {
        connection: name(&root.party),
        user: session.and_then(|s| s.user.as_deref()).map(Untrusted::name),
        host: session.map(|s| Untrusted::name(s.client_host())),
        program: session
            .and_then(|s| s.program.as_deref())
            .map(Untrusted::name),
        state: picture.state(&root.party),
        state_s: session.and_then(|s| s.time_s),
        trx_age_s: trx.and_then(|trx| trx.age_s),
        rows_locked: trx.map(|trx| trx.rows_locked),
        rows_modified: trx.map(|trx| trx.rows_modified),
        statement: statement.map(|sql| show_statement(sql, picture.literals, 200)),
        blocks: root.waiters.len(),
        longest_wait_s: picture.longest_wait(root),
        waiters: root
            .waiters
            .iter()
            .take(limit)
            .map(|w| waiting(picture, w, &mut seen))
            .collect(),
    }
}

/// Statements are shown once: victims of one queue mostly run the same.
#[derive(Default)]
struct Shown(BTreeMap<Untrusted, String>);

fn waiting(picture: &Picture<'_>, waiter: &Waiter, seen: &mut Shown) -> Waiting {
    let id = connection(&waiter.party);
    let session = id.and_then(|id| picture.sessions.session(id));
    let connection = name(&waiter.party);
    let statement = id
        .and_then(|id| picture.sessions.statement(id))
        .map(|sql| show_statement(sql, picture.literals, 160))
        .filter(|shown| seen.0.insert(shown.clone(), connection.clone()).is_none());
    let lock = &waiter.lock;
    let object = Untrusted::name(&lock.object);
    Waiting {
        user: session.and_then(|s| s.user.as_deref()).map(Untrusted::name),
        program: session
            .and_then(|s| s.program.as_deref())
            .map(Untrusted::name),
        behind: name(&waiter.behind),
        wait_s: picture.wait_s(&waiter.party),
        lock: format!("{} {}", lock.kind.as_str(), lock.mode)
            .trim_end()
            .to_owned(),
        on: match &lock.index {
            Some(index) => format!("{object} {}", Untrusted::name(index)),
            None => object.to_string(),
        },
        row: lock
            .row
            .as_deref()
            .filter(|_| picture.literals)
            .map(|row| Untrusted::text(row, 80)),
        statement,
        connection,
    }
}

fn connection(party: &Party) -> Option<u64> {
    match party {
        Party::Connection(id) => Some(*id),
        Party::Detached(_) => None,
    }
}

/// How a party is named in an answer.
pub(crate) fn name(party: &Party) -> String {
    match party {
        Party::Connection(id) => id.to_string(),
        Party::Detached(trx) => format!("trx {}", Untrusted::name(trx)),
    }
}
