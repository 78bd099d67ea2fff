//! Sessions that wait for a lock of the server while nothing that could be read tells who holds it:
//! they must not be passed over as health. Pure.

use std::collections::BTreeSet;

use serde_json::json;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use crate::flush;
use crate::mdl::Scope;
use crate::picture::Picture;
use crate::sessions::SessionRow;
use crate::waits::Party;

/// Shorter waits are everyday traffic, as in [`crate::verdict`].
const LONG_WAIT_S: i64 = 2;

/// Those sessions, longest wait first.
pub fn waiters<'a>(picture: &Picture<'a>) -> Vec<&'a SessionRow> {
    let forest = picture.forest;
    let placed: BTreeSet<&Party> = forest
        .roots
        .iter()
        .flat_map(|root| root.waiters.iter().map(|waiter| &waiter.party))
        .chain(forest.circles.iter().flatten())
        .collect();
    let waits = |session: &&SessionRow| {
        let state = session.state.as_deref().unwrap_or_default();
        let known = Scope::of_state(state).is_some() || state == flush::STATE;
        known && session.time_s.unwrap_or(0) >= LONG_WAIT_S
    };
    let mut unseen: Vec<&SessionRow> = picture
        .sessions
        .all()
        .filter(waits)
        .filter(|session| !placed.contains(&Party::Connection(session.id)))
        .collect();
    unseen.sort_by_key(|session| (std::cmp::Reverse(session.time_s), session.id));
    unseen
}

/// One sentence about them.
pub fn sentence(unseen: &[&SessionRow]) -> Option<String> {
    let first = unseen.first()?;
    let state = Untrusted::text(first.state.as_deref().unwrap_or_default(), 64);
    let sessions = match unseen.len() {
        1 => "1 session is".to_owned(),
        count => format!("{count} sessions are"),
    };
    Some(format!(
        "{sessions} in state {state}, the longest for {} s, and what was read does not tell who holds \
         the lock",
        first.time_s.unwrap_or(0)
    ))
}

/// The finding, with the oldest open transaction as the first to look at.
pub fn finding(picture: &Picture<'_>) -> Option<Finding> {
    let unseen = waiters(picture);
    let statement = sentence(&unseen)?;
    let ids: BTreeSet<u64> = unseen.iter().map(|session| session.id).collect();
    let finding = Finding::new(
        "waiters_without_seen_holder",
        Severity::Warning,
        Confidence::Possible,
        statement,
    )
    .evidence("sessions_waiting", unseen.len(), "", "process list")
    .next(
        "innodb_transactions",
        json!({ "instance": picture.instance }),
    );
    let oldest = picture
        .transactions
        .iter()
        .filter(|trx| trx.id != 0 && !ids.contains(&trx.id))
        .max_by_key(|trx| trx.age_s);
    Some(match oldest {
        Some(trx) => {
            let who = picture.who(&Party::Connection(trx.id));
            let age = trx.age_s.unwrap_or(0);
            let text = format!("{who}, open for {age} s: not proof that it is the holder");
            finding.evidence("oldest_open_transaction", text, "", "innodb_trx")
        }
        None => finding,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::{Sessions, TrxRow};
    use crate::waits::Forest;

    fn told(state: &str, time_s: i64) -> Option<Finding> {
        let session = SessionRow {
            id: 9,
            time_s: Some(time_s),
            state: Some(state.into()),
            ..SessionRow::default()
        };
        let transactions = [TrxRow {
            id: 7,
            age_s: Some(300),
            ..TrxRow::default()
        }];
        let sessions = Sessions::join(vec![session], transactions.to_vec(), vec![], vec![]);
        finding(&Picture {
            instance: "shop",
            forest: &Forest::default(),
            sessions: &sessions,
            transactions: &transactions,
            literals: false,
        })
    }

    #[test]
    fn a_wait_nobody_is_seen_to_cause_is_told_with_the_oldest_transaction() {
        let finding = told("Waiting for table metadata lock", 40).unwrap();
        assert!(finding.statement.starts_with("1 session is in state"));
        let oldest = finding.evidence[1].value.as_str().unwrap();
        assert!(
            oldest.starts_with("connection 7, open for 300 s"),
            "{oldest}"
        );
    }

    #[test]
    fn short_waits_and_other_states_are_passed_over() {
        assert_eq!(told("Waiting for table metadata lock", 1), None);
        assert_eq!(told("executing", 40), None);
    }
}
