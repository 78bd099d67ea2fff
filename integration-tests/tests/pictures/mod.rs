//! Answers with pictures and pages, as real clients get them.

mod drawn_tools;
mod wire;
