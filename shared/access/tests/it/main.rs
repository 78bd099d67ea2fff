//! Behaviour of storex-access from outside: decisions, lists, the policy folder, the audit log.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail tests"
)]

mod agreement;
mod audit_log;
mod decisions;
mod faults;
mod folder;
mod measure;
mod support;
