//! The InnoDB server on its own.

fn main() {}
