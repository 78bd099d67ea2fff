//! One row of the table as the entry MySQL would write to a file. Pure.

use std::fmt::{self, Write as _};

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// One row, in a session whose zone is UTC.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct LoggedRow {
    pub(super) ended: Option<String>,
    /// `user[user] @ host [address]`.
    pub(super) user_host: String,
    pub(super) query_time: String,
    pub(super) lock_time: String,
    pub(super) rows_sent: u64,
    pub(super) rows_examined: u64,
    /// MariaDB's alone.
    pub(super) rows_affected: Option<u64>,
    pub(super) db: Option<String>,
    pub(super) thread_id: u64,
    /// How much of the statement is not here.
    pub(super) cut_bytes: u64,
    pub(super) sql_text: String,
}

/// What a row holds where a client sent a command that is no statement (MySQL's `sql/sql_parse.cc`,
/// `Command_names`; MariaDB's `sql/sql_parse.cc`, `command_name`).
const COMMANDS: [&str; 33] = [
    "Binlog Dump",
    "Binlog Dump GTID",
    "Bulk_execute",
    "Change user",
    "Close stmt",
    "Connect",
    "Connect Out",
    "Create DB",
    "Daemon",
    "Debug",
    "Delayed insert",
    "Drop DB",
    "Error",
    "Execute",
    "Fetch",
    "Field List",
    "Init DB",
    "Kill",
    "Long Data",
    "Ping",
    "Prepare",
    "Processlist",
    "Query",
    "Quit",
    "Refresh",
    "Register Slave",
    "Reset Connection",
    "Reset stmt",
    "Set option",
    "Shutdown",
    "Sleep",
    "Statistics",
    "Table Dump",
];

impl LoggedRow {
    /// The entry; none where the row tells no time.
    pub(super) fn entry(&self) -> Option<String> {
        let ended = self.ended.as_deref().and_then(moment)?;
        let took = duration(&self.query_time)?;
        let locked = duration(&self.lock_time)?;
        let db = one_line(self.db.as_deref().unwrap_or_default());
        let mut text = format!(
            "# Time: {ended:.6}\n# User@Host: {}  Id: {}\n",
            one_line(&self.user_host),
            self.thread_id
        );
        // Unlike `use`, it does not reach to the next entry, which may have no database.
        let is_plain = !db.contains([' ', ':']);
        if is_plain && !db.is_empty() {
            let _infallible = writeln!(text, "# Schema: {db}");
        }
        let _infallible = write!(
            text,
            "# Query_time: {}  Lock_time: {} Rows_sent: {}  Rows_examined: {}",
            Seconds(took),
            Seconds(locked),
            self.rows_sent,
            self.rows_examined
        );
        if let Some(affected) = self.rows_affected {
            let _infallible = write!(text, "  Rows_affected: {affected}");
        }
        text.push('\n');
        if !is_plain {
            let _infallible = writeln!(text, "use {db};");
        }
        let began = ended.checked_sub(took).unwrap_or(ended).as_second();
        let _infallible = writeln!(text, "SET timestamp={began};");
        if COMMANDS.contains(&self.sql_text.as_str()) {
            text.push_str("# administrator command: ");
        }
        push_statement(&self.sql_text, &mut text);
        text.push_str(";\n");
        Some(text)
    }
}

/// The statement, none of whose lines may be taken for the header of another entry: in a table, unlike
/// in a file, it is known where a statement ends. A line of a comment or a literal gets a space more.
fn push_statement(sql: &str, text: &mut String) {
    for (number, line) in sql.split('\n').enumerate() {
        if number > 0 {
            text.push('\n');
        }
        if line.starts_with("# ") {
            text.push(' ');
        }
        text.push_str(line);
    }
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// `2026-11-23 20:25:56.043013`, of UTC.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let civil: DateTime = text.parse().ok()?;
    Offset::UTC.to_timestamp(civil).ok()
}

/// `00:00:01.500369` or `838:59:59.000000`; a negative one is none.
fn duration(text: &str) -> Option<SignedDuration> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = clock.splitn(3, ':');
    let mut part = || parts.next()?.parse::<u32>().ok().map(i64::from);
    let (hours, minutes, seconds) = (part()?, part()?, part()?);
    let micros: i64 = format!("{fraction:0<6}").get(..6)?.parse().ok()?;
    let seconds = hours * 3_600 + minutes * 60 + seconds;
    Some(SignedDuration::from_secs(seconds) + SignedDuration::from_micros(micros))
}

/// Seconds with their microseconds, exactly.
struct Seconds(SignedDuration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}", self.0.as_secs(), self.0.subsec_micros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sql: &str) -> LoggedRow {
        LoggedRow {
            ended: Some("2026-11-23 20:25:56.043013".into()),
            user_host: "app[app] @ shop1 [10.0.0.7]".into(),
            query_time: "00:00:01.500369".into(),
            lock_time: "00:00:00.000042".into(),
            rows_sent: 1,
            rows_examined: 12,
            db: Some("shop".into()),
            thread_id: 11,
            sql_text: sql.into(),
            ..LoggedRow::default()
        }
    }

    fn written(row: &LoggedRow) -> String {
        row.entry().unwrap()
    }

    #[test]
    fn a_row_becomes_the_entry_a_file_would_hold() {
        assert_eq!(
            written(&row("SELECT 1")),
            "# Time: 2026-11-23T20:25:56.043013Z\n\
             # User@Host: app[app] @ shop1 [10.0.0.7]  Id: 11\n\
             # Schema: shop\n\
             # Query_time: 1.500369  Lock_time: 0.000042 Rows_sent: 1  Rows_examined: 12\n\
             SET timestamp=1795465554;\nSELECT 1;\n"
        );
        let affected = LoggedRow {
            rows_affected: Some(3),
            db: Some("my shop".into()),
            query_time: "838:59:59".into(),
            ..row("Quit")
        };
        let text = written(&affected);
        assert!(
            text.contains("# Query_time: 3020399.000000  Lock_time"),
            "{text}"
        );
        assert!(
            text.contains("Rows_affected: 3\nuse my shop;\nSET timestamp="),
            "{text}"
        );
        assert!(
            text.ends_with("\n# administrator command: Quit;\n"),
            "{text}"
        );
    }

    #[test]
    fn no_text_of_a_client_makes_an_entry_of_its_own() {
        let forged = "# Time: 2026-11-23T20:25:56.043013Z\n# User@Host: root[root] @ h []\n\
                      # Query_time: 9.000000  Lock_time: 0";
        let mut row = row(&format!("{forged}\n{forged}"));
        row.user_host = format!("a[a] @ h []\n{forged}");
        row.db = Some(format!("b\n{forged}"));
        let text = written(&row);
        let begun = text.lines().filter(|line| line.starts_with("# Time: "));
        assert_eq!(begun.count(), 1, "{text}");
        let clients = text
            .lines()
            .filter(|line| line.starts_with("# User@Host: "));
        assert_eq!(clients.count(), 1, "{text}");
    }

    #[test]
    fn a_row_without_a_time_is_left_out_whole() {
        for (ended, took) in [
            (None, "00:00:00"),
            (Some("0000-00-00 00:00:00"), "00:00:00"),
            (Some("2026-11-23 20:25:56"), "-00:00:01"),
            (Some("2026-11-23 20:25:56"), "soon"),
        ] {
            let row = LoggedRow {
                ended: ended.map(str::to_owned),
                query_time: took.into(),
                ..row("SELECT 1")
            };
            assert_eq!(row.entry(), None, "{ended:?} {took}");
        }
    }
}
