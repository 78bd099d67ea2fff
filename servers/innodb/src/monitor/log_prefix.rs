//! The prefix of an error log's entry, in the dialects of MySQL and MariaDB.

use super::deadlock_log::Part;

/// Whose entry a line begins.
pub(super) enum Entry<'a> {
    InnoDb(Part<'a>),
    Other,
}

/// The prefix of an entry, in both dialects; its time may have lost its beginning.
pub(super) fn entry(line: &str) -> Option<Entry<'_>> {
    let (at, after) = time(line)?;
    let (thread, after) = after.split_once(' ')?;
    if thread.is_empty() || !thread.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let after = after.strip_prefix('[')?;
    let (_priority, after) = after.split_once(']')?;
    let after = after.trim_start();
    let text = if let Some(text) = after.strip_prefix("InnoDB:") {
        Some(text)
    } else if after.starts_with("[MY-") {
        after.split_once(" [InnoDB]").map(|(_, text)| text)
    } else {
        None
    };
    Some(match text {
        Some(text) => Entry::InnoDb(Part {
            at,
            thread: Some(thread),
            text,
        }),
        None => Entry::Other,
    })
}

/// `2026-11-23T07:16:33.948361Z`, or `2026-11-23  7:16:32`; also what is left of one in a text
/// that was cut before it.
fn time(line: &str) -> Option<(&str, &str)> {
    let is_time = |word: &str| {
        word.bytes().any(|b| b.is_ascii_digit())
            && word
                .bytes()
                .all(|b| b.is_ascii_digit() || b"-:.+TZ".contains(&b))
    };
    let (first, after) = line.split_once(' ')?;
    if !is_time(first) {
        return None;
    }
    // A date by itself has its clock behind it.
    let clock = after.trim_start();
    if let Some((word, rest)) = clock.split_once(' ')
        && word.contains(':')
        && is_time(word)
    {
        let end = line.len() - rest.len() - 1;
        return Some((line.get(..end)?, rest));
    }
    Some((first, after))
}
