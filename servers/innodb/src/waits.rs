//! The wait-for forest: from pairs of who waits for whom to root blockers, each with everyone it
//! holds up. Pure: pairs in, forest out.
//!
//! The server reports a pair for every earlier waiter as well as for the holder (eight waiters make
//! 36 pairs), so the blocker that matters is the one that itself waits for nobody.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Who takes part: a connection, or a transaction without one (prepared XA, or recovered).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The connection id, as in the process list.
    Connection(u64),
    /// The transaction id of a transaction that has no connection.
    Detached(String),
}

/// What kind of lock is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockKind {
    /// A record, without the gap before it or with it.
    Record,
    /// A gap before a record.
    Gap,
    /// The right to insert into a gap.
    InsertIntention,
    /// The table's auto-increment counter.
    AutoInc,
    /// A parent row read by a foreign-key check.
    ForeignKeyParent,
    /// An InnoDB table lock.
    Table,
    /// A metadata lock.
    Metadata,
    /// The server's lock against all changes (`FLUSH TABLES WITH READ LOCK`, `read_only`).
    GlobalRead,
    /// The server's lock against commits.
    Commit,
    /// A backup's lock (`LOCK INSTANCE FOR BACKUP`, `BACKUP STAGE`).
    Backup,
    /// A lock of `GET_LOCK`.
    UserLevel,
    /// An old version of a table still in use, which a flush waits for.
    TableFlush,
}

impl LockKind {
    /// The name shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Gap => "gap",
            Self::InsertIntention => "insert intention",
            Self::AutoInc => "auto-inc",
            Self::ForeignKeyParent => "foreign-key parent",
            Self::Table => "table",
            Self::Metadata => "metadata",
            Self::GlobalRead => "global read",
            Self::Commit => "commit",
            Self::Backup => "backup",
            Self::UserLevel => "user-level",
            Self::TableFlush => "table flush",
        }
    }

    /// Whether the server itself keeps it, not InnoDB: it does not end with a transaction alone.
    pub const fn is_of_server(self) -> bool {
        matches!(
            self,
            Self::Metadata
                | Self::GlobalRead
                | Self::Commit
                | Self::Backup
                | Self::UserLevel
                | Self::TableFlush
        )
    }

    /// Whether it locks the server as a whole.
    pub const fn is_server_wide(self) -> bool {
        matches!(self, Self::GlobalRead | Self::Commit | Self::Backup)
    }
}

/// The lock a party waits for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lock {
    /// Its kind.
    pub kind: LockKind,
    /// The mode asked for, in the server's words (`X,REC_NOT_GAP`, `EXCLUSIVE`).
    pub mode: String,
    /// `schema.table`, or the scope of a metadata lock.
    pub object: String,
    /// The index a record lock is on.
    pub index: Option<String>,
    /// The record's key values: literals.
    pub row: Option<String>,
}

/// One pair: `waiter` cannot go on before `blocker` lets go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Who waits.
    pub waiter: Party,
    /// Who is waited for.
    pub blocker: Party,
    /// For what.
    pub lock: Lock,
    /// Whether the blocker holds its lock (rather than waiting before the waiter in the queue).
    pub granted: bool,
}

/// A root blocker and everyone behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Waits for nobody.
    pub party: Party,
    /// Everyone who cannot go on before it, nearest first.
    pub waiters: Vec<Waiter>,
}

/// Someone who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiter {
    /// Who.
    pub party: Party,
    /// Directly behind whom.
    pub behind: Party,
    /// For what.
    pub lock: Lock,
    /// 1 for those directly behind the root.
    pub depth: usize,
}

/// Root blockers, those who hold up most first, and parties that wait for each other in a circle.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forest {
    /// The roots.
    pub roots: Vec<Root>,
    /// Parties nobody outside their circle blocks: a deadlock InnoDB cannot see or has not seen yet.
    pub circles: Vec<BTreeSet<Party>>,
    /// How many parties wait.
    pub waiting: usize,
}

impl Forest {
    /// Builds the forest. A waiter behind several roots is listed under each.
    pub fn build(edges: &[Edge]) -> Self {
        let mut behind: BTreeMap<&Party, Vec<&Edge>> = BTreeMap::new();
        let mut waiting: BTreeSet<&Party> = BTreeSet::new();
        for edge in edges.iter().filter(|edge| edge.waiter != edge.blocker) {
            behind.entry(&edge.blocker).or_default().push(edge);
            waiting.insert(&edge.waiter);
        }
        let mut reached: BTreeSet<&Party> = BTreeSet::new();
        let mut roots: Vec<Root> = Vec::new();
        for party in behind.keys().filter(|party| !waiting.contains(*party)) {
            let waiters = walk(party, &behind);
            reached.extend(
                waiters
                    .iter()
                    .filter_map(|waiter| waiting.get(&waiter.party)),
            );
            roots.push(Root {
                party: (*party).clone(),
                waiters,
            });
        }
        roots.sort_by_key(|root| std::cmp::Reverse(root.waiters.len()));
        let stuck: BTreeSet<&Party> = waiting.difference(&reached).copied().collect();
        Self {
            roots,
            circles: circles(&stuck, &behind),
            waiting: waiting.len(),
        }
    }
}

