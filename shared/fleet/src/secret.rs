//! A secret by reference: it is read when it is needed, so that a rotated one is picked up, and
//! never printed. Neither type can be serialised.

use std::env::VarError;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::Readers;
use crate::file::Content;

/// Where a secret is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// An environment variable.
    Env(String),
    /// A file that not everyone may read; a trailing line break is not part of it.
    File(PathBuf),
    /// In the inventory itself, which then only its owner may read.
    Inline(String),
    /// None: for accounts a socket authenticates.
    None,
}

impl Secret {
    /// Reads the secret as it is now. It may block on the file system.
    ///
    /// An error names the reference, never the secret.
    pub fn resolve(&self) -> Result<SecretText, SecretError> {
        match self {
            Self::Env(name) => variable(name),
            Self::File(path) => file(path),
            Self::Inline(text) => Ok(SecretText(text.clone())),
            Self::None => Ok(SecretText(String::new())),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "Env({name})"),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Inline(_) => f.write_str("Inline(..)"),
            Self::None => f.write_str("None"),
        }
    }
}

/// The text of a secret. Its `Debug` shows nothing, and it is overwritten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// The secret itself: for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        // Keeps the compiler from leaving out writes nobody reads.
        std::hint::black_box(&bytes);
    }
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment variable is not set.
    #[error("environment variable {0} is not set; set it where storex is started")]
    Env(String),
    /// The environment variable is not UTF-8.
    #[error("environment variable {0} is not UTF-8 text; set it to the password alone")]
    EnvNotText(String),
    /// The environment variable is empty.
    #[error("environment variable {0} is empty; set it, or leave `password` out if there is none")]
    EnvEmpty(String),
    /// The file cannot be read.
    #[error(
        "failed to read secret file {path}; check that it exists and that this user may read it"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Everyone could read the file.
    #[error("secret file {0} can be read by every user; run chmod o-r on it")]
    WorldReadable(PathBuf),
    /// The file is not UTF-8.
    #[error("secret file {0} is not UTF-8 text; write the password alone into it")]
    FileNotText(PathBuf),
    /// The file is empty.
    #[error("secret file {0} is empty; write the password into it")]
    FileEmpty(PathBuf),
}

fn variable(name: &str) -> Result<SecretText, SecretError> {
    let name_owned = || name.to_owned();
    match std::env::var(name) {
        Ok(text) if text.is_empty() => Err(SecretError::EnvEmpty(name_owned())),
        Ok(text) => Ok(SecretText(text)),
        Err(VarError::NotPresent) => Err(SecretError::Env(name_owned())),
        Err(VarError::NotUnicode(_)) => Err(SecretError::EnvNotText(name_owned())),
    }
}

/// A group may read it: that is how orchestrators hand secrets to a service.
fn file(path: &Path) -> Result<SecretText, SecretError> {
    let path_buf = || path.to_owned();
    let content = Content::read(path).map_err(|source| SecretError::File {
        path: path_buf(),
        source,
    })?;
    if content.readers == Readers::Everyone {
        return Err(SecretError::WorldReadable(path_buf()));
    }
    let text =
        String::from_utf8(content.bytes).map_err(|_| SecretError::FileNotText(path_buf()))?;
    let mut secret = SecretText(text);
    secret
        .0
        .truncate(secret.0.trim_end_matches(['\r', '\n']).len());
    if secret.0.is_empty() {
        return Err(SecretError::FileEmpty(path_buf()));
    }
    Ok(secret)
}
