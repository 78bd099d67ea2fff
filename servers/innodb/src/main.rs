//! The InnoDB server on its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    storex_serve::alone("storex-innodb", &storex_innodb::DOMAIN)
}
