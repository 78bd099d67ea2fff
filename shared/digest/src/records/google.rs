//! Entries of Cloud Logging, as a sink writes them to Cloud Storage and `gcloud logging read --format
//! json` shows them: one `LogEntry` of a Cloud SQL instance a line.
//!
//! An entry holds one line of the server's log, or several: a whole record. Its time and `insertId`
//! say its place among the others ("used to order log entries that have the same `logName` and
//! `timestamp` values", reference of `LogEntry`).

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;

use super::NotARecord;

/// One entry of Cloud Logging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleEntry<'a> {
    /// When it was logged.
    pub time: Timestamp,
    /// Tells it from other entries of that time, and puts it among them.
    pub insert_id: Cow<'a, str>,
    /// The instance that wrote it, as `PROJECT:INSTANCE`; empty where it says none.
    pub database: Cow<'a, str>,
    /// What the server wrote: a line of its log, or several.
    pub text: Cow<'a, str>,
}

/// The fields of a `LogEntry` that matter here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    timestamp: Timestamp,
    #[serde(borrow)]
    insert_id: Cow<'a, str>,
    #[serde(borrow)]
    text_payload: Option<Text<'a>>,
    #[serde(borrow)]
    json_payload: Option<Message<'a>>,
    #[serde(borrow, default)]
    resource: Resource<'a>,
}

/// Without a type of its own a text in an option would be copied.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    message: Cow<'a, str>,
}

#[derive(Default, Deserialize)]
struct Resource<'a> {
    #[serde(borrow, default)]
    labels: Labels<'a>,
}

#[derive(Default, Deserialize)]
struct Labels<'a> {
    #[serde(borrow, default)]
    database_id: Cow<'a, str>,
}

impl<'a> GoogleEntry<'a> {
    /// Reads an entry.
    pub fn parse(line: &'a [u8]) -> Result<Self, NotARecord> {
        let wire: Wire<'a> = serde_json::from_slice(line).map_err(|_| NotARecord)?;
        let text = match (wire.text_payload, wire.json_payload) {
            (Some(text), _) => text.0,
            (None, Some(json)) => json.message,
            (None, None) => return Err(NotARecord),
        };
        Ok(Self {
            time: wire.timestamp,
            insert_id: wire.insert_id,
            database: wire.resource.labels.database_id,
            text,
        })
    }

    /// Whether it is a whole record of a slow log, which may stand anywhere in its text.
    pub fn is_whole_slow_record(&self) -> bool {
        let begins = self.text.starts_with("# Time: ") || self.text.starts_with("# User@Host: ");
        begins && self.text.contains("\n# Query_time: ")
    }
}

/// Appends what the server wrote, with the line break it ended with. Entries have to come in their
/// order.
pub fn google(line: &[u8], text: &mut Vec<u8>) -> Result<(), NotARecord> {
    let entry = GoogleEntry::parse(line)?;
    text.extend_from_slice(entry.text.as_bytes());
    if !entry.text.ends_with('\n') {
        text.push(b'\n');
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, Options, Reader, Unread};

    const WHOLE: &str = r##"{"insertId":"2#107#slow#17#0-0@a1","textPayload":"# Time: 2026-11-23T07:15:01.250000Z\n# User@Host: app[app] @  [10.0.0.9]  thread_id: 31  server_id: 7\n# Query_time: 1.250000  Lock_time: 0.000010 Rows_sent: 1  Rows_examined: 90\nSET timestamp=1795418100;\nSELECT \"a\\b\", 'ü' FROM t\nWHERE id = 7;","resource":{"type":"cloudsql_database","labels":{"project_id":"shop-prod","region":"europe-west1","database_id":"shop-prod:shop-eu-1"}},"timestamp":"2026-11-23T07:15:01.250123456Z","severity":"INFO","logName":"projects/shop-prod/logs/cloudsql.googleapis.com%2Fmysql-slow.log","receiveTimestamp":"2026-11-23T07:15:02Z"}"##;

    fn digested(text: &[u8]) -> Digest {
        let mut digest = Digest::new(Options::default());
        let mut reader = Reader::default();
        reader.feed(text, &mut digest);
        reader.finish(&mut digest);
        digest
    }

    #[test]
    fn an_entry_tells_its_place_its_instance_and_its_text() {
        let entry = GoogleEntry::parse(WHOLE.as_bytes()).unwrap();
        assert_eq!(entry.time.to_string(), "2026-11-23T07:15:01.250123456Z");
        assert_eq!(entry.insert_id, "2#107#slow#17#0-0@a1");
        assert_eq!(entry.database, "shop-prod:shop-eu-1");
        assert!(
            entry
                .text
                .contains("SELECT \"a\\b\", 'ü' FROM t\nWHERE id = 7;")
        );
        assert!(entry.is_whole_slow_record());
    }

    #[test]
    fn a_whole_record_is_the_text_of_a_slow_log() {
        let mut text = Vec::new();
        google(WHOLE.as_bytes(), &mut text).unwrap();
        google(WHOLE.as_bytes(), &mut text).unwrap();
        let digest = digested(&text);
        let [group] = digest.groups() else {
            panic!("one group: {:?}", digest.groups());
        };
        assert_eq!(group.figures.count, 2);
        assert_eq!(*digest.unread(), Unread::default());
    }

    #[test]
    fn lines_of_a_record_are_the_same_text_as_the_record() {
        let entry = GoogleEntry::parse(WHOLE.as_bytes()).unwrap();
        let (mut lines, mut whole) = (Vec::new(), Vec::new());
        google(WHOLE.as_bytes(), &mut whole).unwrap();
        for line in entry.text.lines() {
            let line = serde_json::json!({
                "insertId": "a", "timestamp": "2026-11-23T07:15:01Z", "textPayload": line,
            });
            google(line.to_string().as_bytes(), &mut lines).unwrap();
        }
        assert_eq!(lines, whole);
    }

    #[test]
    fn a_message_may_stand_in_a_structured_payload() {
        let line = br#"{"insertId":"a","timestamp":"2026-11-23T07:15:01Z","jsonPayload":{"message":"select 1;\n","x":[1]}}"#;
        let mut text = Vec::new();
        google(line, &mut text).unwrap();
        assert_eq!(text, b"select 1;\n");
    }

    #[test]
    fn an_empty_line_of_a_statement_is_kept() {
        let line = br#"{"insertId":"a","timestamp":"2026-11-23T07:15:01Z","textPayload":""}"#;
        let mut text = Vec::new();
        google(line, &mut text).unwrap();
        assert_eq!(text, b"\n");
    }

    #[test]
    fn what_is_no_entry_adds_nothing() {
        let mut text = Vec::new();
        for line in [
            "",
            "{",
            "null",
            "[1]",
            "# Time: 2026-11-23T07:15:01Z",
            r#"{"insertId":"a","timestamp":"yesterday","textPayload":"x"}"#,
            r#"{"insertId":"a","timestamp":"2026-11-23T07:15:01Z"}"#,
            r#"{"insertId":"a","timestamp":"2026-11-23T07:15:01Z","textPayload":7}"#,
            r#"{"time":"2026-11-23T07:15:01Z","category":"MySqlSlowLogs","properties":{}}"#,
        ] {
            assert_eq!(
                google(line.as_bytes(), &mut text),
                Err(NotARecord),
                "{line}"
            );
        }
        assert!(text.is_empty());
    }
}
