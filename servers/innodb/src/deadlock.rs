//! Deadlocks explained: the circle of who holds what and wants what, the pattern it shows, and what
//! to do about it. Pure.

mod cycle;
mod explained;
mod findings;
mod headline;
mod history;
mod parties;
mod pattern;
mod remedies;
mod words;

pub use cycle::{Cycle, Held, Member, Spot};
pub use findings::{Picture, Seen, findings};
pub use headline::headline;
pub use history::{History, LogRow, history};
pub use parties::{Party, Programs, application};
pub use pattern::{Pattern, pattern};
pub(crate) use words::letter;
pub use words::order;

#[cfg(test)]
mod tests;
