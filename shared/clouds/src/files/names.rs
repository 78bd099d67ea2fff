//! Which names of a folder belong to a log, and what their numbers say is missing.

use std::cmp::Ordering;

use jiff::civil::Date;

/// What the inventory asks for in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A file and what it was rotated to.
    Rotated(String),
    /// What matches a pattern of `*` and `?`.
    Matching(String),
}

/// A place in a sequence of rotated files that has one file for every number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// `.1`, `.2`, ...: the higher, the older.
    Numbered(u64),
    /// `.2026-11-22.13`: hours since 1970.
    Hourly(u64),
    /// The file that is written now.
    Current,
}

impl Place {
    /// Which of two comes first; none for places of different sequences.
    pub(super) fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Numbered(one), Self::Numbered(other)) => Some(other.cmp(&one)),
            (Self::Hourly(one), Self::Hourly(other)) => Some(one.cmp(&other)),
            (Self::Current, Self::Current) => Some(Ordering::Equal),
            (Self::Current, _) => Some(Ordering::Greater),
            (_, Self::Current) => Some(Ordering::Less),
            _ => None,
        }
    }
}

impl Wanted {
    /// By the last part of a path.
    pub(super) fn of(name: &str) -> Self {
        if name.contains(['*', '?']) {
            Self::Matching(name.to_owned())
        } else {
            Self::Rotated(name.to_owned())
        }
    }

    /// Whether a file of this name belongs to the log.
    pub(super) fn takes(&self, name: &str) -> bool {
        match self {
            Self::Rotated(base) => rotation(base, name).is_some(),
            Self::Matching(pattern) => matches(pattern.as_bytes(), name.as_bytes()),
        }
    }

    /// Its place in a sequence without holes.
    pub(super) fn place(&self, name: &str) -> Option<Place> {
        let Self::Rotated(base) = self else {
            return None;
        };
        let rest = rotation(base, name)?;
        if rest.is_empty() {
            return Some(Place::Current);
        }
        let rest = rest.strip_prefix('.')?;
        if let Some((date, hour)) = rest.split_once('.') {
            let (date, hour): (Date, u64) = (date.parse().ok()?, hour.parse().ok()?);
            let days = date.duration_since(Date::constant(1970, 1, 1)).as_hours();
            return Some(Place::Hourly(u64::try_from(days).ok()? + hour));
        }
        rest.parse().ok().map(Place::Numbered)
    }
}

/// What a rotation put into the name `base`: nothing, `.1`, `-20261122`, `.2026-11-22.13`, `.old`.
fn rotation<'n>(base: &str, name: &'n str) -> Option<&'n str> {
    if name == base {
        return Some("");
    }
    let name = [".gz", ".zst", ".bz2"]
        .iter()
        .find_map(|packed| name.strip_suffix(packed))
        .unwrap_or(name);
    let after = name.strip_prefix(base).filter(|rest| is_rotation(rest));
    after.or_else(|| {
        // `slow.log` becomes `slow-20261122.log` where the ending is kept.
        let (stem, ending) = base.rsplit_once('.')?;
        let between = name
            .strip_prefix(stem)?
            .strip_suffix(ending)?
            .strip_suffix('.')?;
        is_rotation(between).then_some(between)
    })
}

fn is_rotation(text: &str) -> bool {
    if text.is_empty() || matches!(text, ".old" | "-old") {
        return true;
    }
    text.starts_with(['.', '-', '_'])
        && text.contains(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | 'T'))
}

/// `*` stands for any characters, `?` for one. Linear: on a mismatch only the last `*` is tried again.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let mut again = None;
    while seen < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                again = Some((at, seen));
                at += 1;
            }
            Some(wanted) if *wanted == b'?' || name.get(seen) == Some(wanted) => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((star, from)) = again else {
                    return false;
                };
                again = Some((star, from + 1));
                (at, seen) = (star + 1, from + 1);
            }
        }
    }
    let rest = pattern.get(at..).unwrap_or_default();
    rest.iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_brings_what_it_was_rotated_to() {
        let wanted = Wanted::of("mysql-slow.log");
        for name in [
            "mysql-slow.log",
            "mysql-slow.log.1",
            "mysql-slow.log.2.gz",
            "mysql-slow.log-20261122.zst",
            "mysql-slow.log-20261122-1795416500.bz2",
            "mysql-slow.log.2026-11-22.13",
            "mysql-slow-20261122.log.gz",
            "mysql-slow.log.old",
            "mysql-slow.log-old",
        ] {
            assert!(wanted.takes(name), "{name}");
        }
        for name in [
            "mysql-slow.log.swp",
            "mysql-slow.logs",
            "mysql-slow.log.1.tmp",
            "mysql-slow.log~",
            "mysql-slow2.log",
            "mysql-slow.log.-",
            "error.log",
            "xmysql-slow.log",
        ] {
            assert!(!wanted.takes(name), "{name}");
        }
    }

    #[test]
    fn a_file_that_is_compressed_itself_can_be_named() {
        assert!(Wanted::of("slow.log.1.gz").takes("slow.log.1.gz"));
        assert!(!Wanted::of("slow.log.1.gz").takes("slow.log.1"));
    }

    #[test]
    fn a_pattern_takes_what_it_matches() {
        let takes = |pattern: &str, name: &str| Wanted::of(pattern).takes(name);
        assert!(takes("*slow*.log", "db1-slow-a.log") && takes("db?.log", "db1.log"));
        assert!(!takes("db?.log", "db12.log") && !takes("*slow*.log", "db1-slow.log.gz"));
        assert!(takes("a*b*c", "aXbXbYc") && !takes("a*b*c", "aXbXbY"));
        assert!(!takes("*a*a*a*a*a*a*a*a*b", &"a".repeat(200)));
    }

    #[test]
    fn numbers_and_hours_are_sequences_and_days_are_not() {
        let place = |name: &str| Wanted::of("slow.log").place(name);
        assert_eq!(place("slow.log.12.gz"), Some(Place::Numbered(12)));
        assert_eq!(place("slow.log"), Some(Place::Current));
        assert_eq!(place("slow.log-20261122"), None);
        let (one, two) = (
            place("slow.log.2026-11-22.23"),
            place("slow.log.2026-11-23.00"),
        );
        let (Some(Place::Hourly(one)), Some(Place::Hourly(two))) = (one, two) else {
            panic!("hours expected");
        };
        assert_eq!(one + 1, two);
    }
}
