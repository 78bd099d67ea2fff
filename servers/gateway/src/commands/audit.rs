//! `storex audit`: is the log whole?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use storex_access::audit::Report;
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
        // The first must be there; others are where several processes share a configuration.
        let others = storex_serve::audit_folders(&path)
            .skip(1)
            .filter(|folder| folder.exists());
        for folder in std::iter::once(path.clone()).chain(others) {
            let report = storex_access::audit::verify(&folder)?;
            tell(&folder, &report);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(folder: &Path, report: &Report) {
    println!(
        "{}: whole, {} lines in {} files, from {} to {}",
        folder.display(),
        lines(report),
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
}

fn lines(report: &Report) -> u64 {
    match report.last_seq {
        0 => 0,
        last => last - report.first_seq + 1,
    }
}
