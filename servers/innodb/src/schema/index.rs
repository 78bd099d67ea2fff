//! Indexes as they are defined.

use storex_tool::Untrusted;

use super::rows::IndexRow;

/// The name of every primary key.
pub const PRIMARY: &str = "PRIMARY";

/// What one part of an index holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// A column, in lower case: names of columns are compared so by the server.
    Column(String),
    /// An expression, by its hash; without one it is like no other.
    Expression(Option<String>),
}

impl Key {
    /// Whether both hold the same values.
    pub fn is(&self, other: &Self) -> bool {
        !matches!(self, Self::Expression(None)) && self == other
    }
}

/// One part of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it holds.
    pub key: Key,
    /// The column's name as it is written.
    pub name: Option<String>,
    /// Characters or bytes of it, where not all.
    pub prefix: Option<u64>,
    /// Whether it runs from the last value to the first.
    pub descending: bool,
    /// Whether it may be `NULL`.
    pub nullable: bool,
    /// Distinct values of the parts up to this one, estimated.
    pub cardinality: Option<u64>,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether no value may be there twice.
    pub unique: bool,
    /// Whether it is a tree that can be searched by its first parts.
    pub ordered: bool,
    /// `BTREE`, `FULLTEXT`, ...
    pub kind: String,
    /// Whether the optimizer may use it.
    pub visible: bool,
    /// Its parts, first first.
    pub parts: Vec<Part>,
}

impl Index {
    /// Whether it is the primary key.
    pub fn is_primary(&self) -> bool {
        self.name == PRIMARY
    }

    /// Whether every row has a value of its own here: what InnoDB takes for the clustered index where
    /// no primary key is declared.
    pub fn identifies_rows(&self) -> bool {
        self.unique
            && self
                .parts
                .iter()
                .all(|part| !part.nullable && part.prefix.is_none())
    }

    /// Whether a search by these columns, in whatever order, can use its first parts.
    pub fn begins_with(&self, columns: &[String]) -> bool {
        let begin = self.parts.get(..columns.len()).unwrap_or_default();
        let among = |column: &String| {
            let key = Key::Column(column.to_lowercase());
            begin.iter().any(|part| part.key == key)
        };
        self.ordered && !columns.is_empty() && !begin.is_empty() && columns.iter().all(among)
    }

    /// The column it begins with, in lower case.
    pub fn first_column(&self) -> Option<&str> {
        match &self.parts.first()?.key {
            Key::Column(name) => Some(name),
            Key::Expression(_) => None,
        }
    }

    /// Its parts as an answer shows them: `customer_id, name(10), created_at desc`.
    pub fn shown(&self) -> String {
        let part = |part: &Part| {
            let mut text = part.name.as_deref().map_or_else(
                || "(expression)".to_owned(),
                |name| Untrusted::name(name).to_string(),
            );
            if let Some(prefix) = part.prefix {
                text = format!("{text}({prefix})");
            }
            if part.descending {
                text.push_str(" desc");
            }
            text
        };
        let parts: Vec<String> = self.parts.iter().map(part).collect();
        parts.join(", ")
    }
}

/// The indexes of one table, from rows in the order of their parts; the primary key comes first.
pub fn indexes(rows: &[IndexRow]) -> Vec<Index> {
    let mut indexes: Vec<Index> = Vec::new();
    for row in rows {
        let part = Part {
            key: row.column_name.as_ref().map_or_else(
                || Key::Expression(row.expression_hash.clone()),
                |name| Key::Column(name.to_lowercase()),
            ),
            name: row.column_name.clone(),
            // Of a spatial index the server tells a length that is none.
            prefix: row.prefix.filter(|_| row.index_type != "SPATIAL"),
            descending: row.direction.as_deref() == Some("D"),
            nullable: row.nullable.as_deref() == Some("YES"),
            cardinality: row.cardinality,
        };
        match indexes.last_mut() {
            Some(index) if index.name == row.index_name => index.parts.push(part),
            _ => indexes.push(Index {
                name: row.index_name.clone(),
                unique: !row.non_unique,
                ordered: row.index_type == "BTREE",
                kind: row.index_type.clone(),
                visible: row.visible,
                parts: vec![part],
            }),
        }
    }
    indexes.sort_by_key(|index| !index.is_primary());
    indexes
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    /// `a`, `a(10)`, `a desc`, `a?` for a column that may be `NULL`, `=x` for an expression.
    fn part(text: &str) -> Part {
        let (text, descending) = match text.strip_suffix(" desc") {
            Some(text) => (text, true),
            None => (text, false),
        };
        let (text, nullable) = match text.strip_suffix('?') {
            Some(text) => (text, true),
            None => (text, false),
        };
        let (name, prefix) = match text.trim_end_matches(')').split_once('(') {
            Some((name, prefix)) => (name, prefix.parse().ok()),
            None => (text, None),
        };
        let key = match name.strip_prefix('=') {
            Some(hash) => Key::Expression(Some(hash.to_owned())),
            None => Key::Column(name.to_lowercase()),
        };
        Part {
            name: matches!(key, Key::Column(_)).then(|| name.to_owned()),
            key,
            prefix,
            descending,
            nullable,
            cardinality: None,
        }
    }

    /// An index that is not unique.
    pub(crate) fn plain(name: &str, parts: &[&str]) -> Index {
        Index {
            name: name.to_owned(),
            unique: false,
            ordered: true,
            kind: "BTREE".to_owned(),
            visible: true,
            parts: parts.iter().map(|text| part(text)).collect(),
        }
    }

    /// A unique index.
    pub(crate) fn unique(name: &str, parts: &[&str]) -> Index {
        Index {
            unique: true,
            ..plain(name, parts)
        }
    }

    /// A primary key.
    pub(crate) fn primary(parts: &[&str]) -> Index {
        unique(PRIMARY, parts)
    }
}

#[cfg(test)]
mod tests {
    use super::samples::{plain, unique};
    use super::*;

    #[test]
    fn parts_become_indexes_and_the_primary_key_comes_first() {
        let row = |index: &str, column: Option<&str>, prefix| IndexRow {
            index_name: index.to_owned(),
            non_unique: index != PRIMARY,
            column_name: column.map(str::to_owned),
            expression_hash: None,
            direction: Some("A".to_owned()),
            prefix,
            cardinality: None,
            nullable: None,
            index_type: "BTREE".to_owned(),
            visible: true,
        };
        let all = indexes(&[
            row("by_name", Some("Name"), Some(10)),
            row("by_name", None, None),
            row(PRIMARY, Some("id"), None),
        ]);
        let shown: Vec<String> = all.iter().map(Index::shown).collect();
        assert_eq!(shown, ["id", "Name(10), (expression)"]);
    }

    #[test]
    fn a_search_uses_the_first_parts_in_whatever_order() {
        let columns = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let index = plain("i", &["a", "b", "c"]);
        assert!(index.begins_with(&columns(&["B", "a"])));
        assert!(!index.begins_with(&columns(&["b"])));
        assert!(!index.begins_with(&columns(&["a", "c"])));
        assert!(!index.begins_with(&columns(&["a", "b", "c", "d"])));
    }

    #[test]
    fn a_unique_index_with_nulls_identifies_no_rows() {
        assert!(unique("u", &["a", "b"]).identifies_rows());
        assert!(!unique("u", &["a", "b?"]).identifies_rows());
        assert!(!unique("u", &["a(10)"]).identifies_rows());
    }
}
