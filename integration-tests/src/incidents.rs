//! The incident suite: each incident is caused on a real server under healthy traffic, the tool that
//! answers it is asked, and its first finding is judged against the truth.

mod judge;
mod prove;
mod report;
mod stage;
mod table;

use std::time::Duration;

use anyhow::Result;
use futures::future::BoxFuture;
use serde_json::Value;
use storex_testkit::Flavour;
use storex_testkit::incidents::Incident as Running;

pub use judge::{Expected, Part, Verdict, judge};
pub use prove::{CONCISE_TOKENS, FULL_TOKENS, prove};
pub use report::{Outcome, heading};
pub use stage::{Setting, Stage};
pub use table::INCIDENTS;

/// An incident, who is asked about it, and what the answer must name.
pub struct Incident {
    /// What is proved, as a test's name.
    pub claim: &'static str,
    /// Where.
    pub flavours: &'static [Flavour],
    /// What happens.
    pub case: Case,
}

/// One row of the table.
pub struct Case {
    /// The incident's name.
    pub name: &'static str,
    /// Where it happens.
    pub stage: fn(Flavour) -> Setting,
    /// What makes it happen.
    pub cause: for<'a> fn(&'a Stage) -> BoxFuture<'a, Result<Running>>,
    /// The tool an engineer would ask.
    pub tool: &'static str,
    /// Its arguments beside `instance`.
    pub arguments: fn() -> Value,
    /// How long the incident lasts before somebody looks.
    pub ripens: Duration,
    /// What its first finding must say.
    pub expected: Expected,
}
