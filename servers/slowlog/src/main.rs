//! The slow-log server on its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    storex_serve::alone("storex-slowlog", &storex_slowlog::DOMAIN)
}
