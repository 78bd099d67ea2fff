//! What a digest keeps.

use crate::form_id::FormId;
use crate::tags;

/// A stretch of time: from the first microsecond (of 1970 UTC) to before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first microsecond in it.
    pub from_us: i64,
    /// The first one after it.
    pub to_us: i64,
}

impl Window {
    /// Whether that moment is in it.
    pub(crate) fn holds(&self, at_us: i64) -> bool {
        (self.from_us..self.to_us).contains(&at_us)
    }
}

/// What to keep.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only entries that ended in it; all where there is none.
    pub window: Option<Window>,
    /// Groups kept at most; when there are more, those with the least time are folded into
    /// [`Digest::rest`](crate::Digest::rest).
    pub most_groups: usize,
    /// Whether names that differ in digits only are the same: see [`Writer::folding_digits`](crate::fingerprint::Writer::folding_digits).
    pub folds_digits: bool,
    /// Keys of sqlcommenter tags that may be kept; others may hold personal data.
    pub tag_keys: Vec<String>,
    /// The form whose slowest statements are kept as they were written.
    pub samples_of: Option<FormId>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            window: None,
            most_groups: 5_000,
            folds_digits: false,
            tag_keys: tags::KEYS.map(str::to_owned).to_vec(),
            samples_of: None,
        }
    }
}
