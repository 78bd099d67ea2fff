//! Bodies: unpacked as they come, and no longer than they may be.

use std::io::Write;

use flate2::write::MultiGzDecoder;
use reqwest::Response;

use super::Trouble;

/// All of a body, which is refused when it is longer than `most` bytes unpacked.
pub(super) async fn read(mut answer: Response, most: usize) -> Result<Vec<u8>, Trouble> {
    let is_packed = answer
        .headers()
        .get("content-encoding")
        .is_some_and(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"gzip"));
    let mut body = Bounded {
        bytes: Vec::new(),
        most,
        is_over: false,
    };
    if is_packed {
        let mut unpacked = MultiGzDecoder::new(body);
        while let Some(chunk) = next(&mut answer).await? {
            if unpacked.write_all(&chunk).is_err() {
                return Err(unpacked.get_ref().trouble());
            }
        }
        let is_whole = unpacked.try_finish().is_ok();
        if !is_whole {
            return Err(unpacked.get_ref().trouble());
        }
        return Ok(std::mem::take(&mut unpacked.get_mut().bytes));
    }
    while let Some(chunk) = next(&mut answer).await? {
        if body.write_all(&chunk).is_err() {
            return Err(body.trouble());
        }
    }
    Ok(body.bytes)
}

async fn next(answer: &mut Response) -> Result<Option<bytes::Bytes>, Trouble> {
    answer.chunk().await.map_err(|_| Trouble::Cut)
}

/// Bytes up to a bound.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
    is_over: bool,
}

impl Bounded {
    fn trouble(&self) -> Trouble {
        if self.is_over {
            Trouble::TooLong(self.most)
        } else {
            Trouble::Cut
        }
    }
}

impl Write for Bounded {
    fn write(&mut self, part: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len().saturating_add(part.len()) > self.most {
            self.is_over = true;
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// As RFC 4648 says it, with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
