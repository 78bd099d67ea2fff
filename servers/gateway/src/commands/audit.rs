//! `storex audit`: is the log whole?

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use storex_serve::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Check the hash chain: nothing changed, removed or cut off
    Verify {
        /// The log; the configured one when left out
        path: Option<PathBuf>,
    },
}

impl Audit {
    pub(super) fn run(self, config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
        let Self::Verify { path } = self;
        let path = match path {
            Some(path) => path,
            None => Config::load(&super::config_path(config)?)?.audit.folder,
        };
        let report = storex_access::audit::verify(&path)?;
        println!(
            "whole: {} lines in {} files, from {} to {}",
            lines(&report),
            report.files,
            report.first_seq,
            report.last_seq
        );
        if report.torn > 0 {
            println!(
                "{} lines were torn by crashes and noted by the line after each",
                report.torn
            );
        }
        println!(
            "last hash, to keep elsewhere as an anchor: {}",
            report.last_hash
        );
        Ok(ExitCode::SUCCESS)
    }
}

fn lines(report: &storex_access::audit::Report) -> u64 {
    match report.last_seq {
        0 => 0,
        last => last - report.first_seq + 1,
    }
}
