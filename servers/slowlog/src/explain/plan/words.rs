//! The words of `EXPLAIN`.

use serde::Serialize;

/// How a table is read, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// A table of one row.
    System,
    /// One row by a unique key and constants.
    Const,
    /// One row by a unique key for each row before.
    EqRef,
    /// Rows of one key value.
    Ref,
    /// A full-text index.
    Fulltext,
    /// Rows of one key value, and those that are NULL.
    RefOrNull,
    /// Several indexes merged.
    IndexMerge,
    /// A subquery answered from a unique index.
    UniqueSubquery,
    /// A subquery answered from an index.
    IndexSubquery,
    /// A part of an index.
    Range,
    /// All of an index.
    Index,
    /// All rows.
    All,
    /// A kind this version of storex does not know.
    Other,
}

impl Access {
    pub(super) fn read(name: &str) -> Self {
        match name {
            "system" => Self::System,
            "const" => Self::Const,
            "eq_ref" => Self::EqRef,
            "ref" => Self::Ref,
            "fulltext" => Self::Fulltext,
            "ref_or_null" => Self::RefOrNull,
            "index_merge" => Self::IndexMerge,
            "unique_subquery" => Self::UniqueSubquery,
            "index_subquery" => Self::IndexSubquery,
            "range" => Self::Range,
            "index" => Self::Index,
            "ALL" => Self::All,
            _ => Self::Other,
        }
    }

    /// The word `EXPLAIN` uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Const => "const",
            Self::EqRef => "eq_ref",
            Self::Ref => "ref",
            Self::Fulltext => "fulltext",
            Self::RefOrNull => "ref_or_null",
            Self::IndexMerge => "index_merge",
            Self::UniqueSubquery => "unique_subquery",
            Self::IndexSubquery => "index_subquery",
            Self::Range => "range",
            Self::Index => "index",
            Self::All => "ALL",
            Self::Other => "other",
        }
    }
}

/// What kind of query block a step belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Block {
    /// The statement itself, without or with subqueries, or a member of a union.
    Outer,
    /// A subquery run once.
    Subquery,
    /// A subquery run again for rows of the block around it.
    Dependent,
    /// A subquery in `FROM`, made into a table.
    Derived,
    /// A subquery made into a table to look values up in.
    Materialized,
    /// The temporary table of a union.
    UnionResult,
}

impl Block {
    pub(super) fn read(select_type: &str) -> Self {
        match select_type {
            "SUBQUERY" | "UNCACHEABLE SUBQUERY" => Self::Subquery,
            "DERIVED" | "LATERAL DERIVED" | "PUSHED DERIVED" => Self::Derived,
            "MATERIALIZED" => Self::Materialized,
            "UNION RESULT" | "INTERSECT RESULT" | "EXCEPT RESULT" | "UNIT RESULT" => {
                Self::UnionResult
            }
            dependent if dependent.starts_with("DEPENDENT ") => Self::Dependent,
            _ => Self::Outer,
        }
    }

    /// A name of ours for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Outer => "outer",
            Self::Subquery => "subquery",
            Self::Dependent => "dependent subquery",
            Self::Derived => "derived table",
            Self::Materialized => "materialized subquery",
            Self::UnionResult => "union result",
        }
    }
}

/// What a step does beside reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Note {
    /// Rows read are held against a condition.
    Where,
    /// Rows are sorted, in memory or in files.
    Filesort,
    /// Rows go into a temporary table.
    Temporary,
    /// Rows before are gathered in a buffer, and this table is read once for each buffer.
    JoinBuffer,
    /// The index holds all that is needed.
    Covering,
    /// Conditions are held against the index before the row is read.
    IndexCondition,
    /// Which index to use is decided anew for each row before.
    RangeChecked,
    /// The server found that no row can match.
    NoRow,
}

impl Note {
    /// What `EXPLAIN` says, from its beginning.
    const WORDS: [(&str, Self); 14] = [
        ("Using where", Self::Where),
        ("Using filesort", Self::Filesort),
        ("Using temporary", Self::Temporary),
        ("Using join buffer", Self::JoinBuffer),
        ("Using index condition", Self::IndexCondition),
        ("Using index for ", Self::Covering),
        ("Using index", Self::Covering),
        ("Range checked for each record", Self::RangeChecked),
        ("Impossible WHERE", Self::NoRow),
        ("Impossible HAVING", Self::NoRow),
        ("no matching row in const table", Self::NoRow),
        ("No matching min/max row", Self::NoRow),
        ("const row not found", Self::NoRow),
        ("unique row not found", Self::NoRow),
    ];

    pub(super) fn read(word: &str) -> Option<Self> {
        let said = Self::WORDS.iter().find(|(says, _)| word.starts_with(says));
        said.map(|(_, note)| *note)
    }

    /// Its name in an answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Where => "where",
            Self::Filesort => "filesort",
            Self::Temporary => "temporary table",
            Self::JoinBuffer => "join buffer",
            Self::Covering => "covering index",
            Self::IndexCondition => "index condition",
            Self::RangeChecked => "range checked for each row",
            Self::NoRow => "no row can match",
        }
    }
}
