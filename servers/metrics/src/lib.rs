//! The metrics server: the figures of a server over time, and what is unusual about them.

mod change;
mod figures;
mod follow;
mod golden;
mod grid;
mod named;
mod observed;
mod span;
mod stories;
mod tools;
mod usual;
mod words;

pub use tools::DOMAIN;
