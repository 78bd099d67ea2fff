//! A record that diagnostic settings of Azure Database for `MySQL` write (category `MySqlSlowLogs`), as the
//! text of a slow log.
//!
//! The figures may be numbers or text, and a time taken a number of seconds or `hh:mm:ss.ffffff`. The
//! service cuts statements at 2,048 characters.

use std::borrow::Cow;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{NotARecord, Statement};

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    category: Cow<'a, str>,
    /// When the service took it up.
    #[serde(borrow)]
    time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    properties: Properties<'a>,
}

#[derive(Deserialize)]
struct Properties<'a> {
    /// When the statement began.
    #[serde(borrow)]
    start_time: Option<Cow<'a, str>>,
    #[serde(borrow)]
    query_time: Figure<'a>,
    #[serde(borrow)]
    lock_time: Option<Figure<'a>>,
    #[serde(borrow)]
    rows_sent: Option<Figure<'a>>,
    #[serde(borrow)]
    rows_examined: Option<Figure<'a>>,
    #[serde(borrow)]
    thread_id: Option<Figure<'a>>,
    #[serde(borrow, alias = "user_host")]
    host: Option<Cow<'a, str>>,
    #[serde(borrow)]
    db: Option<Cow<'a, str>>,
    #[serde(borrow)]
    sql_text: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Figure<'a> {
    Whole(u64),
    Number(f64),
    #[serde(borrow)]
    Text(Cow<'a, str>),
}

/// Adds the record that `line` is to `text`, as the server would have written it.
///
/// # Errors
/// When the line is no record of a slow statement; nothing is added.
pub fn azure(line: &[u8], text: &mut Vec<u8>) -> Result<(), NotARecord> {
    let record: Record<'_> = serde_json::from_slice(line).map_err(|_| NotARecord)?;
    if record.category != "MySqlSlowLogs" {
        return Err(NotARecord);
    }
    let properties = record.properties;
    let query_time = properties.query_time.time_taken().ok_or(NotARecord)?;
    let began = properties.start_time.as_deref().and_then(moment);
    let ended = match began {
        Some(began) => began.checked_add(query_time).ok(),
        None => record.time.as_deref().and_then(moment),
    };
    let lock_time = properties.lock_time.and_then(|time| time.time_taken());
    let whole = |figure: Option<Figure<'_>>| figure.and_then(|figure| figure.whole());
    let statement = Statement {
        ended: ended.ok_or(NotARecord)?,
        query_time,
        lock_time: lock_time.unwrap_or_default(),
        rows_sent: whole(properties.rows_sent).unwrap_or(0),
        rows_examined: whole(properties.rows_examined).unwrap_or(0),
        connection: whole(properties.thread_id),
        client: properties.host.as_deref().unwrap_or("[] @  []"),
        database: properties.db.as_deref().unwrap_or_default(),
        sql: &properties.sql_text,
    };
    statement.write(text)
}

/// A moment; where no zone is written it is of UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let with_zone: Option<Timestamp> = text.parse().ok();
    with_zone.or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Offset::UTC.to_timestamp(civil).ok()
    })
}

impl Figure<'_> {
    /// Seconds, or `hh:mm:ss.ffffff`; never less than none.
    fn time_taken(&self) -> Option<SignedDuration> {
        let seconds = match self {
            Self::Whole(seconds) => {
                return Some(SignedDuration::from_secs((*seconds).try_into().ok()?));
            }
            Self::Number(seconds) => *seconds,
            Self::Text(text) => {
                let mut seconds = 0.0;
                for part in text.split(':') {
                    let part: f64 = part.trim().parse().ok()?;
                    seconds = seconds * 60.0 + part;
                }
                seconds
            }
        };
        let taken = SignedDuration::try_from_secs_f64(seconds).ok()?;
        (!taken.is_negative()).then_some(taken)
    }

    fn whole(&self) -> Option<u64> {
        match self {
            Self::Whole(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Number(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"time":"2026-11-23T07:15:48.2Z","resourceId":"/SUBSCRIPTIONS/X","category":"MySqlSlowLogs","operationName":"LogEvent","properties":{"event_class":"slow_log","start_time":"2026-11-23T07:15:44.552032Z","query_time":2.000001,"lock_time":"0.000120","rows_sent":"3","rows_examined":1200,"last_insert_id":0,"server_id":7,"thread_id":18,"host":"app[app] @  [10.0.0.4]","db":"shop","sql_text":"SELECT *\n# Time: 2026-11-23T07:15:46.552032Z\nFROM t"}}"#;

    fn text_of(line: &str) -> Result<String, NotARecord> {
        let mut text = Vec::new();
        azure(line.as_bytes(), &mut text)?;
        Ok(String::from_utf8(text).unwrap())
    }

    #[test]
    fn a_record_becomes_an_entry_dated_by_the_end_of_its_statement() {
        let text = "# Time: 2026-11-23T07:15:46.552033Z\n\
                    # User@Host: app[app] @  [10.0.0.4]  Id: 18\n\
                    # Schema: shop\n\
                    # Query_time: 2.000001  Lock_time: 0.000120 Rows_sent: 3  Rows_examined: 1200\n\
                    SET timestamp=1795418144;\n\
                    SELECT *\n # Time: 2026-11-23T07:15:46.552032Z\nFROM t;\n";
        assert_eq!(text_of(LINE).unwrap(), text);
    }

    #[test]
    fn times_taken_are_read_however_they_are_written() {
        let taken = |text: &str| {
            let figure: Figure<'_> = serde_json::from_str(text).unwrap();
            figure.time_taken().map(|taken| taken.as_micros())
        };
        assert_eq!(taken("12"), Some(12_000_000));
        assert_eq!(taken("12.5"), Some(12_500_000));
        assert_eq!(taken("\"12.5\""), Some(12_500_000));
        assert_eq!(taken("\"01:00:12.500000\""), Some(3_612_500_000));
        for wrong in ["-1", "\"\"", "\"soon\"", "1e300"] {
            assert_eq!(taken(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn without_a_start_the_time_of_the_record_counts() {
        let line = LINE.replace("start_time", "begun");
        assert!(
            text_of(&line)
                .unwrap()
                .starts_with("# Time: 2026-11-23T07:15:48.200000Z\n")
        );
    }

    #[test]
    fn what_tells_no_slow_statement_is_no_record_and_leaves_nothing() {
        let audit = LINE.replace("MySqlSlowLogs", "MySqlAuditLogs");
        let empty = LINE.replace(
            "SELECT *\\n# Time: 2026-11-23T07:15:46.552032Z\\nFROM t",
            " ",
        );
        let cut = &LINE[..LINE.len() - 3];
        for line in [audit.as_str(), &empty, cut, "", "{}", "[]", "# Time: now"] {
            let mut text = b"before".to_vec();
            assert_eq!(azure(line.as_bytes(), &mut text), Err(NotARecord), "{line}");
            assert_eq!(text, b"before");
        }
    }
}
