//! Pictures as they come out: facts about their pixels, and those a person looked at.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that does not find what it looks for fails"
)]

mod decoded;
mod golden;
mod pixels;
mod scenes;
