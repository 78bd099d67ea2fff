//! From the bytes of an object to the text of a log: lines, entries of one instance and window, each
//! once, in order. Pure but for the memory of what was seen, which a call's streams share.

use jiff::{SignedDuration, Timestamp};
use storex_digest::records::GoogleEntry;
use storex_sources::{LogKind, Window};

use super::order::Order;
use super::seen::Seen;

/// A longer line is no entry: Cloud Logging takes at most 256 KiB of one ("Quotas and limits"), which
/// may be six times as long as JSON.
const LONGEST_LINE: usize = 2 << 20;
/// Entries are dated a little beside the statements they tell of.
const SLACK: SignedDuration = SignedDuration::from_secs(5);

/// What is wanted of an object.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) database: String,
    pub(super) window: Option<Window>,
}

/// The conversion of one object.
#[derive(Debug)]
pub(super) struct Converter {
    wanted: Wanted,
    /// The number of the object in its call.
    object: u32,
    order: Order,
    /// The beginning of a line that is not complete.
    line: Vec<u8>,
    /// The line is too long, and so much of it was dropped.
    dropped_bytes: u64,
    /// Bytes taken.
    pub(super) taken_bytes: u64,
    no_entries_bytes: u64,
}

/// What of an object could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unusable {
    /// Bytes of lines that are no entries.
    pub(super) no_entries: u64,
    /// Bytes of lines whose record was handed out before they came.
    pub(super) out_of_order: u64,
}

impl Converter {
    pub(super) fn new(wanted: Wanted, object: u32, kind: LogKind, order_bytes: usize) -> Self {
        Self {
            wanted,
            object,
            order: Order::new(kind, order_bytes),
            line: Vec::new(),
            dropped_bytes: 0,
            taken_bytes: 0,
            no_entries_bytes: 0,
        }
    }

