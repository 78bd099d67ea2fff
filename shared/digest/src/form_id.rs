//! A short name of a statement's form.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// A short name of a statement's form: the first 64 bits of the SHA-256 of its fingerprint, the same in
/// every window, file and version of this engine that writes fingerprints alike. Written as 16
/// hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FormId([u8; 8]);

/// The text is not 16 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl FormId {
    /// The name of that fingerprint.
    pub fn of(fingerprint: &[u8]) -> Self {
        let hash: [u8; 32] = Sha256::digest(fingerprint).into();
        let mut id = [0; 8];
        for (to, from) in id.iter_mut().zip(hash) {
            *to = from;
        }
        Self(id)
    }
}

impl fmt::Display for FormId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl FromStr for FormId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u64::from_str_radix(text, 16).ok().filter(|_| hex);
        Ok(Self(number.ok_or(NotAnId)?.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written_and_stays_what_it_was() {
        let id = FormId::of(b"select ?");
        assert_eq!(id.to_string(), "e1c71d1661ae46e0");
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "e1c7", "+1c71d1661ae46e0", "e1c71d1661ae46e0g"] {
            assert_eq!(wrong.parse::<FormId>(), Err(NotAnId), "{wrong}");
        }
    }
}
