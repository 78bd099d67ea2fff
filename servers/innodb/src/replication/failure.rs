//! What stopped a thread: the server's message, without the values of rows. Pure.

use storex_tool::{Untrusted, without_literals};

/// An error a thread of replication met.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Failure {
    /// The server's error number.
    pub number: u64,
    /// Its message, as the server tells it.
    pub message: String,
    /// Seconds since.
    pub age_s: Option<f64>,
}

/// Contractions in the server's messages, whose apostrophe would read as the start of a literal.
const CONTRACTIONS: [(&str, &str); 4] = [
    ("Can't", "Cannot"),
    ("can't", "cannot"),
    ("doesn't", "does not"),
    ("couldn't", "could not"),
];

impl Failure {
    /// A failure, unless the number says there is none.
    pub fn of(number: Option<u64>, message: Option<&str>, age_s: Option<f64>) -> Option<Self> {
        let number = number.filter(|number| *number != 0)?;
        Some(Self {
            number,
            message: message.unwrap_or_default().to_owned(),
            age_s,
        })
    }

    /// The table the event was for, as `schema.table`.
    pub fn table(&self) -> Option<&str> {
        let (_, rest) = self.message.split_once(" on table ")?;
        let name = rest.split(';').next()?.trim();
        (!name.is_empty() && !name.contains(' ')).then_some(name)
    }

    /// The transaction, where a worker names it.
    pub fn gtid(&self) -> Option<&str> {
        let (_, rest) = self.message.split_once("executing transaction '")?;
        rest.split('\'').next()
    }

    /// The message itself: what a worker puts before it is where it happened, and what follows is
    /// where in the log. Values are left out unless the caller may see them.
    pub fn shown(&self, literals: bool) -> Untrusted {
        let message = if literals {
            self.message.clone()
        } else {
            without_values(&self.message)
        };
        let message = match message.find("Could not execute ") {
            Some(at) => message.get(at..).unwrap_or_default(),
            None => &message,
        };
        let message = message.split("; the event's ").next().unwrap_or_default();
        Untrusted::text(message, 200)
    }
}

/// Around values the server puts into its messages between quotes it does not escape.
const VALUES: [(&str, &str); 2] = [
    ("Duplicate entry '", "' for key"),
    (" value: '", "' for column"),
];

/// A message of replication without the values of rows and statements. It can still be read by
/// [`Failure::table`] and [`Failure::gtid`].
pub fn without_values(message: &str) -> String {
    // A statement's error quotes a message that has quotes of its own: only the statement is kept.
    if message.contains("' on query. Default database: ") {
        let statement = message.split_once(" Query: '").map_or("", |(_, sql)| sql);
        let statement = statement.strip_suffix('\'').unwrap_or(statement);
        return format!("error on query {}", without_literals(statement));
    }
    let mut message = message.to_owned();
    for (before, after) in VALUES {
        if let Some(from) = message.find(before).map(|at| at + before.len())
            && let Some(to) = message.rfind(after)
            && from <= to
        {
            message.replace_range(from..to, "?");
        }
    }
    for (short, long) in CONTRACTIONS {
        message = message.replace(short, long);
    }
    let message = message.split("; the event's ").next().unwrap_or_default();
    let (at, message) = match message.split_once("executing transaction '") {
        Some((_, rest)) => {
            let (gtid, rest) = rest.split_once('\'').unwrap_or((rest, ""));
            (format!("executing transaction '{gtid}'"), rest)
        }
        None => (String::new(), message),
    };
    format!("{at}{}", without_literals(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUPLICATE: &str = "Worker 1 failed executing transaction '152e7f46-e741-11f1-892c-02fc00000001:67' at \
        source log binlog.000001, end_log_pos 24980982; Could not execute Write_rows event on table shop.archive; \
        Duplicate entry '990001' for key 'archive.PRIMARY', Error_code: 1062; handler error \
        HA_ERR_FOUND_DUPP_KEY; the event's source log binlog.000001, end_log_pos 24980982";
    const MISSING: &str = "Could not execute Update_rows_v1 event on table shop.archive; Can't find record in \
        'archive', Error_code: 1032; handler error HA_ERR_KEY_NOT_FOUND; the event's master log binlog.000001, \
        end_log_pos 3417857";

    fn failure(message: &str) -> Failure {
        Failure::of(Some(1062), Some(message), None).unwrap()
    }

    #[test]
    fn a_duplicate_is_told_with_its_table_and_without_its_value() {
        let failure = failure(DUPLICATE);
        assert_eq!(failure.table(), Some("shop.archive"));
        assert_eq!(
            failure.gtid(),
            Some("152e7f46-e741-11f1-892c-02fc00000001:67")
        );
        let shown = failure.shown(false);
        assert!(
            shown.as_str().contains("Duplicate entry ? for key ?"),
            "{shown}"
        );
        assert!(!shown.as_str().contains("990001"), "{shown}");
        assert!(failure.shown(true).as_str().contains("'990001'"));
    }

    #[test]
    fn an_apostrophe_does_not_swallow_the_rest() {
        let shown = failure(MISSING).shown(false);
        assert_eq!(failure(MISSING).table(), Some("shop.archive"));
        assert!(
            shown.as_str().contains("Cannot find record in ?"),
            "{shown}"
        );
        assert!(shown.as_str().contains("HA_ERR_KEY_NOT_FOUND"), "{shown}");
    }

    #[test]
    fn a_recorded_message_can_still_be_read_and_holds_no_value() {
        let recorded = failure(&without_values(DUPLICATE));
        assert_eq!(recorded.table(), Some("shop.archive"));
        assert_eq!(recorded.gtid(), failure(DUPLICATE).gtid());
        for message in [
            "Could not execute Write_rows event on table shop.t; Duplicate entry 'O'canary' for key 'name'",
            "Error 'Duplicate entry 'canary' for key 'PRIMARY'' on query. Default database: 'shop'. Query: \
             'INSERT INTO t VALUES ('canary')'",
            "Incorrect string value: 'canary' for column 'name' at row 1",
        ] {
            let shown = failure(message).shown(false);
            assert!(!shown.as_str().contains("canary"), "{shown}");
        }
    }

    #[test]
    fn no_number_is_no_failure() {
        assert_eq!(Failure::of(Some(0), Some(""), None), None);
        assert_eq!(Failure::of(None, None, None), None);
    }
}
