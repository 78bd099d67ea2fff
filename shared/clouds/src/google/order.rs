//! Puts entries in the order in which they were logged, within a bound of memory: by time, then by
//! `insertId`. So the lines of a record stand together again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use storex_digest::records::GoogleEntry;
use storex_sources::LogKind;

/// What an entry costs beside its text and its id.
const ENTRY_BYTES: usize = 96;
/// Bytes of late records that wait for a place between two others.
const LATE_BYTES: usize = 1 << 20;

/// Entries that wait for what belongs before them.
#[derive(Debug)]
pub(super) struct Order {
    kind: LogKind,
    most_bytes: usize,
    held: BTreeMap<Place, Box<str>>,
    held_bytes: usize,
    /// Of the last entry handed out.
    passed: Option<Place>,
    /// Whole records that came when their place was passed: any place between two records will do.
    late: Vec<Box<str>>,
    late_bytes: usize,
    /// The last text handed out was `# Time:`, which belongs to what follows.
    after_time: bool,
    /// Bytes of lines whose place was passed: in any other they would be taken for another record's.
    pub(super) lost_bytes: u64,
}

type Place = (Timestamp, Box<str>);

impl Order {
    pub(super) fn new(kind: LogKind, most_bytes: usize) -> Self {
        Self {
            kind,
            most_bytes,
            held: BTreeMap::new(),
            held_bytes: 0,
            passed: None,
            late: Vec::new(),
            late_bytes: 0,
            after_time: false,
            lost_bytes: 0,
        }
    }

    /// Takes an entry that was not taken before; what need not wait any longer is appended to `out`.
    pub(super) fn push(&mut self, entry: &GoogleEntry<'_>, out: &mut Vec<u8>) {
        let place = (entry.time, Box::from(&*entry.insert_id));
        let text: Box<str> = Box::from(&*entry.text);
        if self.passed.as_ref().is_some_and(|passed| place <= *passed) {
            // A line of the error log stands for itself.
            if self.kind == LogKind::Error || entry.is_whole_slow_record() {
                self.late_bytes += text.len() + ENTRY_BYTES;
                self.late.push(text);
                if self.late_bytes > LATE_BYTES {
                    self.put_late(out);
                }
            } else {
                self.lost_bytes += text.len() as u64;
            }
        } else {
            self.held_bytes += cost(&place, &text);
            self.held.insert(place, text);
        }
        while self.held_bytes > self.most_bytes && self.pop(out) {}
    }

    /// Appends all that waited.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        while self.pop(out) {}
        self.put_late(out);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.late.is_empty()
    }

    fn pop(&mut self, out: &mut Vec<u8>) -> bool {
        let Some((place, text)) = self.held.pop_first() else {
            return false;
        };
        self.held_bytes = self.held_bytes.saturating_sub(cost(&place, &text));
        if self.begins_a_record(&text) {
            self.put_late(out);
        }
        self.after_time = is_time_only(&text);
        append(&text, out);
        self.passed = Some(place);
        true
    }

    fn begins_a_record(&self, text: &str) -> bool {
        let client = text.starts_with("# User@Host: ") && !self.after_time;
        self.kind == LogKind::Error || client || text.starts_with("# Time: ")
    }

    fn put_late(&mut self, out: &mut Vec<u8>) {
        for text in std::mem::take(&mut self.late) {
            append(&text, out);
        }
        self.late_bytes = 0;
    }
}

fn cost(place: &Place, text: &str) -> usize {
    place.1.len() + text.len() + ENTRY_BYTES
}

fn is_time_only(text: &str) -> bool {
    text.starts_with("# Time: ") && !text.trim_end().contains('\n')
}

