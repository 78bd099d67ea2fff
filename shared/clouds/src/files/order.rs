//! When a log that is not compressed ends, and whether it is in order of time, as far as some looks
//! into it tell.

use std::fs::File;
use std::io;

use jiff::Timestamp;
use storex_sources::LogTimes;

use super::open::read_at;

/// Bytes of one look.
const BLOCK: u64 = 64 << 10;
/// Bytes looked at for the last entry's time at most: a statement may be long.
const LAST_LOOKED_AT: u64 = 1 << 20;
/// A look for so many bytes of the file.
const APART: u64 = 256 << 10;

/// What some looks into a log tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    /// Whether no time was found that goes back.
    pub(super) in_order: bool,
    /// The time of the last entry.
    pub(super) last: Option<Timestamp>,
}

/// Looks into at most `looks` places of a log, and at its end. A log may be out of order where clocks
/// were set back or files were put together; in one that is, nothing can be sought.
pub(super) fn look(file: &File, size: u64, times: &LogTimes, looks: u64) -> io::Result<Order> {
    let last = last_time(file, size, times)?;
    let looks = looks.min(size / APART);
    let mut latest: Option<Timestamp> = None;
    let mut block = vec![0; usize::try_from(BLOCK).unwrap_or(0)];
    let mut goes_back = |time: Timestamp| {
        let back = latest.is_some_and(|latest| latest.duration_since(time) > times.slack());
        latest = latest.max(Some(time));
        back
    };
    for look in 0..looks {
        let read = read_at(file, &mut block, size / looks * look)?;
        let found = block.get(..read).unwrap_or_default();
        let entry = times.first_entry(found, look == 0, false);
        if entry.is_some_and(|entry| goes_back(entry.time)) {
            let in_order = false;
            return Ok(Order { in_order, last });
        }
    }
    let in_order = !last.is_some_and(goes_back);
    Ok(Order { in_order, last })
}

/// The time of the last entry of a file that is not compressed.
fn last_time(file: &File, size: u64, times: &LogTimes) -> io::Result<Option<Timestamp>> {
    let mut length = BLOCK;
    loop {
        let from = size.saturating_sub(length);
        let mut end = vec![0; usize::try_from(size - from).unwrap_or(0)];
        let read = read_at(file, &mut end, from)?;
        end.truncate(read);
        let last = times.last_time(&end);
        if last.is_some() || from == 0 || length >= LAST_LOOKED_AT {
            return Ok(last);
        }
        length *= 4;
    }
}
