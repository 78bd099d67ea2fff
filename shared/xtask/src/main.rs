//! `cargo xtask`: set-up, tests, generated files and checks.

fn main() {}
