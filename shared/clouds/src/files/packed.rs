//! Reads a compressed file, which can only be read from its start. What it unpacks to is bounded by the
//! budget and the call's deadline, however small it is.

use std::io::Seek;

use jiff::Timestamp;
use storex_sources::{LogError, UnreadWhy};

use super::decode::{decoder, fill};
use super::list::Opened;
use super::pump::{Ended, Pump};
use super::stream::Outlet;

pub(super) fn run(
    pump: &Pump,
    opened: &Opened,
    from: u64,
    out: &mut Outlet,
) -> Result<Ended, LogError> {
    let failed = |error: std::io::Error| pump.failed(&error);
    let mut file = opened.file.try_clone().map_err(failed)?;
    file.rewind().map_err(failed)?;
    let mut content = decoder(file, opened.compression).map_err(failed)?;
    let until = pump.range.window.map(|window| {
        let to = window.to.checked_add(pump.times.slack());
        to.unwrap_or(Timestamp::MAX)
    });
    out.note(|state| state.read_from_start |= until.is_some() || from > 0);
    let mut at = 0;
    loop {
        out.check()?;
        let mut buffer = out.buffer();
        let (read, damage) = fill(&mut content, buffer.start(usize::MAX));
        let start = at;
        at += read as u64;
        if at > from && out.left_bytes() == 0 {
            out.unread(&pump.file.name, None, UnreadWhy::Budget);
            return Ok(Ended::Done);
        }
        let late = until.and_then(|until| {
            let entry = pump
                .times
                .first_entry(buffer.start(read), start == 0, false)?;
            (entry.time >= until).then_some(entry.start)
        });
        let first = usize::try_from(from.saturating_sub(start)).unwrap_or(usize::MAX);
        let allowed = usize::try_from(out.left_bytes()).unwrap_or(usize::MAX);
        let last = late.unwrap_or(read).min(first.saturating_add(allowed));
        if first < last {
            let bytes = buffer.freeze(last).slice(first..);
            out.send(bytes, start + first as u64)?;
        }
        if late.is_some() {
            return Ok(Ended::Done);
        }
        if damage.is_some() {
            return Err(LogError::Damaged {
                file: pump.file.name.clone(),
                compression: opened.compression.as_str(),
                at,
            });
        }
        if last < read {
            out.unread(&pump.file.name, None, UnreadWhy::Budget);
            return Ok(Ended::Done);
        }
        if read == 0 {
            return Ok(Ended::Done);
        }
    }
}
