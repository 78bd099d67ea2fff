//! What presses on InnoDB now: one pure module per family of causes, each over the same two samples.
//!
//! A family shows its figures and its findings; [`rank`] puts causes before their symptoms.

pub mod cache;
#[cfg(test)]
mod captured;
#[cfg(test)]
mod captured_engine;
pub mod commit;
pub mod connections;
pub mod culprit;
pub mod families;
pub mod flush;
pub mod io;
pub mod key;
pub mod latch;
mod ledger;
pub mod limits;
pub mod measure;
pub mod pool;
pub mod purge;
pub mod rank;
pub mod redo;
pub mod rows;
pub mod samples;
pub mod stall;
pub mod temp;
pub mod users;
pub mod work;

pub use families::{FAMILIES, Family};
pub use samples::{Pair, Sample};
