//! The form of a line: `{"seq":1,"time":"...",<body>,"prev":"<hash>","hash":"<hash>"}`. The hash is
//! the SHA-256 of the line without `,"hash":"<hash>"`.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::body::TORN;

/// SHA-256 in lower-case hexadecimal digits.
pub(super) type Hash = String;

const HEX_CHARS: usize = 64;
const HASH_KEY: &[u8] = br#","hash":""#;
const CLOSE: &[u8] = br#""}"#;

/// Where a chain stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) hash: Hash,
}

impl Link {
    /// Before the first line.
    pub(super) fn genesis() -> Self {
        Self {
            seq: 0,
            hash: "0".repeat(HEX_CHARS),
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ok = write!(text, "{byte:02x}");
    }
    text
}

/// Appends the line that follows `last` to `out`, newline included, and returns its link.
/// `body` is a JSON object with at least one member.
pub(super) fn compose(out: &mut Vec<u8>, last: &Link, time: Timestamp, body: &[u8]) -> Link {
    let seq = last.seq + 1;
    let start = out.len();
    let members = body
        .get(1..body.len().saturating_sub(1))
        .unwrap_or_default();
    out.extend(format!("{{\"seq\":{seq},\"time\":\"{time:.6}\",").bytes());
    out.extend_from_slice(members);
    out.extend(format!(",\"prev\":\"{}\"", last.hash).bytes());
    let hash = hash_of(out.get(start..).unwrap_or_default());
    out.extend_from_slice(HASH_KEY);
    out.extend(hash.bytes());
    out.extend_from_slice(CLOSE);
    out.push(b'\n');
    Link { seq, hash }
}

fn hash_of(open_line: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(open_line);
    hash.update(b"}");
    hex(&hash.finalize())
}

/// A line whose own hash holds.
pub(super) struct Parsed {
    pub(super) link: Link,
    pub(super) fields: Fields,
}

/// The members verification looks at.
#[derive(Deserialize)]
pub(super) struct Fields {
    seq: u64,
    pub(super) prev: Hash,
    pub(super) kind: String,
    pub(super) digest: Option<String>,
}

/// Reads a line without its newline; `None` when it is not as it was written.
pub(super) fn parse(line: &[u8]) -> Option<Parsed> {
    let open_end = line
        .len()
        .checked_sub(CLOSE.len() + HEX_CHARS + HASH_KEY.len())?;
    let (open, tail) = line.split_at_checked(open_end)?;
    let hash = tail.strip_prefix(HASH_KEY)?.strip_suffix(CLOSE)?;
    let hash = std::str::from_utf8(hash).ok()?;
    if hash_of(open) != hash {
        return None;
    }
    let fields: Fields = serde_json::from_slice(line).ok()?;
    Some(Parsed {
        link: Link {
            seq: fields.seq,
            hash: hash.to_owned(),
        },
        fields,
    })
}

impl Parsed {
    /// Whether this line stands directly after `last` in the chain.
    pub(super) fn follows(&self, last: &Link) -> bool {
        self.link.seq == last.seq + 1 && self.fields.prev == last.hash
    }

    /// Whether this line notes that the text before it was torn by a crash.
    pub(super) fn explains(&self, torn: &[u8]) -> bool {
        self.fields.kind == TORN
            && self.fields.digest.as_deref() == Some(hex(&Sha256::digest(torn)).as_str())
    }
}
