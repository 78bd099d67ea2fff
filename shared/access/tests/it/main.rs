//! Behaviour of storex-access from outside: decisions, lists, the policy folder, the audit log.

mod agreement;
mod audit_log;
mod decisions;
mod faults;
mod folder;
mod measure;
mod support;
