//! What the writer knows of each open parenthesis and of the statement around them.

/// Literals of a list that are written out while it may still turn out to be something else.
pub(super) const WRITTEN: usize = 64;

/// What a parenthesis is the beginning of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The list of `IN` or a row of `VALUES`: `(?+)` where it holds only literals.
    List {
        is_row: bool,
    },
    /// A list within a list.
    Nested,
    Other,
}

/// An open parenthesis, or the statement as a whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    pub(super) kind: Kind,
    /// Behind the parenthesis in what is written.
    pub(super) start: usize,
    /// Whether nothing but literals and commas was in it so far.
    pub(super) only_literals: bool,
    /// How many.
    pub(super) literals: usize,
    /// Where the comma before what comes next was written.
    pub(super) comma_at: usize,
    /// Whether a row of `VALUES` has ended: those after it are left out.
    pub(super) after_row: bool,
    /// The part of a `UNION` before the present one, from where to where it was written.
    pub(super) part_before: Option<(usize, usize)>,
    /// Where the present part begins.
    pub(super) part: usize,
}

impl Level {
    pub(super) fn at(start: usize, kind: Kind) -> Self {
        Self {
            kind,
            start,
            only_literals: true,
            literals: 0,
            comma_at: start,
            after_row: false,
            part_before: None,
            part: start,
        }
    }
}
