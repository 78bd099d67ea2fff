//! The storex binary.

fn main() {}
