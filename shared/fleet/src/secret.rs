//! A secret by reference: it is read when it is needed, so that a rotated one is picked up, and
//! never printed.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a secret is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// An environment variable.
    Env(String),
    /// A file that only its owner can read; a trailing line break is not part of it.
    File(PathBuf),
    /// In the inventory itself, which then only its owner may read.
    Inline(String),
    /// None: for accounts a socket authenticates.
    None,
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

/// The text of a secret; its `Debug` shows nothing.
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

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The environment variable is not set.
    #[error("environment variable {0} is not set")]
    Env(String),
    /// The file cannot be read.
    #[error("failed to read secret file {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others could read the file.
    #[error("secret file {0} can be read by others; run chmod 600 on it")]
    WorldReadable(PathBuf),
}

impl Secret {
    /// Reads the secret as it is now.
    ///
    /// # Errors
    /// Names the reference, never the secret.
    pub fn resolve(&self) -> Result<SecretText, SecretError> {
        match self {
            Self::Env(name) => std::env::var(name)
                .map(SecretText)
                .map_err(|_| SecretError::Env(name.clone())),
            Self::File(path) => read(path),
            Self::Inline(text) => Ok(SecretText(text.clone())),
            Self::None => Ok(SecretText(String::new())),
        }
    }
}

fn read(path: &Path) -> Result<SecretText, SecretError> {
    let failed = |source| SecretError::File {
        path: path.to_owned(),
        source,
    };
    if readable_by_others(path).map_err(failed)? {
        return Err(SecretError::WorldReadable(path.to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    Ok(SecretText(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Whether users beyond the owner's group may read the file. A group may: that is how orchestrators
/// hand secrets to a service.
#[cfg(unix)]
pub(crate) fn readable_by_others(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(std::fs::metadata(path)?.mode() & 0o004 != 0)
}

/// Other systems keep files private by other means.
#[cfg(not(unix))]
pub(crate) fn readable_by_others(path: &Path) -> std::io::Result<bool> {
    std::fs::metadata(path).map(|_| false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::Inline("hunter2".into());
        assert!(!format!("{secret:?} {:?}", secret.resolve()).contains("hunter2"));
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_file_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "s3cret\n").unwrap();
        let secret = Secret::File(path.clone());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(
            secret.resolve(),
            Err(SecretError::WorldReadable(_))
        ));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(secret.resolve().unwrap().expose(), "s3cret");
    }
}
