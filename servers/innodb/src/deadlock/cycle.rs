//! The circle: each member with the locks it holds against the others and the one it waits for,
//! whichever way the server prints them.

use crate::monitor::{Covers, Deadlock, Lock, LockTarget, Transaction};

/// The heap number of the supremum, the pseudo-record at the end of every page.
const SUPREMUM: u32 = 1;

/// The members of a deadlock, as printed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cycle<'a> {
    /// Two or more, unless the text was cut.
    pub members: Vec<Member<'a>>,
}

/// A transaction of the circle.
#[derive(Debug, Clone, PartialEq)]
pub struct Member<'a> {
    /// Its number in the report, from 1.
    pub number: u64,
    /// The transaction.
    pub transaction: &'a Transaction,
    /// What it holds that others of the circle wait for.
    pub holds: Vec<Held<'a>>,
    /// The lock it waits for.
    pub wants: Option<&'a Lock>,
    /// The place among the members of the one it waits behind.
    pub behind: Option<usize>,
    /// It was rolled back.
    pub rolled_back: bool,
}

/// A lock held against others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held<'a> {
    /// The lock as printed.
    pub lock: &'a Lock,
    /// Not printed as held, but the other one waits for it (MySQL before 8.0.18 does not print what
    /// the first one holds): its mode is not known.
    pub implied: bool,
}

/// What is locked: a table, a record or a gap, told apart without any row data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// `schema.table`.
    pub table: String,
    /// The index; none for a table lock.
    pub index: Option<String>,
    /// Tablespace, page and heap number of the record.
    pub record: Option<(u64, u64, Option<u32>)>,
}

impl<'a> Cycle<'a> {
    /// The circle of a printed deadlock.
    pub fn of(deadlock: &'a Deadlock) -> Self {
        let printed = &deadlock.transactions;
        let mut members: Vec<Member<'a>> = printed
            .iter()
            .zip(1..)
            .map(|(one, place)| Member {
                number: one.number.unwrap_or(place),
                transaction: &one.transaction,
                holds: one.holds.iter().map(Held::printed).collect(),
                wants: one.waits_for.first(),
                behind: None,
                rolled_back: deadlock.rolled_back == Some(one.number.unwrap_or(place)),
            })
            .collect();
        // MariaDB prints with each waiter the lock of another that is in its way.
        for conflict in printed.iter().flat_map(|one| &one.conflicts_with) {
            let owner = members.iter_mut().find(|member| {
                conflict.trx_id.is_some() && member.transaction.id == conflict.trx_id
            });
            if let Some(owner) = owner {
                owner.holds.push(Held::printed(conflict));
            }
        }
        let mut cycle = Self { members };
        cycle.imply();
        cycle.link();
        cycle
    }

    /// Where nothing is printed as held, it holds what the other of two waits for.
    fn imply(&mut self) {
        let wants: Vec<Option<&Lock>> = self.members.iter().map(|member| member.wants).collect();
        if let ([first, second], [of_first, of_second]) =
            (self.members.as_mut_slice(), wants.as_slice())
        {
            for (member, other) in [(first, of_second), (second, of_first)] {
                if let (true, Some(lock)) = (member.holds.is_empty(), other) {
                    member.holds.push(Held {
                        lock,
                        implied: true,
                    });
                }
            }
        }
    }

    /// Finds for each member the one it waits behind.
    fn link(&mut self) {
        let count = self.members.len();
        let behind: Vec<Option<usize>> = (0..count)
            .map(|place| {
                let wants = self.members.get(place)?.wants?;
                let after = (1..count).map(|step| (place + step) % count);
                let holder = after.clone().find(|other| {
                    let held = self.members.get(*other).map(|member| &member.holds);
                    held.is_some_and(|held| held.iter().any(|held| meets(wants, held.lock)))
                });
                holder.or_else(|| after.clone().next().filter(|_| count == 2))
            })
            .collect();
        for (member, behind) in self.members.iter_mut().zip(behind) {
            member.behind = behind;
        }
    }

    /// Everything held or wanted, in the order met when walking the circle.
    pub fn spots(&self) -> Vec<Spot> {
        let mut spots = Vec::new();
        for member in &self.members {
            let held = member.held_against_others(self).map(|held| held.lock);
            for lock in held.into_iter().chain(member.wants) {
                let spot = Spot::of(lock);
                if !spots.contains(&spot) {
                    spots.push(spot);
                }
            }
        }
        spots
    }
}

impl<'a> Member<'a> {
    /// The lock it holds that the one behind it waits for; otherwise any it holds.
    pub fn held_against_others(&self, cycle: &Cycle<'a>) -> Option<Held<'a>> {
        let wanted = cycle
            .members
            .iter()
            .filter(|other| other.number != self.number);
        let wanted: Vec<&Lock> = wanted.filter_map(|other| other.wants).collect();
        let contested = |held: &&Held<'a>| wanted.iter().any(|want| meets(want, held.lock));
        self.holds
            .iter()
            .find(contested)
            .or(self.holds.first())
            .copied()
    }
}

impl<'a> Held<'a> {
    fn printed(lock: &'a Lock) -> Self {
        Self {
            lock,
            implied: false,
        }
    }

    /// Whether it is known to be a shared lock.
    pub fn is_shared(&self) -> bool {
        !self.implied && self.lock.mode.as_deref() == Some("S")
    }

    /// Whether it covers a gap.
    pub fn covers_gap(&self) -> bool {
        !self.implied && matches!(self.lock.covers, Some(Covers::Gap | Covers::NextKey))
    }
}

impl Spot {
    /// What a lock locks. Of several records the first stands for all.
    pub fn of(lock: &Lock) -> Self {
        let (index, record) = match &lock.target {
            LockTarget::Table => (None, None),
            LockTarget::Records {
                space_id,
                page_no,
                index,
                ..
            } => {
                let record = (*space_id, *page_no, lock.heap_nos.first().copied());
                (Some(index.clone()), Some(record))
            }
        };
        Self {
            table: lock.table.to_string(),
            index,
            record,
        }
    }

    /// Whether it is the end of the index rather than a row.
    pub fn is_end(&self) -> bool {
        matches!(self.record, Some((_, _, Some(SUPREMUM))))
    }
}

/// Whether two locks are on the same table or on a record in common.
fn meets(wanted: &Lock, held: &Lock) -> bool {
    let same_page = match (&wanted.target, &held.target) {
        (LockTarget::Table, LockTarget::Table) => return wanted.table == held.table,
        (
            LockTarget::Records {
                space_id,
                page_no,
                index,
                ..
            },
            LockTarget::Records {
                space_id: held_space,
                page_no: held_page,
                index: held_index,
                ..
            },
        ) => (space_id, page_no, index) == (held_space, held_page, held_index),
        _ => false,
    };
    let unknown = wanted.heap_nos.is_empty() || held.heap_nos.is_empty();
    let common = wanted.heap_nos.iter().any(|no| held.heap_nos.contains(no));
    same_page && (unknown || common)
}
