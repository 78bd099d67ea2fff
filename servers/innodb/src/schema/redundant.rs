//! Indexes whose work another one does.
//!
//! Sources: MySQL Reference Manual, "The `schema_redundant_indexes` View" of the sys schema,
//! "Multiple-Column Indexes" (any leftmost prefix serves), "Use of Index Extensions" (InnoDB appends
//! the primary key to every secondary index).

use storex_sources::Flavour;
use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::RUNBOOK;
use super::index::{Index, Part};
use super::name::TableName;

/// An index that could go, and the one that would do its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redundant<'a> {
    /// What could go.
    pub index: &'a Index,
    /// What stays.
    pub keeper: &'a Index,
    /// Why.
    pub why: Why,
}

/// Why an index is redundant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Both are the same.
    Duplicate,
    /// It is the first parts of the other.
    Prefix,
    /// What it has more is the primary key, which InnoDB appends anyway.
    PrimaryKeyAppended,
}

/// The indexes that could all go at once: what stays of them is never itself one of them. `needed` are the
/// columns of foreign keys, each of which keeps an index that begins with it.
pub fn redundant<'a>(indexes: &'a [Index], needed: &[&[String]]) -> Vec<Redundant<'a>> {
    let primary = indexes.iter().find(|index| index.is_primary());
    let mut found: Vec<Redundant<'_>> = Vec::new();
    // Duplicates: the later one goes. Prefixes: the shorter. So longer and later ones are asked last.
    for why in [Why::Duplicate, Why::Prefix, Why::PrimaryKeyAppended] {
        for (at, index) in indexes.iter().enumerate().rev() {
            let goes = |name: &str| found.iter().any(|gone| gone.index.name == name);
            if index.is_primary() || goes(&index.name) {
                continue;
            }
            let keeper = indexes.iter().enumerate().find(|(other, keeper)| {
                *other != at
                    && !goes(&keeper.name)
                    && !found.iter().any(|gone| gone.keeper.name == index.name)
                    && reason(index, keeper, primary) == Some(why)
                    && needed
                        .iter()
                        .all(|key| !index.begins_with(key) || keeper.begins_with(key))
            });
            if let Some((_, keeper)) = keeper {
                found.push(Redundant { index, keeper, why });
            }
        }
    }
    found.sort_by(|one, other| one.index.name.cmp(&other.index.name));
    found
}

/// Why `keeper` does all the work of `index`, if it does.
fn reason(index: &Index, keeper: &Index, primary: Option<&Index>) -> Option<Why> {
    if !(index.ordered && keeper.ordered && keeper.visible) {
        return None;
    }
    let same_length = index.parts.len() == keeper.parts.len();
    if leads(&index.parts, &keeper.parts) {
        let equal = same_length && leads(&keeper.parts, &index.parts);
        let stays_unique = !index.unique || (keeper.unique && equal);
        return match (equal, stays_unique) {
            (_, false) => None,
            (true, true) => Some(Why::Duplicate),
            (false, true) => Some(Why::Prefix),
        };
    }
    let primary = primary.filter(|_| !index.unique && !keeper.unique)?;
    let appended = extended(keeper, primary);
    leads(&index.parts, &appended).then_some(Why::PrimaryKeyAppended)
}

/// The keeper's parts with those of the primary key behind them that it does not hold itself.
fn extended(keeper: &Index, primary: &Index) -> Vec<Part> {
    let mut parts = keeper.parts.clone();
    for part in &primary.parts {
        let held = |own: &Part| own.key.is(&part.key) && own.prefix.is_none();
        if !parts.iter().any(held) {
            parts.push(part.clone());
        }
    }
    parts
}

/// Whether `short` is the first parts of `long`: a search, a range or an order by the one can be done
/// by the other.
fn leads(short: &[Part], long: &[Part]) -> bool {
    let serves = |own: &Part, other: &Part| {
        let whole_enough = match (own.prefix, other.prefix) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) => own == other,
        };
        own.key.is(&other.key) && own.descending == other.descending && whole_enough
    };
    short.len() <= long.len()
        && short
            .iter()
            .zip(long)
            .all(|(own, other)| serves(own, other))
}

/// What an index costs, as far as known.
pub type Bytes<'a> = &'a dyn Fn(&str) -> Option<u64>;

