//! What is wrong with an inventory: every mistake at once, each with its place and what to do.

use std::fmt;
use std::path::{Path, PathBuf};

/// Mistakes printed in full; the rest is counted.
const MOST_SHOWN: usize = 50;

/// Why an inventory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// The file cannot be read.
    #[error("failed to read inventory {path}; check that it exists and that this user may read it")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file says something it must not.
    #[error("inventory {path} cannot be used; correct {}", listed(path, mistakes))]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Every mistake found, in the order of the file.
        mistakes: Vec<Mistake>,
    },
}

/// One mistake. Its text never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The field, such as `instance.mysql.address`; none where the text is not TOML.
    pub field: Option<String>,
    /// What is wrong and what to write instead.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.what)
    }
}

/// `2 mistakes:` and a line for each, as compilers write them, so that editors find the place.
fn listed(path: &Path, mistakes: &[Mistake]) -> String {
    let path = path.display();
    let mut lines = vec![match mistakes.len() {
        1 => "1 mistake:".to_owned(),
        count => format!("{count} mistakes:"),
    }];
    let shown = mistakes.iter().take(MOST_SHOWN);
    lines.extend(shown.map(|mistake| format!("{path}:{mistake}")));
    if let Some(more @ 1..) = mistakes.len().checked_sub(MOST_SHOWN) {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}
