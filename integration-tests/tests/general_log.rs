//! What a server was asked, by its own account: the general log, watched from outside.

use std::path::PathBuf;

use anyhow::Result;
use mysql_async::prelude::Queryable;
use storex_testkit::MySqlServer;

/// A server's general log, on from here.
pub(crate) struct GeneralLog(PathBuf);

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The connection.
    pub(crate) connection: u32,
    /// `Connect`, `Query`, `Quit`, ...
    pub(crate) command: String,
    /// What was asked.
    pub(crate) argument: String,
}

impl GeneralLog {
    /// Switches it on.
    pub(crate) async fn of(server: &MySqlServer) -> Result<Self> {
        let path = server.folder().join("general.log");
        let mut root = server.root().await?;
        root.query_drop("SET GLOBAL log_output = 'FILE'").await?;
        root.query_drop(format!(
            "SET GLOBAL general_log_file = '{}'",
            path.display()
        ))
        .await?;
        root.query_drop("SET GLOBAL general_log = ON").await?;
        root.disconnect().await?;
        Ok(Self(path))
    }

    /// Everything asked so far; a statement's further lines belong to its entry.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>> {
        let text = String::from_utf8_lossy(&std::fs::read(&self.0)?).into_owned();
        let mut entries: Vec<Entry> = Vec::new();
        for line in text.lines() {
            match (entry(line), entries.last_mut()) {
                (Some(entry), _) => entries.push(entry),
                (None, Some(last)) => last.argument = format!("{}\n{line}", last.argument),
                (None, None) => {}
            }
        }
        Ok(entries)
    }

    /// How often a statement beginning so was asked.
    pub(crate) fn count(&self, statement: &str) -> Result<usize> {
        let entries = self.entries()?;
        let begins =
            |entry: &&Entry| entry.command == "Query" && entry.argument.starts_with(statement);
        Ok(entries.iter().filter(begins).count())
    }
}

/// `2026-11-23T07:15:46.552032Z   12 Query  SELECT 1`, with tabs between; MariaDB leaves the time out
/// where it has not changed.
fn entry(line: &str) -> Option<Entry> {
    let mut fields = line.split('\t').skip_while(|field| !is_heading(field));
    let (connection, command) = fields.next()?.trim().split_once(' ')?;
    Some(Entry {
        connection: connection.parse().ok()?,
        command: command.trim().to_owned(),
        argument: fields.collect::<Vec<_>>().join("\t"),
    })
}

fn is_heading(field: &str) -> bool {
    let Some((number, command)) = field.trim().split_once(' ') else {
        return false;
    };
    number.parse::<u32>().is_ok() && command.starts_with(|c: char| c.is_ascii_uppercase())
}