/// Tells the redundant ones of a table in one finding.
pub fn finding(
    table: &TableName,
    flavour: Flavour,
    redundant: &[Redundant<'_>],
    bytes: Bytes<'_>,
) -> Option<Finding> {
    let first = redundant.first()?;
    let each: Vec<String> = redundant.iter().take(3).map(told).collect();
    let more = redundant.len().saturating_sub(each.len());
    let more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    let cost: u64 = redundant
        .iter()
        .filter_map(|each| bytes(&each.index.name))
        .sum();
    let finding = Finding::new(
        "redundant_index",
        Severity::Info,
        Confidence::Certain,
        format!(
            "{} has indexes that do the work of others: {}{more}",
            table.shown(),
            each.join(", ")
        ),
    )
    .evidence(
        "redundant_indexes",
        redundant.len(),
        "indexes",
        "information_schema.STATISTICS",
    );
    let finding = match cost {
        0 => finding,
        cost => finding.evidence("their_size", cost, "bytes", "mysql.innodb_index_stats"),
    };
    Some(finding.remedy(
        hide(table, flavour, &first.index.name),
        "safe: undone at once by VISIBLE (MySQL) or NOT IGNORED (MariaDB); drop it after a full business cycle",
        "a brief metadata lock; a statement with FORCE INDEX on it fails",
        RUNBOOK,
    ))
}

fn told(each: &Redundant<'_>) -> String {
    let why = match each.why {
        Why::Duplicate => "the same as",
        Why::Prefix => "the beginning of",
        Why::PrimaryKeyAppended => "with the primary key appended anyway, as",
    };
    format!(
        "{} ({}) is {why} {}",
        Untrusted::name(&each.index.name),
        each.index.shown(),
        Untrusted::name(&each.keeper.name)
    )
}

/// The statement that takes an index away from the optimizer and leaves it there.
pub(super) fn hide(table: &TableName, flavour: Flavour, index: &str) -> String {
    let word = match flavour {
        Flavour::MySql => "INVISIBLE",
        Flavour::MariaDb => "IGNORED",
    };
    format!(
        "ALTER TABLE {} ALTER INDEX {} {word}",
        table.shown(),
        Untrusted::name(index)
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::index::samples::{plain, primary, unique};
    use super::*;

    fn names(indexes: &[Index]) -> Vec<(String, String, Why)> {
        redundant(indexes, &[])
            .iter()
            .map(|each| (each.index.name.clone(), each.keeper.name.clone(), each.why))
            .collect()
    }

    #[test]
    fn prefixes_duplicates_and_appended_primary_keys_are_found() {
        let all = [
            primary(&["id"]),
            plain("a", &["a"]),
            plain("a_b", &["a", "b"]),
            plain("a_b2", &["a", "b"]),
            plain("c_id", &["c", "id"]),
            plain("d", &["d"]),
            plain("d_id", &["d desc", "id"]),
        ];
        let expected = [
            ("a".to_owned(), "a_b".to_owned(), Why::Prefix),
            ("a_b2".to_owned(), "a_b".to_owned(), Why::Duplicate),
        ];
        assert_eq!(names(&all), expected);
        let appended = [
            primary(&["x", "y"]),
            plain("a", &["a", "x"]),
            plain("b", &["a", "x", "y"]),
        ];
        assert_eq!(names(&appended)[0].2, Why::Prefix);
        let appended = [
            primary(&["x", "y"]),
            plain("b", &["y", "a", "x"]),
            plain("c", &["y", "a"]),
        ];
        assert_eq!(names(&appended), [("c".into(), "b".into(), Why::Prefix)]);
        let only = [
            primary(&["x", "y"]),
            plain("b", &["a", "y", "x"]),
            plain("c", &["a", "y"]),
        ];
        assert_eq!(names(&only), [("c".into(), "b".into(), Why::Prefix)]);
    }

    #[test]
    fn what_the_primary_key_makes_the_same_is_told_once() {
        let all = [
            primary(&["x", "y"]),
            plain("one", &["a", "x"]),
            plain("two", &["a", "x", "y"]),
            plain("three", &["b", "y"]),
            plain("four", &["b", "y", "x"]),
        ];
        let told = names(&all);
        assert_eq!(told.len(), 2, "{told:?}");
    }

    #[test]
    fn what_another_cannot_do_is_left_alone() {
        for all in [
            vec![unique("u", &["a"]), plain("i", &["a", "b"])],
            vec![unique("u", &["a", "b"]), unique("v", &["a", "b", "c"])],
            vec![plain("i", &["a"]), plain("p", &["a(10)", "b"])],
            vec![plain("i", &["a"]), plain("d", &["a desc", "b"])],
            vec![plain("i", &["a", "b"]), plain("r", &["b", "a"])],
            vec![primary(&["id"]), plain("i", &["a"])],
            vec![
                plain("i", &["a"]),
                Index {
                    visible: false,
                    ..plain("h", &["a", "b"])
                },
            ],
            vec![
                Index {
                    ordered: false,
                    kind: "FULLTEXT".into(),
                    ..plain("f", &["a"])
                },
                plain("i", &["a"]),
            ],
            vec![plain("i", &["=lower"]), plain("e", &["=upper"])],
        ] {
            assert!(redundant(&all, &[]).is_empty(), "{:?}", names(&all));
        }
    }

    #[test]
    fn what_a_foreign_key_needs_stays() {
        let all = [
            primary(&["x", "y"]),
            plain("one", &["a", "b"]),
            plain("two", &["a", "b", "x"]),
        ];
        let key = ["a".to_owned(), "b".to_owned()];
        assert_eq!(redundant(&all, &[&key])[0].index.name, "one");
        let key = ["a".to_owned(), "b".to_owned(), "x".to_owned()];
        let found = redundant(&all, &[&key]);
        assert_eq!(found[0].index.name, "one", "{found:?}");
        let all = [
            primary(&["x"]),
            plain("one", &["a"]),
            plain("two", &["a", "x"]),
        ];
        let key = ["a".to_owned(), "x".to_owned()];
        assert_eq!(redundant(&all, &[&key])[0].index.name, "one");
    }

    #[test]
    fn of_a_unique_and_a_plain_one_the_plain_one_goes() {
        let all = [plain("i", &["a?"]), unique("u", &["a?"])];
        assert_eq!(names(&all), [("i".into(), "u".into(), Why::Duplicate)]);
        let all = [plain("c10", &["c(10)"]), plain("c", &["c"])];
        assert_eq!(names(&all), [("c10".into(), "c".into(), Why::Prefix)]);
    }

    fn any_index() -> impl Strategy<Value = Vec<Index>> {
        let part = prop::sample::select(vec!["a", "b", "c", "a(5)", "b desc", "=x", "id"]);
        let one = (
            prop::collection::vec(part, 1..4),
            any::<bool>(),
            prop::bool::weighted(0.9),
        );
        prop::collection::vec(one, 0..7).prop_map(|all| {
            let mut indexes = vec![primary(&["id"])];
            for (at, (parts, is_unique, visible)) in all.into_iter().enumerate() {
                let name = format!("i{at}");
                let mut index = if is_unique {
                    unique(&name, &parts)
                } else {
                    plain(&name, &parts)
                };
                index.visible = visible;
                indexes.push(index);
            }
            indexes
        })
    }

    proptest! {
        /// Whatever goes, its uniqueness and its order stay in an index that does not go.
        #[test]
        fn nothing_is_lost_when_all_of_them_go(indexes in any_index()) {
            let needed = ["a".to_owned(), "id".to_owned()];
            let found = redundant(&indexes, &[&needed]);
            let gone: Vec<&str> = found.iter().map(|each| each.index.name.as_str()).collect();
            for each in &found {
                prop_assert!(!gone.contains(&each.keeper.name.as_str()));
                prop_assert!(each.keeper.visible && !each.index.is_primary());
                prop_assert!(!each.index.begins_with(&needed) || each.keeper.begins_with(&needed));
                if each.index.unique {
                    prop_assert!(each.keeper.unique);
                    prop_assert_eq!(&each.index.parts, &each.keeper.parts);
                }
                let mut keeper = each.keeper.parts.clone();
                if each.why == Why::PrimaryKeyAppended {
                    keeper = extended(each.keeper, &indexes[0]);
                }
                for (own, other) in each.index.parts.iter().zip(&keeper) {
                    prop_assert_eq!(&own.key, &other.key);
                    prop_assert_eq!(own.descending, other.descending);
                    prop_assert!(other.prefix.is_none() || other.prefix == own.prefix);
                }
                prop_assert!(keeper.len() >= each.index.parts.len());
            }
        }
    }
}