/// Breadth first, so that everyone stands behind the nearest party that holds them up.
fn walk(root: &Party, behind: &BTreeMap<&Party, Vec<&Edge>>) -> Vec<Waiter> {
    let mut seen: BTreeSet<&Party> = BTreeSet::new();
    let mut queue: VecDeque<(&Party, usize)> = VecDeque::from([(root, 0)]);
    let mut waiters = Vec::new();
    while let Some((party, depth)) = queue.pop_front() {
        let mut edges: Vec<&&Edge> = behind.get(party).into_iter().flatten().collect();
        edges.sort_by_key(|edge| (!edge.granted, &edge.waiter));
        for edge in edges {
            if edge.waiter != *root && seen.insert(&edge.waiter) {
                waiters.push(Waiter {
                    party: edge.waiter.clone(),
                    behind: party.clone(),
                    lock: edge.lock.clone(),
                    depth: depth + 1,
                });
                queue.push_back((&edge.waiter, depth + 1));
            }
        }
    }
    waiters
}

/// Groups of parties that no root holds up, joined by their waits.
fn circles(
    stuck: &BTreeSet<&Party>,
    behind: &BTreeMap<&Party, Vec<&Edge>>,
) -> Vec<BTreeSet<Party>> {
    let mut left = stuck.clone();
    let mut circles = Vec::new();
    while let Some(start) = left.pop_first() {
        let mut circle = BTreeSet::from([start.clone()]);
        let mut queue = vec![start];
        while let Some(party) = queue.pop() {
            let neighbours = behind.iter().flat_map(|(blocker, edges)| {
                edges.iter().filter_map(move |edge| {
                    if *blocker == party {
                        Some(&edge.waiter)
                    } else if edge.waiter == *party {
                        Some(&edge.blocker)
                    } else {
                        None
                    }
                })
            });
            for next in neighbours {
                if left.remove(next) {
                    circle.insert(next.clone());
                    queue.push(next);
                }
            }
        }
        circles.push(circle);
    }
    circles
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edge(waiter: u64, blocker: u64, granted: bool) -> Edge {
        let lock = Lock {
            kind: LockKind::Record,
            mode: "X".into(),
            object: "shop.inventory".into(),
            index: Some("PRIMARY".into()),
            row: None,
        };
        let (waiter, blocker) = (Party::Connection(waiter), Party::Connection(blocker));
        Edge {
            waiter,
            blocker,
            lock,
            granted,
        }
    }

    #[test]
    fn a_queue_of_eight_has_one_root_and_eight_direct_waiters() {
        let mut edges = Vec::new();
        for waiter in 1..=8 {
            edges.push(edge(waiter, 91, true));
            edges.extend((1..waiter).map(|earlier| edge(waiter, earlier, false)));
        }
        assert_eq!(edges.len(), 36);
        let forest = Forest::build(&edges);
        assert_eq!(forest.waiting, 8);
        let [root] = forest.roots.as_slice() else {
            panic!("one root expected")
        };
        assert_eq!(root.party, Party::Connection(91));
        assert_eq!(root.waiters.len(), 8);
        assert!(
            root.waiters
                .iter()
                .all(|waiter| waiter.depth == 1 && waiter.behind == root.party)
        );
    }

    #[test]
    fn a_chain_keeps_its_links_and_blames_its_head() {
        let forest = Forest::build(&[edge(3, 2, true), edge(2, 1, true)]);
        let [root] = forest.roots.as_slice() else {
            panic!("one root expected")
        };
        assert_eq!(root.party, Party::Connection(1));
        let links: Vec<_> = root
            .waiters
            .iter()
            .map(|w| (&w.party, &w.behind, w.depth))
            .collect();
        let (one, two, three) = (
            &Party::Connection(1),
            &Party::Connection(2),
            &Party::Connection(3),
        );
        assert_eq!(links, [(two, one, 1), (three, two, 2)]);
    }

    #[test]
    fn holders_of_shared_locks_are_each_a_root_of_the_same_waiter() {
        let forest = Forest::build(&[edge(9, 1, true), edge(9, 2, true)]);
        assert_eq!(forest.roots.len(), 2);
        assert_eq!(forest.waiting, 1);
    }

    #[test]
    fn a_circle_without_a_root_is_reported_not_lost() {
        let forest = Forest::build(&[edge(1, 2, true), edge(2, 1, true), edge(3, 1, true)]);
        assert!(forest.roots.is_empty());
        assert_eq!(forest.circles.len(), 1);
        assert_eq!(forest.circles[0].len(), 3);
    }

    proptest! {
        #[test]
        fn everyone_who_waits_stands_behind_a_root_or_in_a_circle(
            pairs in prop::collection::vec((0u64..30, 0u64..30, any::<bool>()), 0..120)
        ) {
            let edges: Vec<Edge> = pairs.iter().map(|&(w, b, granted)| edge(w, b, granted)).collect();
            let forest = Forest::build(&edges);
            let waiting: BTreeSet<Party> = edges.iter().filter(|e| e.waiter != e.blocker).map(|e| e.waiter.clone()).collect();
            let mut placed: BTreeSet<Party> = forest.circles.iter().flatten().cloned().collect();
            for root in &forest.roots {
                prop_assert!(!waiting.contains(&root.party));
                placed.extend(root.waiters.iter().map(|w| w.party.clone()));
            }
            prop_assert!(waiting.is_subset(&placed));
            prop_assert_eq!(forest.waiting, waiting.len());
        }
    }
}
