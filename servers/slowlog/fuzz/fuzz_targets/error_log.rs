//! `cargo fuzz run error_log corpus/error_log ../fixtures/error_log`: any bytes are answered, every line
//! and every entry is counted once, and the form of a form is itself.

#![no_main]

use jiff::Timestamp;
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use storex_slowlog::error_log::findings::{findings, headline};
use storex_slowlog::error_log::{Reader, Tally, form};
use storex_sources::Window;

fuzz_target!(|bytes: &[u8]| {
    let mut tally = Tally::new(Window {
        from: Timestamp::MIN,
        to: Timestamp::MAX,
    });
    let mut reader = Reader::new(TimeZone::UTC);
    // The first byte says where the log comes in two.
    let at = bytes.first().map_or(0, |byte| usize::from(*byte).min(bytes.len()));
    let (first, second) = bytes.split_at(at);
    let mut take = |entry| tally.take(&entry);
    reader.feed(first, true, &mut take);
    reader.feed(second, true, &mut take);
    let lines = reader.finish(&mut take);
    assert_eq!(lines.total, lines.heads + lines.more + lines.before);
    assert!(tally.entries <= lines.heads);
    let grouped: u64 = tally.groups().iter().map(|group| group.count).sum();
    assert_eq!(tally.entries, grouped + tally.parts + tally.beyond_forms);
    for group in tally.groups() {
        assert_eq!(form(&group.form), group.form);
    }
    let _ = headline(&tally, &findings(&tally, "db"));
});
