//! Error logs that real servers wrote, and what is made of any text.

mod forms;
mod logs;
mod properties;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use storex_sources::Window;

use super::{Entry, Lines, Reader, Tally};

/// The entries of a log in UTC, read in pieces of so many bytes.
fn entries(log: &[u8], piece: usize) -> (Vec<Entry>, Lines) {
    let mut reader = Reader::new(TimeZone::UTC);
    let mut entries = Vec::new();
    for (place, bytes) in log.chunks(piece).enumerate() {
        reader.feed(bytes, place > 0, &mut |entry| entries.push(entry));
    }
    let lines = reader.finish(&mut |entry| entries.push(entry));
    (entries, lines)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// All of a log.
fn tally(log: &str) -> Tally {
    let mut tally = Tally::new(Window {
        from: Timestamp::MIN,
        to: Timestamp::MAX,
    });
    for entry in entries(log.as_bytes(), 1 << 20).0 {
        tally.take(&entry);
    }
    tally
}
