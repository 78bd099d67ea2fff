//! From a window of time to the part of a file that holds it.

use std::fs::File;
use std::io;

use jiff::Timestamp;
use storex_sources::{Bisection, LogTimes, Window};

use super::open::read_at;
use super::order;

/// Looks into a file that is sought in, before it is halved.
const LOOKS: u64 = 16;

/// The offsets between which all entries of `window` lie; none where its times are not in order. It reads
/// about a MiB of a long file.
pub(super) fn window(
    file: &File,
    size: u64,
    times: &LogTimes,
    window: Window,
) -> io::Result<Option<(u64, u64)>> {
    if !order::look(file, size, times, LOOKS)?.in_order {
        return Ok(None);
    }
    let slack = times.slack();
    let from = window.from.checked_sub(slack).unwrap_or(Timestamp::MIN);
    let to = window.to.checked_add(slack).unwrap_or(Timestamp::MAX);
    let begin = seek(file, Bisection::new(times.clone(), from, 0, size))?;
    let end = seek(file, Bisection::new(times.clone(), to, begin.begin(), size))?;
    let in_order = begin.in_order() && end.in_order();
    Ok(in_order.then(|| (begin.begin(), end.end())))
}

fn seek(file: &File, mut bisection: Bisection) -> io::Result<Bisection> {
    let mut block = Vec::new();
    while let Some(span) = bisection.wants() {
        block.resize(usize::try_from(span.length).unwrap_or(0), 0);
        let read = read_at(file, &mut block, span.offset)?;
        bisection.give(block.get(..read).unwrap_or_default());
    }
    Ok(bisection)
}
