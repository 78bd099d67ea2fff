//! Reads a file that is not compressed: from where the window begins, to where the file ended when it
//! was opened.

use storex_sources::{LogError, UnreadWhy};

use super::list::Opened;
use super::open::read_at;
use super::pump::{Ended, Pump};
use super::seek;
use super::stream::Outlet;

pub(super) fn run(
    pump: &Pump,
    opened: &Opened,
    from: u64,
    out: &mut Outlet,
) -> Result<Ended, LogError> {
    let failed = |error: std::io::Error| pump.failed(&error);
    let size = opened.metadata.len();
    let sought = match pump.range.window {
        // What tells no times near its start is no log of this kind.
        Some(window) if opened.first.is_some() => {
            seek::window(&opened.file, size, &pump.times, window).map_err(failed)?
        }
        _ => None,
    };
    let (begin, end) = sought.unwrap_or((0, size));
    if !opened.head.is_of(&opened.file).map_err(failed)? {
        let missing = size.saturating_sub(from);
        return Ok(Ended::Moved { at: from, missing });
    }
    let mut at = begin.max(from);
    let from_start = pump.range.window.is_some() && sought.is_none() && size > 0;
    out.note(|state| {
        state.read_from_start |= from_start;
        if from == 0 {
            state.passed_over_bytes += at + (size - end);
        }
    });
    while at < end {
        if out.left_bytes() == 0 {
            out.unread(&pump.file.name, Some(end - at), UnreadWhy::Budget);
            break;
        }
        let wanted = usize::try_from((end - at).min(out.left_bytes())).unwrap_or(usize::MAX);
        let mut buffer = out.buffer();
        let read = read_at(&opened.file, buffer.start(wanted), at).map_err(failed)?;
        // Only now is it certain that these bytes are of the file as it was: were it emptied and written
        // anew before they were read, it would begin otherwise.
        if read == 0 || !opened.head.is_of(&opened.file).map_err(failed)? {
            let missing = end - at;
            return Ok(Ended::Moved { at, missing });
        }
        out.send(buffer.freeze(read), at)?;
        at += read as u64;
    }
    Ok(Ended::Done)
}
