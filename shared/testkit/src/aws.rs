//! AWS for tests: moto, the emulator, for CloudWatch Logs; a stand-in of our own for the log files of
//! RDS, which no emulator has; and faults before either.

mod answers;
mod log_files;
mod moto;
mod rds;
mod wire;

use std::path::{Path, PathBuf};

use anyhow::Result;

pub use log_files::{LogFiles, NewFile};
pub use moto::Moto;
pub use rds::{Fault, Rds};

/// The region of everything here.
pub const REGION: &str = "eu-west-1";

/// Writes a file of credentials in AWS's own format, which any of the servers here takes.
///
/// # Errors
/// When it cannot be written.
pub fn write_credentials(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("aws-credentials");
    let text = "[default]\naws_access_key_id = AKIATEST\naws_secret_access_key = test\n";
    std::fs::write(&path, text)?;
    Ok(path)
}
