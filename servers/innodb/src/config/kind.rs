//! What kind of value a setting has: its unit, and when two spellings are the same value. Pure.

use std::collections::BTreeSet;

/// The kind of a setting's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A size in bytes.
    Bytes,
    /// A duration in seconds, whole or not.
    Seconds,
    /// A duration in milliseconds.
    Millis,
    /// A duration in microseconds.
    Micros,
    /// A number without a unit.
    Count,
    /// `ON` or `OFF`, also spelled 1 and 0.
    Switch,
    /// One word of a list, or a name; case does not matter.
    Word,
    /// Words in any order: `sql_mode`.
    Words,
    /// `flag=on` pairs in any order: `optimizer_switch`.
    Flags,
}

impl Kind {
    /// The unit of its number; empty where it has none.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Seconds => "s",
            Self::Millis => "ms",
            Self::Micros => "us",
            _ => "",
        }
    }

    /// Whether two texts are the same value of this kind.
    pub fn same(self, one: &str, other: &str) -> bool {
        if one == other {
            return true;
        }
        match self {
            Self::Bytes | Self::Seconds | Self::Millis | Self::Micros | Self::Count => {
                match (number(one), number(other)) {
                    (Some(one), Some(other)) => (one - other).abs() < 1e-6,
                    _ => one.eq_ignore_ascii_case(other),
                }
            }
            Self::Switch => match (switch(one), switch(other)) {
                (Some(one), Some(other)) => one == other,
                _ => one.eq_ignore_ascii_case(other),
            },
            Self::Word => one.eq_ignore_ascii_case(other),
            Self::Words | Self::Flags => words(one) == words(other),
        }
    }

    /// The value as a person writes it: `128 MiB`, `50 s`.
    pub fn written(self, value: &str) -> String {
        match (self, number(value)) {
            (Self::Bytes, Some(bytes)) => size(bytes),
            (Self::Seconds | Self::Millis | Self::Micros, Some(figure)) => {
                format!("{} {}", trimmed(figure), self.unit())
            }
            (Self::Count, Some(figure)) => trimmed(figure),
            _ => value.to_owned(),
        }
    }
}

/// A number as the server prints one: `151`, `10.000000`.
pub fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

/// A switch as the server prints one.
pub fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_uppercase().as_str() {
        "ON" | "1" | "YES" | "TRUE" => Some(true),
        "OFF" | "0" | "NO" | "FALSE" => Some(false),
        _ => None,
    }
}

/// The flags of `now` that stand otherwise in `then`, in the order of `now`: (`index_merge`, `off`).
pub fn flags_that_differ<'a>(now: &'a str, then: &str) -> Vec<(&'a str, &'a str)> {
    let then = words(then);
    now.split(',')
        .map(str::trim)
        .filter(|pair| !then.contains(&pair.to_ascii_lowercase()))
        .filter_map(|pair| pair.split_once('='))
        .collect()
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(',')
        .map(|word| word.trim().to_ascii_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Bytes in the largest binary unit that keeps the figure short.
pub fn size(bytes: f64) -> String {
    const UNITS: [&str; 6] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let mut figure = bytes;
    let mut unit = "bytes";
    for larger in UNITS {
        unit = larger;
        if figure < 1024.0 {
            break;
        }
        if larger != "PiB" {
            figure /= 1024.0;
        }
    }
    format!("{} {unit}", trimmed((figure * 10.0).round() / 10.0))
}

fn trimmed(figure: f64) -> String {
    let text = format!("{figure:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_many_spellings() {
        assert!(Kind::Switch.same("ON", "1"));
        assert!(Kind::Seconds.same("10.000000", "10"));
        assert!(Kind::Word.same("repeatable-read", "REPEATABLE-READ"));
        assert!(Kind::Words.same(
            "STRICT_TRANS_TABLES,NO_ZERO_DATE",
            "NO_ZERO_DATE,STRICT_TRANS_TABLES"
        ));
        assert!(!Kind::Count.same("1", "2"));
        assert!(!Kind::Switch.same("ON", "DETECT_ONLY"));
    }

    #[test]
    fn flags_are_told_one_by_one() {
        let then = "index_merge=on,mrr=on,mrr_cost_based=on";
        let now = "mrr_cost_based=on,index_merge=off,mrr=on";
        assert_eq!(flags_that_differ(now, then), [("index_merge", "off")]);
        assert!(flags_that_differ(then, then).is_empty());
    }

    #[test]
    fn values_are_written_as_people_write_them() {
        assert_eq!(Kind::Bytes.written("134217728"), "128 MiB");
        assert_eq!(Kind::Bytes.written("999424"), "976 KiB");
        assert_eq!(Kind::Bytes.written("12"), "12 bytes");
        assert_eq!(Kind::Seconds.written("2.500000"), "2.5 s");
        assert_eq!(
            Kind::Count.written("18446744073709551615"),
            "18446744073709551616"
        );
        assert_eq!(Kind::Word.written("ROW"), "ROW");
    }
}
