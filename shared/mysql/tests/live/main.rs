//! The live source against real servers: what it must survive, and what it must never do to them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail tests"
)]

mod connecting;
mod exhausted;
mod explain;
mod limits;
mod privileges;
mod relay;
mod restart;
mod stuck;
mod support;
mod values;