fn append(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(text.as_bytes());
    if !text.ends_with('\n') {
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;

    fn entry(second: i64, insert_id: &str, text: &str) -> GoogleEntry<'static> {
        GoogleEntry {
            time: Timestamp::from_second(second).unwrap(),
            insert_id: Cow::Owned(insert_id.to_owned()),
            database: Cow::Borrowed("p:i"),
            text: Cow::Owned(text.to_owned()),
        }
    }

    /// The lines of a record that ended in that second.
    fn lines(second: i64) -> Vec<GoogleEntry<'static>> {
        [
            format!("# Time: {second}"),
            "# User@Host: a[a] @  [10.0.0.1]".to_owned(),
            "# Query_time: 1  Lock_time: 0 Rows_sent: 0  Rows_examined: 0".to_owned(),
            format!("SET timestamp={second};"),
            format!("SELECT {second};"),
        ]
        .iter()
        .enumerate()
        .map(|(line, text)| entry(second, &format!("s#{line:04x}"), text))
        .collect()
    }

    fn whole(second: i64) -> GoogleEntry<'static> {
        let texts: Vec<_> = lines(second).into_iter().map(|line| line.text).collect();
        entry(second, "s#whole", &texts.join("\n"))
    }

    fn ordered(entries: &[GoogleEntry<'_>], most_bytes: usize) -> (String, u64) {
        let mut order = Order::new(LogKind::Slow, most_bytes);
        let mut out = Vec::new();
        for entry in entries {
            order.push(entry, &mut out);
            let longest = 1 << 10;
            assert!(order.held_bytes <= most_bytes + longest, "{order:?}");
        }
        order.finish(&mut out);
        assert_eq!(order.held_bytes, 0);
        (String::from_utf8(out).unwrap(), order.lost_bytes)
    }

    fn in_turn(seconds: std::ops::Range<i64>) -> String {
        let texts = seconds.map(|second| whole(second).text + "\n");
        texts.collect()
    }

    #[test]
    fn a_record_that_came_too_late_is_put_between_two_others() {
        let mut entries = lines(100);
        entries.extend(lines(101));
        entries.insert(7, whole(7));
        let (text, lost) = ordered(&entries, 1);
        assert_eq!(lost, 0);
        let at = text.find("# Time: 7\n").unwrap();
        let between = [text.find("# Time: 100\n"), text.find("SELECT 101;")];
        assert!(
            between.iter().all(Option::is_some) && text.len() > at,
            "{text}"
        );
        let rest = text.replace(&in_turn(7..8), "");
        assert_eq!(rest, in_turn(100..102), "it splits no record");
    }

    #[test]
    fn a_line_that_came_too_late_is_counted_and_spoils_no_other_record() {
        let mut entries = lines(100);
        entries.push(entry(7, "s#0004", "SELECT 7;"));
        entries.extend(lines(101));
        let (text, lost) = ordered(&entries, 1);
        assert_eq!((text, lost), (in_turn(100..102), 9));
    }

    #[test]
    fn lines_of_an_error_log_are_never_lost() {
        let mut order = Order::new(LogKind::Error, 1);
        let mut out = Vec::new();
        for (second, line) in [(100, "b"), (7, "a"), (101, "c")] {
            order.push(&entry(second, "x", line), &mut out);
        }
        order.finish(&mut out);
        assert_eq!((out.len(), order.lost_bytes), (6, 0));
    }

    proptest! {
        #[test]
        fn any_order_within_the_bound_is_put_right(
            shuffled in Just((100..130).flat_map(lines).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            prop_assert_eq!(ordered(&shuffled, 1 << 20), (in_turn(100..130), 0));
        }

        #[test]
        fn whole_records_are_all_there_however_far_out_of_order(
            shuffled in Just((100..130).map(whole).collect::<Vec<_>>()).prop_shuffle(),
            most_bytes in 0_usize..2000,
        ) {
            let (text, lost) = ordered(&shuffled, most_bytes);
            prop_assert_eq!(lost, 0);
            for second in 100..130 {
                prop_assert_eq!(text.matches(&in_turn(second..second + 1)).count(), 1);
            }
        }
    }
}
