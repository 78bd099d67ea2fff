//! Seeking by halving finds what a whole reading finds, and reads little.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::{Bisection, LogKind, LogTimes};

/// An entry `gap_s` after the one before, with a statement of this length.
#[derive(Debug, Clone)]
struct Entry {
    gap_s: i64,
    length: usize,
}

#[derive(Debug, Clone, Copy)]
enum Style {
    MySql,
    MariaDb,
}

/// A log, and where each entry begins, with its time.
fn log(entries: &[Entry], style: Style) -> (Vec<u8>, Vec<(u64, Timestamp)>) {
    let mut text = String::from("/usr/sbin/mysqld, Version: 9.7.4. started with:\n");
    let (mut starts, mut second, mut told) = (Vec::new(), 1_795_416_500, 0);
    for entry in entries {
        second += entry.gap_s;
        let time = Timestamp::from_second(second).unwrap();
        starts.push((text.len() as u64, time));
        match style {
            Style::MySql => writeln!(text, "# Time: {time:.6}").unwrap(),
            Style::MariaDb if second != told => {
                writeln!(text, "# Time: {}", time.strftime("%y%m%d %k:%M:%S")).unwrap();
            }
            Style::MariaDb => {}
        }
        told = second;
        text.push_str("# User@Host: a[a] @ h []\n");
        if matches!(style, Style::MariaDb) {
            text.push_str("# Thread_id: 4  Schema: shop  QC_hit: No\n");
        }
        // Both tell when the statement began: out of order.
        let took = i64::try_from(entry.length).unwrap() % 5_000;
        let began = second - took;
        writeln!(text, "# Query_time: {took}.000  Lock_time: 0").unwrap();
        writeln!(text, "SET timestamp={began};").unwrap();
        text.push_str(&"SELECT 'some text' AS line\n".repeat(entry.length / 27 + 1));
    }
    (text.into_bytes(), starts)
}

/// Runs it over bytes: bytes read.
fn run(bisection: &mut Bisection, bytes: &[u8]) -> u64 {
    let mut read = 0;
    while let Some(span) = bisection.wants() {
        let from = usize::try_from(span.offset).unwrap();
        let to = (from + usize::try_from(span.length).unwrap()).min(bytes.len());
        bisection.give(&bytes[from..to]);
        read += (to - from) as u64;
    }
    read
}

fn sought(bytes: &[u8], target: Timestamp) -> (Bisection, u64) {
    let times = LogTimes::new(LogKind::Slow, TimeZone::UTC);
    let mut bisection = Bisection::new(times, target, 0, bytes.len() as u64);
    let read = run(&mut bisection, bytes);
    (bisection, read)
}

fn entry() -> impl Strategy<Value = Entry> {
    let length = prop_oneof![8 => 0..2_000_usize, 1 => 0..300_000_usize];
    (0..3_i64, length).prop_map(|(gap_s, length)| Entry { gap_s, length })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn nothing_of_the_window_is_passed_over(
        entries in prop::collection::vec(entry(), 0..300),
        style in prop_oneof![Just(Style::MySql), Just(Style::MariaDb)],
        at_s in -10..700_i64,
    ) {
        let (bytes, starts) = log(&entries, style);
        let target = Timestamp::from_second(1_795_416_500 + at_s).unwrap();
        let (bisection, _) = sought(&bytes, target);
        prop_assert!(bisection.in_order());
        for (start, time) in &starts {
            if *time >= target {
                prop_assert!(*start >= bisection.begin(), "{start} of {time}");
            } else {
                prop_assert!(*start < bisection.end(), "{start} of {time}");
            }
        }
        let boundary = |at: u64| at == 0 || at == bytes.len() as u64 || starts.iter().any(|(start, _)| *start == at);
        prop_assert!(boundary(bisection.begin()) && boundary(bisection.end()));
    }
}

#[test]
fn an_hour_of_a_day_is_found_by_reading_little() {
    let entries = vec![
        Entry {
            gap_s: 1,
            length: 500
        };
        86_400
    ];
    let (bytes, starts) = log(&entries, Style::MySql);
    let (from, to) = (starts[36_000].1, starts[39_600].1);
    let (begin, read) = sought(&bytes, from);
    let (end, more) = sought(&bytes, to);
    let (begin, end) = (begin.begin(), end.end());
    let exact = starts[39_600].0 - starts[36_000].0;
    assert!(end - begin < exact + 300_000, "{} for {exact}", end - begin);
    assert!(read + more < bytes.len() as u64 / 10, "{read} + {more}");
}

#[test]
fn times_out_of_order_are_noticed() {
    let day = vec![
        Entry {
            gap_s: 1,
            length: 500
        };
        20_000
    ];
    let (one, starts) = log(&day, Style::MySql);
    // The same hours again: a log that was appended to another.
    let bytes = [one.as_slice(), one.as_slice(), one.as_slice()].concat();
    let mut noticed = 0;
    for place in [1_000, 5_000, 15_000, 19_000] {
        let target = starts[place].1;
        let (bisection, _) = sought(&bytes, target + SignedDuration::from_millis(1));
        noticed += usize::from(!bisection.in_order());
    }
    assert!(noticed > 0, "no disorder was seen");
}
