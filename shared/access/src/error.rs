//! Why a policy folder was refused.

use std::fmt;
use std::path::PathBuf;

/// A file and a line in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as given.
    pub file: PathBuf,
    /// The line, counted from 1; `None` when the fault is the file's as a whole.
    pub line: Option<usize>,
}

impl Place {
    pub(crate) fn new(file: impl Into<PathBuf>, line: Option<usize>) -> Self {
        Self {
            file: file.into(),
            line,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        match self.line {
            Some(line) => write!(f, ":{line}"),
            None => Ok(()),
        }
    }
}

/// Why a policy folder, the table of tools or the inventory was refused. Nothing is loaded then.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// A file or the folder could not be read.
    #[error("cannot read {path}; check that it exists and may be read")]
    Read {
        /// What was read.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// There is no policy, so every call would be denied.
    #[error("{0} holds no policy and every call would be denied; write at least one permit")]
    NoPolicies(PathBuf),
    /// A policy or template without an id.
    #[error("{0}: this policy has no id; put @id(\"short-name\") above it")]
    MissingId(Place),
    /// Two policies, templates or links of one id.
    #[error("{place}: the id `{id}` is taken; give each policy its own")]
    DuplicateId {
        /// The second.
        place: Place,
        /// The id.
        id: String,
    },
    /// A policy that does not parse, does not fit the schema, or looks further than decisions do.
    #[error("{place}: {detail}")]
    Policy {
        /// Where.
        place: Place,
        /// What is wrong and what to do.
        detail: String,
    },
    /// An entity that does not parse or does not fit the schema.
    #[error("{place}: {detail}")]
    Entity {
        /// Where.
        place: Place,
        /// What is wrong and what to do.
        detail: String,
    },
    /// The table of tools does not make a schema.
    #[error("the table of tools does not make a schema: {0}")]
    Actions(String),
    /// The inventory does not make entities.
    #[error("the inventory does not make entities: {0}")]
    Inventory(String),
}
