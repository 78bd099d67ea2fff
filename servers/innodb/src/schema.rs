//! What a table is made of, how it is used, and what of that costs or endangers it. Pure.

pub mod auto_increment;
pub mod column;
pub mod digest;
pub mod engine;
pub mod foreign_key;
pub mod index;
pub mod name;
pub mod primary_key;
pub mod redundant;
pub mod rows;
pub mod statement;
pub mod statistics;
pub mod usage;

/// The page of the runbook that explains the findings.
const RUNBOOK: &str = "innodb_schema";
