//! The metrics server: the figures of a server over time, and what is unusual about them.

mod change;
mod figures;
mod grid;
mod named;
mod tools;
mod words;

pub use tools::DOMAIN;
