//! An entry of the error log.

use jiff::Timestamp;

use super::without_quoted;

/// How bad the server says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// `[ERROR]`, and what a dying server prints without one.
    Error,
    /// `[Warning]`.
    Warning,
    /// `[System]`, of MySQL 8.0 on: starts and stops.
    System,
    /// `[Note]`.
    Note,
    /// None: a line of the script that starts the server.
    Other,
}

impl Level {
    /// The level a server's word stands for.
    pub fn of(word: &str) -> Option<Self> {
        let known = [
            ("error", Self::Error),
            ("warning", Self::Warning),
            ("system", Self::System),
            ("note", Self::Note),
        ];
        let known = known
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word));
        known.map(|(_, level)| level)
    }

    /// Its name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::System => "system",
            Self::Note => "note",
            Self::Other => "other",
        }
    }
}

/// An entry: its first line, and how many lines stand below it (a backtrace, InnoDB's monitor).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was written.
    pub at: Timestamp,
    /// How bad the server says it is.
    pub level: Level,
    /// 10914 of `MY-010914`.
    pub code: Option<u32>,
    /// `Server`, `InnoDB`, `Repl`.
    pub subsystem: Option<String>,
    /// The first line, without what stands before the message.
    pub text: String,
    /// The same without what stands in quotes: what the server says by itself. Only this tells what
    /// kind of message it is, or a user's name could.
    pub plain: String,
    /// Lines below it.
    pub more_lines: u64,
}

impl Entry {
    /// An entry of one line.
    pub fn new(
        at: Timestamp,
        level: Level,
        code: Option<u32>,
        subsystem: Option<&str>,
        text: &str,
    ) -> Self {
        Self {
            at,
            level,
            code,
            subsystem: subsystem.map(str::to_owned),
            text: text.trim_end().to_owned(),
            plain: without_quoted(text),
            more_lines: 0,
        }
    }

    /// Whether it is of InnoDB.
    pub(super) fn is_innodb(&self) -> bool {
        self.subsystem.as_deref() == Some("InnoDB")
    }

    /// Whether the server says `phrase` in it.
    pub(super) fn says(&self, phrase: &str) -> bool {
        self.plain.contains(phrase)
    }
}
