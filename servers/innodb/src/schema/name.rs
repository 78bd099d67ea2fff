//! Names of tables: as a caller writes them, as InnoDB spells them, and which was meant.

use storex_tool::Untrusted;

/// A table and its schema.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
}

impl TableName {
    /// Reads `schema` and `table` as a caller gives them; the table may come as `schema.table`, and
    /// either part in backticks. `None` where no schema is named.
    pub fn of(schema: Option<&str>, table: &str) -> Option<Self> {
        let (schema, table) = match schema {
            Some(schema) => (schema.to_owned(), unquoted(table)),
            None => split(table)?,
        };
        Some(Self { schema, table })
    }

    /// The name as an answer shows it: `shop.orders`.
    pub fn shown(&self) -> String {
        format!(
            "{}.{}",
            Untrusted::name(&self.schema),
            Untrusted::name(&self.table)
        )
    }

    /// The name as InnoDB's dictionary spells it (`shop/we@0020ird`); `None` for letters that have a
    /// code of their own there, which only the server knows.
    pub fn in_dictionary(&self) -> Option<String> {
        Some(format!(
            "{}/{}",
            file_name(&self.schema)?,
            file_name(&self.table)?
        ))
    }
}

fn split(text: &str) -> Option<(String, String)> {
    let mut quoted = false;
    let at = text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '`';
        (c == '.' && !quoted).then_some(at)
    })?;
    let (schema, table) = (text.get(..at)?, text.get(at + 1..)?);
    let parts = (unquoted(schema), unquoted(table));
    (!parts.0.is_empty() && !parts.1.is_empty()).then_some(parts)
}

fn unquoted(name: &str) -> String {
    let inner = name
        .strip_prefix('`')
        .and_then(|name| name.strip_suffix('`'));
    inner.map_or_else(|| name.to_owned(), |inner| inner.replace("``", "`"))
}

/// An identifier in the character set `filename` (MySQL Reference Manual, "Mapping of Identifiers to
/// File Names"): digits, letters and `_` as they are, letters of some scripts by a code of two
/// characters, everything else as `@` and four hexadecimal digits.
pub fn file_name(identifier: &str) -> Option<String> {
    let mut name = String::with_capacity(identifier.len());
    for c in identifier.chars() {
        let code = u32::from(c);
        match c {
            _ if c.is_ascii_alphanumeric() || c == '_' => name.push(c),
            _ if has_short_code(code) || code > 0xffff => return None,
            _ => name = format!("{name}@{code:04x}"),
        }
    }
    Some(name)
}

/// The blocks of Unicode in which some letters have codes of two characters.
fn has_short_code(code: u32) -> bool {
    matches!(
        code,
        0xc0..=0x5ff | 0x1e00..=0x1fff | 0x2160..=0x217f | 0x24b0..=0x24ef | 0xff20..=0xff5f
    )
}

/// An identifier back from [`file_name`]; what it does not know stays as it is.
pub fn from_file_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('@') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let tail = rest.get(at + 1..).unwrap_or_default();
        let decoded = tail
            .get(..4)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        if let Some(c) = decoded {
            out.push(c);
            rest = tail.get(4..).unwrap_or_default();
        } else {
            out.push('@');
            rest = tail;
        }
    }
    out.push_str(rest);
    out
}

/// Those of `names` a typing error away from `wanted`, nearest first.
pub fn near<'a>(wanted: &str, names: impl Iterator<Item = &'a str>, most: usize) -> Vec<&'a str> {
    let allowed = (wanted.chars().count() / 3).max(1);
    let lower = wanted.to_lowercase();
    let mut near: Vec<(usize, &str)> = names
        .filter_map(|name| {
            let other = name.to_lowercase();
            let part = lower.len() >= 4 && (other.contains(&lower) || lower.contains(&other));
            let distance = if part {
                1
            } else {
                distance(&lower, &other, allowed)?
            };
            Some((distance, name))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(most).map(|(_, name)| name).collect()
}

/// The edit distance of Levenshtein, where it is at most `allowed`.
fn distance(one: &str, other: &str, allowed: usize) -> Option<usize> {
    let other: Vec<char> = other.chars().collect();
    if one.chars().count().abs_diff(other.len()) > allowed {
        return None;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, c) in one.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(line + 1);
        for ((above_left, above), d) in row.iter().zip(row.iter().skip(1)).zip(&other) {
            let left = next.last().copied().unwrap_or_default();
            let changed = above_left + usize::from(c != *d);
            next.push(changed.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().filter(|distance| *distance <= allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(schema: Option<&str>, table: &str) -> Option<(String, String)> {
        TableName::of(schema, table).map(|name| (name.schema, name.table))
    }

    #[test]
    fn a_table_is_named_in_one_argument_or_two() {
        let orders = Some(("shop".to_owned(), "orders".to_owned()));
        assert_eq!(named(Some("shop"), "orders"), orders);
        assert_eq!(named(None, "shop.orders"), orders);
        assert_eq!(named(None, "`shop`.`orders`"), orders);
        let dotted = Some(("shop".to_owned(), "a.b".to_owned()));
        assert_eq!(named(Some("shop"), "a.b"), dotted);
        assert_eq!(named(None, "shop.`a.b`"), dotted);
        assert_eq!(named(None, "orders"), None);
        assert_eq!(named(None, ".orders"), None);
    }

    #[test]
    fn names_are_spelled_as_innodb_spells_them() {
        assert_eq!(
            file_name("we\"ird`t \u{2713}").as_deref(),
            Some("we@0022ird@0060t@0020@2713")
        );
        assert_eq!(file_name("plain_1").as_deref(), Some("plain_1"));
        assert_eq!(file_name("\u{e9}t\u{e9}"), None);
        assert_eq!(
            from_file_name("we@0022ird@0060t@0020@2713"),
            "we\"ird`t \u{2713}"
        );
        assert_eq!(from_file_name("t@0p"), "t@0p");
    }

    #[test]
    fn the_name_that_was_meant_is_found() {
        let names = ["orders", "order_items", "customers", "archive"];
        assert_eq!(near("ordres", names.into_iter(), 3), ["orders"]);
        assert_eq!(near("ORDERS", names.into_iter(), 3), ["orders"]);
        assert_eq!(near("orders_2024", names.into_iter(), 3), ["orders"]);
        assert!(near("invoices", names.into_iter(), 3).is_empty());
    }

    proptest! {
        #[test]
        fn spelling_goes_there_and_back(name in "[a-zA-Z0-9_ .`\"'$-]{1,40}") {
            prop_assert_eq!(from_file_name(&file_name(&name).unwrap()), name);
        }

        #[test]
        fn any_text_is_taken(text in ".{0,40}", other in ".{0,40}") {
            let _ = TableName::of(None, &text);
            let _ = file_name(&text);
            let _ = from_file_name(&text);
            let _ = near(&text, [other.as_str()].into_iter(), 3);
        }
    }
}
