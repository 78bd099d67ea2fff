//! Who commits: the statement that makes most commits, and the sessions seen in commit.

use super::super::culprit::{Blame, Measure};
use super::super::samples::{Pair, Sample};
use super::super::work::{Who, Work};
use super::{COMMITTING_UNMEASURED, DRIVES};
use crate::sessions::without_port;

/// A statement that runs this often per commit is not the whole of a transaction.
const PER_COMMIT: f64 = 1.5;

/// Sessions in commit, by who they are, at the sample that saw more of them.
pub(super) fn committing(pair: &Pair) -> Vec<(Who, Vec<u64>)> {
    let (then, now) = (of_sample(&pair.before), of_sample(&pair.after));
    let count = |all: &[(Who, Vec<u64>)]| all.iter().map(|(_, ids)| ids.len()).sum::<usize>();
    if count(&then) > count(&now) {
        then
    } else {
        now
    }
}

fn of_sample(sample: &Sample) -> Vec<(Who, Vec<u64>)> {
    let mut all: Vec<(Who, Vec<u64>)> = Vec::new();
    let mut add = |who: Who, id: u64| {
        let same = |known: &&mut (Who, Vec<u64>)| {
            known.0.user == who.user && known.0.program == who.program
        };
        match all.iter_mut().find(same) {
            Some((_, ids)) if ids.contains(&id) => {}
            Some((_, ids)) => ids.push(id),
            None => all.push((who, vec![id])),
        }
    };
    let current = sample.current.iter().filter(|row| row.running && !row.own);
    for row in current.filter(|row| in_commit(row.state.as_deref())) {
        let who = Who {
            user: row.user.clone(),
            host: row.host.clone(),
            program: row.program.clone(),
            connections: Vec::new(),
        };
        add(who, row.id);
    }
    let processes = sample.processes.iter();
    for row in processes.filter(|row| in_commit(row.state.as_deref())) {
        let host = row.host.as_deref().unwrap_or_default();
        let who = Who {
            user: row.user.clone(),
            host: Some(without_port(host).to_owned()),
            ..Who::default()
        };
        add(who, row.id);
    }
    all.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.len()));
    all
}

/// MySQL: `waiting for handler commit`; MariaDB: `Commit`, `Waiting for prior transaction to commit`.
fn in_commit(state: Option<&str>) -> bool {
    let state = state.unwrap_or_default().to_lowercase();
    state == "commit"
        || state == "commit implicit"
        || state.contains("waiting for handler commit")
        || state.contains("waiting for prior transaction")
}

/// The statement that writes most often, if its runs make up most commits; or else who is seen in
/// commit.
pub(super) fn culprit(pair: &Pair, commits: f64) -> Option<Blame> {
    let all = commits * pair.window_s?;
    let writer = pair
        .culprits
        .works
        .iter()
        .filter(|work| writes(work))
        .max_by_key(|work| work.runs)
        .filter(|work| {
            // Many more runs than commits share their transactions.
            let runs = work.runs as f64;
            runs >= DRIVES * all && runs <= PER_COMMIT * all
        });
    let (who, seen) = committing(pair)
        .into_iter()
        .map(|(who, ids)| (who, ids.len()))
        .next()
        .unzip();
    if let Some(work) = writer {
        return Some(Blame {
            share: (work.runs as f64 / all).min(1.0),
            measure: Measure::Commits,
            amount: work.runs as f64,
            who: work.who.first().cloned().or(who),
            work: Some(work.clone()),
        });
    }
    let all: usize = committing(pair).iter().map(|(_, ids)| ids.len()).sum();
    let share = seen? as f64 / all.max(1) as f64;
    (share >= DRIVES && all >= COMMITTING_UNMEASURED).then(|| Blame {
        share,
        measure: Measure::SessionsInCommit,
        amount: seen.unwrap_or(0) as f64,
        work: None,
        who,
    })
}

/// Whether a statement writes rows.
pub(super) fn writes(work: &Work) -> bool {
    let first: String = work
        .shape
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    matches!(
        first.to_ascii_uppercase().as_str(),
        "INSERT" | "UPDATE" | "DELETE" | "REPLACE"
    )
}

/// Rows changed by each run of the statement blamed.
pub(super) fn rows_per_run(blame: &Blame) -> f64 {
    blame.work.as_ref().map_or(f64::INFINITY, |work| {
        work.rows_affected as f64 / (work.runs + work.running).max(1) as f64
    })
}
