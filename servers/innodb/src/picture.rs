//! Everything a verdict on the wait-for forest is made of: who the parties are and what they do. Pure.

use std::collections::{BTreeMap, BTreeSet};

use storex_tool::Untrusted;

use crate::sessions::{Sessions, TrxRow};
use crate::view::name;
use crate::waits::{Forest, Party, Root};

/// Everything a verdict is made of.
#[derive(Debug, Clone, Copy)]
pub struct Picture<'a> {
    /// The instance's name, for the arguments of next steps.
    pub instance: &'a str,
    /// Who waits for whom.
    pub forest: &'a Forest,
    /// Who they are.
    pub sessions: &'a Sessions,
    /// All open transactions.
    pub transactions: &'a [TrxRow],
    /// Whether literals may be shown.
    pub literals: bool,
}

impl Picture<'_> {
    /// How long a party has waited: InnoDB's own figure, or the time in its present statement.
    pub fn wait_s(&self, party: &Party) -> Option<i64> {
        let Party::Connection(id) = party else {
            return None;
        };
        let innodb = self.sessions.transaction(*id).and_then(|trx| trx.wait_s);
        innodb.or_else(|| {
            self.sessions
                .session(*id)
                .and_then(|session| session.time_s)
        })
    }

    /// The longest wait behind a root.
    pub fn longest_wait(&self, root: &Root) -> Option<i64> {
        root.waiters
            .iter()
            .filter_map(|waiter| self.wait_s(&waiter.party))
            .max()
    }

    /// The transaction of a party.
    pub fn transaction(&self, party: &Party) -> Option<&TrxRow> {
        match party {
            Party::Connection(id) => self.sessions.transaction(*id),
            Party::Detached(trx) => self.transactions.iter().find(|row| row.trx_id == *trx),
        }
    }

    /// What a party is doing.
    pub fn state(&self, party: &Party) -> &'static str {
        match party {
            Party::Detached(_) => "prepared",
            Party::Connection(id) if self.sessions.is_idle(*id) => {
                match self.sessions.transaction(*id) {
                    Some(_) => "idle in transaction",
                    None => "idle",
                }
            }
            Party::Connection(_) => "running",
        }
    }

    /// The names of a circle's parties.
    pub fn names(&self, circle: &BTreeSet<Party>) -> Vec<Untrusted> {
        circle
            .iter()
            .map(|party| Untrusted::name(&name(party).replace(' ', "-")))
            .collect()
    }

    /// `connection 91 (nightly-batch, user batch@10.0.0.7)`.
    pub(crate) fn who(&self, party: &Party) -> String {
        match party {
            Party::Detached(trx) => {
                format!("transaction {} without a connection", Untrusted::name(trx))
            }
            Party::Connection(id) => match self.sessions.session(*id) {
                Some(session) => format!("connection {id} ({})", session.who()),
                None => format!("connection {id}"),
            },
        }
    }

    /// Who is held up, by program or user: `8 sessions of checkout`.
    pub(crate) fn victims(&self, root: &Root) -> String {
        let mut by_client: BTreeMap<String, usize> = BTreeMap::new();
        for waiter in &root.waiters {
            let client = match &waiter.party {
                Party::Connection(id) => self.sessions.session(*id).and_then(|session| {
                    session
                        .program
                        .as_deref()
                        .or(session.user.as_deref())
                        .map(Untrusted::name)
                }),
                Party::Detached(_) => None,
            };
            *by_client
                .entry(client.map_or_else(|| "unknown".to_owned(), |c| c.to_string()))
                .or_default() += 1;
        }
        let mut clients: Vec<(String, usize)> = by_client.into_iter().collect();
        clients.sort_by_key(|(client, count)| (std::cmp::Reverse(*count), client.clone()));
        let sessions = root.waiters.len();
        let plural = if sessions == 1 { "session" } else { "sessions" };
        match clients.as_slice() {
            [(client, _)] => format!("{sessions} {plural} of {client}"),
            more => {
                let most: Vec<String> = more
                    .iter()
                    .take(3)
                    .map(|(client, count)| format!("{client} {count}"))
                    .collect();
                format!("{sessions} {plural} ({})", most.join(", "))
            }
        }
    }
}
