//! The metrics server on its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    storex_serve::alone("storex-metrics", &storex_metrics::DOMAIN)
}
