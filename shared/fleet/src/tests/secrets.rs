//! Where a secret comes from, and that it goes nowhere else.

use crate::{Secret, SecretError};

#[test]
fn a_secret_is_never_printed() {
    let secret = Secret::Inline("hunter2".into());
    assert!(!format!("{secret:?} {:?}", secret.resolve()).contains("hunter2"));
    assert_eq!(secret.resolve().unwrap().expose(), "hunter2");
}

#[test]
fn a_secret_that_is_none_is_empty() {
    assert_eq!(Secret::None.resolve().unwrap().expose(), "");
}

#[test]
fn a_variable_is_read_when_asked_and_its_absence_named() {
    let expected = std::env::var("PATH").unwrap();
    assert_eq!(
        Secret::Env("PATH".into()).resolve().unwrap().expose(),
        expected
    );
    let error = Secret::Env("STOREX_NO_SUCH_VARIABLE".into())
        .resolve()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "environment variable STOREX_NO_SUCH_VARIABLE is not set; set it where storex is started"
    );
}

#[cfg(unix)]
mod files {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;

    fn file(folder: &tempfile::TempDir, content: &[u8], mode: u32) -> PathBuf {
        let path = folder.path().join("password");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn a_rotated_secret_is_picked_up_without_its_line_break() {
        let folder = tempfile::tempdir().unwrap();
        let secret = Secret::File(file(&folder, b"old\n", 0o640));
        assert_eq!(secret.resolve().unwrap().expose(), "old");
        file(&folder, b" new \r\n", 0o600);
        assert_eq!(secret.resolve().unwrap().expose(), " new ");
    }

    #[test]
    fn a_file_everyone_can_read_is_refused_even_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, b"s3cret\n", 0o644);
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        for path in [path, link] {
            let error = Secret::File(path).resolve().unwrap_err();
            assert!(matches!(error, SecretError::WorldReadable(_)), "{error}");
        }
    }

    #[test]
    fn a_file_without_a_password_is_told_apart_from_a_wrong_password() {
        let folder = tempfile::tempdir().unwrap();
        let empty = Secret::File(file(&folder, b"\n", 0o600)).resolve();
        assert!(matches!(empty, Err(SecretError::FileEmpty(_))));
        let binary = Secret::File(file(&folder, b"\xff\xfe", 0o600)).resolve();
        assert!(matches!(binary, Err(SecretError::FileNotText(_))));
        let missing = Secret::File(folder.path().join("none")).resolve();
        assert!(matches!(missing, Err(SecretError::File { .. })));
    }
}