    /// Takes the next bytes; text that is complete is appended to `out`.
    pub(super) fn feed(&mut self, bytes: &[u8], seen: &mut Seen, out: &mut Vec<u8>) {
        self.taken_bytes += bytes.len() as u64;
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            if self.line.is_empty() && self.dropped_bytes == 0 {
                self.line(line, seen, out);
            } else {
                self.hold(line);
                self.end_held(seen, out);
            }
            rest = after.get(1..).unwrap_or_default();
        }
        self.hold(rest);
    }

    /// Takes the end of the object.
    pub(super) fn finish(&mut self, seen: &mut Seen, out: &mut Vec<u8>) {
        self.end_held(seen, out);
        self.order.finish(out);
    }

    /// Takes that nothing more will come, though the object does not end here. Returns the bytes of
    /// the line that was not complete.
    pub(super) fn give_up(&mut self, out: &mut Vec<u8>) -> u64 {
        let half = self.line.len() as u64 + self.dropped_bytes;
        self.line.clear();
        self.dropped_bytes = 0;
        self.order.finish(out);
        half
    }

    /// What could not be used since this was last asked.
    pub(super) fn unusable(&mut self) -> Unusable {
        Unusable {
            no_entries: std::mem::take(&mut self.no_entries_bytes),
            out_of_order: std::mem::take(&mut self.order.lost_bytes),
        }
    }

    /// Whether text waits for what belongs before it.
    pub(super) fn holds_text(&self) -> bool {
        !self.order.is_empty()
    }

    pub(super) fn wants(&self, window: Option<Window>) -> bool {
        self.wanted.window == window
    }

    fn hold(&mut self, part: &[u8]) {
        if self.line.len() + part.len() > LONGEST_LINE || self.dropped_bytes > 0 {
            self.dropped_bytes += (self.line.len() + part.len()) as u64;
            self.line.clear();
        } else {
            self.line.extend_from_slice(part);
        }
    }

    fn end_held(&mut self, seen: &mut Seen, out: &mut Vec<u8>) {
        self.no_entries_bytes += std::mem::take(&mut self.dropped_bytes);
        let mut line = std::mem::take(&mut self.line);
        self.line(&line, seen, out);
        line.clear();
        self.line = line;
    }

    fn line(&mut self, line: &[u8], seen: &mut Seen, out: &mut Vec<u8>) {
        if line.trim_ascii().is_empty() {
            return;
        }
        let Ok(entry) = GoogleEntry::parse(line) else {
            self.no_entries_bytes += line.len() as u64;
            return;
        };
        let wanted = entry.database == self.wanted.database && self.in_window(entry.time);
        if wanted && seen.is_new(entry.time, &entry.insert_id, self.object) {
            self.order.push(&entry, out);
        }
    }

    fn in_window(&self, time: Timestamp) -> bool {
        self.wanted.window.is_none_or(|window| {
            window.from.duration_since(time) <= SLACK && time.duration_since(window.to) < SLACK
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn line(second: i64, database: &str, text: &str) -> String {
        let time = Timestamp::from_second(second).unwrap().to_string();
        let entry = json!({
            "insertId": format!("id-{second}"),
            "timestamp": time,
            "resource": { "labels": { "database_id": database } },
            "textPayload": text,
        });
        format!("{entry}\n")
    }

    fn converter(window: Option<Window>) -> Converter {
        let database = "p:mine".to_owned();
        let wanted = Wanted { database, window };
        Converter::new(wanted, 0, LogKind::Slow, 1 << 20)
    }

    fn converted(object: &str, chunk: usize, window: Option<Window>) -> (String, Unusable) {
        let mut converter = converter(window);
        let (mut seen, mut out) = (Seen::new(1000), Vec::new());
        for part in object.as_bytes().chunks(chunk) {
            converter.feed(part, &mut seen, &mut out);
        }
        converter.finish(&mut seen, &mut out);
        assert_eq!(converter.taken_bytes, object.len() as u64);
        (String::from_utf8(out).unwrap(), converter.unusable())
    }

    const ALL_USED: Unusable = Unusable {
        no_entries: 0,
        out_of_order: 0,
    };

    #[test]
    fn entries_of_other_instances_are_passed_over() {
        let object = line(1, "p:mine", "a") + &line(2, "p:other", "b") + &line(3, "p:mine", "c");
        assert_eq!(converted(&object, 7, None), ("a\nc\n".to_owned(), ALL_USED));
    }

    #[test]
    fn entries_outside_the_window_are_passed_over() {
        let lines: Vec<_> = (0..100)
            .map(|s| line(s, "p:mine", &s.to_string()))
            .collect();
        let at = |second| Timestamp::from_second(second).unwrap();
        let (from, to) = (at(40), at(50));
        let window = Some(Window { from, to });
        let (text, _) = converted(&lines.concat(), 4096, window);
        let seconds: Vec<i64> = text.lines().map(|line| line.parse().unwrap()).collect();
        assert_eq!(seconds, (35..55).collect::<Vec<_>>());
    }

    #[test]
    fn an_entry_that_stands_there_twice_is_handed_out_once() {
        let object = line(1, "p:mine", "a") + &line(2, "p:mine", "b") + &line(1, "p:mine", "a");
        assert_eq!(converted(&object, 64, None).0, "a\nb\n");
    }

    #[test]
    fn lines_that_are_no_entries_are_counted_and_the_others_read() {
        let long = "x".repeat(LONGEST_LINE + 1);
        let object = format!(
            "{}garbage\n\n{long}\n{}",
            line(1, "p:mine", "a"),
            line(2, "p:mine", "b")
        );
        for chunk in [1000, 1 << 20, 1 << 24] {
            let (text, unusable) = converted(&object, chunk, None);
            assert_eq!(text, "a\nb\n");
            assert_eq!(unusable.no_entries, (long.len() + "garbage".len()) as u64);
        }
    }

    #[test]
    fn half_a_line_of_an_object_that_is_given_up_is_not_taken_for_garbage() {
        let object = line(1, "p:mine", "a") + "{\"half";
        let mut converter = converter(None);
        let (mut seen, mut out) = (Seen::new(9), Vec::new());
        converter.feed(object.as_bytes(), &mut seen, &mut out);
        assert_eq!(converter.give_up(&mut out), 6);
        assert_eq!((&out[..], converter.unusable()), (&b"a\n"[..], ALL_USED));
    }

    #[test]
    fn an_object_without_a_last_line_break_is_read_to_its_end() {
        let object = line(1, "p:mine", "a");
        let cut = converted(object.trim_end(), 16, None);
        assert_eq!(cut, ("a\n".to_owned(), ALL_USED));
        let half = converted(&object[..object.len() - 9], 16, None);
        assert_eq!(half.1.no_entries, object.len() as u64 - 9);
    }

    proptest! {
        #[test]
        fn chunks_of_any_size_make_the_same_text(chunk in 1_usize..400) {
            let lines: Vec<_> = (0..20).map(|s| line(s, "p:mine", "text\nof two lines")).collect();
            let object = lines.concat() + "garbage";
            let whole = converted(&object, object.len(), None);
            prop_assert_eq!(converted(&object, chunk, None), whole);
        }
    }
}
