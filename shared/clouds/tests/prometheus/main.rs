//! Metrics of real servers in real stores, read by the source for them.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail tests"
)]

mod agreeing;
mod failing;
mod fencing;
mod replicas;
mod scanning;
mod stage;
