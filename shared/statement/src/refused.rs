//! Why a statement is not explained, and what to do next.

/// Why a statement is not explained. No text of it but names of functions and kinds of clauses is
/// repeated, and those only as far as they are plain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing is there.
    #[error(
        "there is no statement; pass one SELECT, UPDATE, DELETE or INSERT ... SELECT with its values"
    )]
    Empty,
    /// Too long, or put together from too much.
    #[error(
        "it is too large ({what}, at most {limit}); explain a part of it, or the same with fewer values"
    )]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much may be.
        limit: usize,
    },
    /// It does not parse.
    #[error(
        "it cannot be read as one whole SQL statement; check quotes and brackets, and whether its end was cut off"
    )]
    Unreadable,
    /// More than one.
    #[error("these are {count} statements; pass one")]
    Several {
        /// How many.
        count: usize,
    },
    /// A comment the server would execute.
    #[error(
        "it holds a comment that servers execute (`/*! ... */`); write out what should be explained, without it"
    )]
    ExecutableComment,
    /// A placeholder instead of a value.
    #[error(
        "it has placeholders (`?`) instead of values, as digests and fingerprints do, and a plan depends on values; \
         pass `digest` to have the server's own sample explained, or a statement of the slow log"
    )]
    Placeholder,
    /// A statement of another kind.
    #[error(
        "{kind} is not explained; only SELECT and the reading part of UPDATE, DELETE and INSERT ... SELECT are"
    )]
    Kind {
        /// Its first word.
        kind: String,
    },
    /// Nothing in it reads.
    #[error("it reads no table: INSERT with VALUES has no plan")]
    ReadsNothing,
    /// A function that is not on the list.
    #[error(
        "the function {name} is not on the list of built-in functions that only compute; put the value it gives in \
         its place"
    )]
    Function {
        /// Its name.
        name: String,
    },
    /// A user or system variable.
    #[error("it uses a variable (`@...`); put its value in its place")]
    Variable,
    /// `INTO OUTFILE`, `INTO @variable` and the like.
    #[error("it puts its result somewhere (INTO); leave that out")]
    Into,
    /// A clause that is not on the list.
    #[error("{what} is not on the list of what can be explained; write the statement without it")]
    Construct {
        /// What it is.
        what: &'static str,
    },
    /// A table without a schema.
    #[error("it names tables without their schema; pass `schema`, or write schema.table")]
    NoSchema,
    /// A schema of the server itself.
    #[error("tables of {schema} are the server's own; statements on them are not explained")]
    SystemSchema {
        /// Its name.
        schema: String,
    },
    /// A name nobody gives.
    #[error("it uses a name that is empty, too long or has control characters in it")]
    Name,
    /// No thread could be started to check it.
    #[error("there is no room to check a statement now; try again")]
    NoRoom,
    /// What was written anew does not read as what was written.
    #[error("it cannot be written anew without doubt; write it more plainly")]
    Unstable,
}

impl Refused {
    /// A clause that is not on the list.
    pub(crate) fn construct(what: &'static str) -> Self {
        Self::Construct { what }
    }

    /// A function, by its name if that is plain.
    pub(crate) fn function(name: &str) -> Self {
        Self::Function { name: plain(name) }
    }
}

/// A word that may be repeated to the caller: plain and short.
pub(crate) fn plain(word: &str) -> String {
    let is_plain = word.len() <= 64
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
    if is_plain && !word.is_empty() {
        word.to_owned()
    } else {
        "with that name".to_owned()
    }
}
