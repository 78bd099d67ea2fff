//! Lines and the numbers in them. Pure.

use memchr::memchr;

/// Where the first line ends: its line break.
pub(crate) fn line_end(text: &[u8]) -> Option<usize> {
    memchr(b'\n', text)
}

/// The first line without its line break, and what follows; none at the end of the text.
pub(crate) fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if text.is_empty() {
        return None;
    }
    let (line, rest) = match line_end(text) {
        Some(end) => (text.get(..end)?, text.get(end + 1..)?),
        None => (text, &[][..]),
    };
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest))
}

/// A whole number that is the whole of `text`.
pub(crate) fn whole(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 20 {
        return None;
    }
    let mut number = 0_u64;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    Some(number)
}

/// Seconds with up to six decimals, in microseconds.
pub(crate) fn micros(text: &[u8]) -> Option<u64> {
    let point = text.iter().position(|byte| *byte == b'.');
    let (seconds, decimals) = match point {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, &[][..]),
    };
    let mut part = 0_u64;
    let mut unit = 100_000;
    for byte in decimals {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        part += u64::from(digit) * unit;
        unit /= 10;
    }
    whole(seconds)?.checked_mul(1_000_000)?.checked_add(part)
}
