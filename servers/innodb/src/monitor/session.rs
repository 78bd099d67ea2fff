//! The line that says whose transaction it is, written by the server's session layer.

use std::net::IpAddr;

use serde::Serialize;

use super::scan::{Scan, short};

/// The session that runs a transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Connection id, as in the process list; 0 for the server's own threads.
    pub thread_id: u64,
    /// Operating system thread, as the semaphores print it.
    pub os_thread: Option<String>,
    /// Counts statements over the whole server: a higher one began later.
    pub query_id: Option<u64>,
    /// Client host as printed: a name, or the address where names are not resolved. Hostile text.
    pub host: Option<String>,
    /// Client address.
    pub ip: Option<String>,
    /// User name; up to its first space. Hostile text.
    pub user: Option<String>,
    /// What the session does, as in the process list: `updating`, `waiting for handler commit`.
    /// Empty between statements.
    pub state: Option<String>,
}

impl Session {
    /// `MySQL thread id 141, OS thread handle 1397, query id 22516 127.0.0.1 app updating`
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut scan = Scan::new(line);
        if !scan.eat("MySQL thread id ") {
            scan.lit("MariaDB thread id ")?;
        }
        let thread_id = scan.number()?;
        let mut session = Self {
            thread_id,
            ..Self::default()
        };
        if scan.eat(", OS thread handle ") {
            session.os_thread = short(scan.until(",")?);
            scan.lit(" query id ")?;
            session.query_id = Some(scan.number()?);
        }
        session.client(scan.rest().strip_prefix(' ').unwrap_or_default());
        Some(session)
    }

    /// Host, address, user and state follow each other with nothing to tell them apart: the
    /// address does. Sessions of the server itself print their state only.
    fn client(&mut self, text: &str) {
        let (first, after) = text.split_once(' ').unwrap_or((text, ""));
        let (second, after_second) = after.split_once(' ').unwrap_or((after, ""));
        let user_and_state = if is_address(second) {
            self.ip = short(second);
            after_second
        } else if is_address(first) {
            self.ip = short(first);
            after
        } else if first == "localhost" {
            after
        } else {
            self.state = short(text);
            return;
        };
        self.host = short(first);
        let (user, state) = user_and_state
            .split_once(' ')
            .unwrap_or((user_and_state, ""));
        self.user = short(user);
        self.state = short(state);
    }
}

fn is_address(word: &str) -> bool {
    let word = word.split('%').next().unwrap_or_default();
    word.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> [Option<String>; 4] {
        let line = format!("MySQL thread id 9, OS thread handle 0x7f, query id 51{text}");
        let session = Session::parse(&line).unwrap();
        assert_eq!((session.thread_id, session.query_id), (9, Some(51)));
        [session.host, session.ip, session.user, session.state]
    }

    fn some(texts: [&str; 4]) -> [Option<String>; 4] {
        texts.map(|text| (!text.is_empty()).then(|| text.to_owned()))
    }

    #[test]
    fn host_address_user_and_state_are_told_apart() {
        assert_eq!(
            client(" 127.0.0.1 app waiting for handler commit"),
            some([
                "127.0.0.1",
                "127.0.0.1",
                "app",
                "waiting for handler commit"
            ])
        );
        assert_eq!(
            client(" db.example.com 10.0.0.7 app updating"),
            some(["db.example.com", "10.0.0.7", "app", "updating"])
        );
        assert_eq!(
            client(" localhost root"),
            some(["localhost", "", "root", ""])
        );
        assert_eq!(
            client(" localhost ::1 tony updating"),
            some(["localhost", "::1", "tony", "updating"])
        );
    }

    #[test]
    fn a_session_between_statements_has_no_state() {
        assert_eq!(
            client(" 127.0.0.1 app "),
            some(["127.0.0.1", "127.0.0.1", "app", ""])
        );
    }

    #[test]
    fn a_thread_of_the_server_has_a_state_only() {
        assert_eq!(
            client(" waiting for handler commit"),
            some(["", "", "", "waiting for handler commit"])
        );
        assert_eq!(client(""), some(["", "", "", ""]));
    }
}
