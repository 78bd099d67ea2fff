//! How much room an automatically counted column has left.
//!
//! Sources: MySQL Reference Manual, "Integer Types", "`AUTO_INCREMENT` Handling in InnoDB" (at its
//! maximum every insert fails with a duplicate key), "The `schema_auto_increment_columns` View".

use storex_tool::{Confidence, Finding, Severity, Untrusted};

use super::RUNBOOK;
use super::column::Column;
use super::name::TableName;

const HIGH: f64 = 0.8;
const CRITICAL: f64 = 0.95;
/// Fewer than these within a window say nothing about a day.
const INSERTS_THAT_TELL: u64 = 10;
/// Younger tables have no usual day.
const DAY_S: i64 = 86_400;

/// The state of a counter.
#[derive(Debug, Clone, PartialEq)]
pub struct Room {
    /// The column.
    pub column: String,
    /// Its type.
    pub column_type: String,
    /// What the next row gets.
    pub next: u64,
    /// The type's largest value.
    pub max: u64,
    /// Share of the values used up.
    pub used_ratio: f64,
    /// Days until the last, at the pace measured.
    pub days_left: Option<f64>,
    /// What the pace was measured over.
    pub pace: Option<&'static str>,
}

/// How the counter moves.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pace {
    /// What the next row got in an earlier sample, and how long ago that was.
    pub earlier: Option<(u64, f64)>,
    /// Since the table was made or last redefined.
    pub created_age_s: Option<i64>,
}

/// The largest value of an integer type.
pub fn max_of(column: &Column) -> Option<u64> {
    let signed = match column.data_type.as_str() {
        "tinyint" => 127,
        "smallint" => 32_767,
        "mediumint" => 8_388_607,
        "int" => 2_147_483_647,
        "bigint" => 9_223_372_036_854_775_807,
        _ => return None,
    };
    Some(if column.is_unsigned() {
        signed * 2 + 1
    } else {
        signed
    })
}

/// The state of the table's counter, if it has one.
pub fn room(columns: &[Column], next: Option<u64>, pace: Pace) -> Option<Room> {
    let column = columns.iter().find(|column| column.is_auto_increment())?;
    let (max, next) = (max_of(column)?, next?);
    let used = next.saturating_sub(1).min(max);
    let left = (max - used) as f64;
    let per_s = per_s(next, pace);
    Some(Room {
        column: column.name.clone(),
        column_type: column.column_type.clone().unwrap_or_default(),
        next,
        max,
        used_ratio: used as f64 / max as f64,
        days_left: per_s.map(|(per_s, _)| left / per_s / DAY_S as f64),
        pace: per_s.map(|(_, pace)| pace),
    })
}

fn per_s(next: u64, pace: Pace) -> Option<(f64, &'static str)> {
    if let Some((earlier, seconds)) = pace.earlier
        && let Some(grown) = next.checked_sub(earlier)
        && grown >= INSERTS_THAT_TELL
        && seconds > 0.0
    {
        return Some((grown as f64 / seconds, "now"));
    }
    let age_s = pace.created_age_s.filter(|age| *age >= DAY_S)?;
    (next > 1).then_some((
        next as f64 / age_s as f64,
        "since the definition last changed",
    ))
}

/// Tells a counter that is nearly used up.
pub fn finding(table: &TableName, room: &Room, increment: u64) -> Option<Finding> {
    if room.used_ratio < HIGH {
        return None;
    }
    let severity = if room.used_ratio >= CRITICAL {
        Severity::Critical
    } else {
        Severity::Warning
    };
    let days = match room.days_left {
        Some(days) if days < 3_650.0 => format!(", about {days:.1} days left at the pace measured"),
        _ => String::new(),
    };
    let steps = if increment > 1 {
        format!(" (counting in steps of {increment})")
    } else {
        String::new()
    };
    let statement = format!(
        "{}.{} has used {:.1} % of its values{steps}: the next is {}, the last {}{days}; after that \
         every insert fails",
        table.shown(),
        Untrusted::name(&room.column),
        room.used_ratio * 100.0,
        room.next,
        room.max,
    );
    let wider = if room.column_type.contains("bigint") {
        "a new table with a smaller range in use: BIGINT UNSIGNED is the widest there is".to_owned()
    } else {
        format!(
            "ALTER TABLE {} MODIFY {} BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, with an online tool on a \
             large table; columns that refer to it first",
            table.shown(),
            Untrusted::name(&room.column)
        )
    };
    Some(
        Finding::new(
            "auto_increment_nearly_used_up",
            severity,
            Confidence::Certain,
            statement,
        )
        .against(
            "next_auto_increment",
            room.next,
            room.max,
            "",
            "information_schema.TABLES",
        )
        .remedy(
            wider,
            "safe as to data; clients that keep the value in 32 bits must change too",
            "copies the table and blocks writes meanwhile",
            RUNBOOK,
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::super::column::samples::column;
    use super::*;

    fn counted(column_type: &str, next: u64, pace: Pace) -> Room {
        let id = Column {
            extra: Some("auto_increment".into()),
            ..column("id", column_type)
        };
        room(&[id], Some(next), pace).unwrap()
    }

    fn severity(column_type: &str, next: u64) -> Option<Severity> {
        let table = TableName::of(None, "shop.t").unwrap();
        let room = counted(column_type, next, Pace::default());
        finding(&table, &room, 1).map(|finding| finding.severity)
    }

    #[test]
    fn room_is_measured_against_the_type_and_its_sign() {
        assert_eq!(severity("tinyint", 124), Some(Severity::Critical));
        assert_eq!(severity("tinyint unsigned", 124), None);
        assert_eq!(severity("int", 1_800_000_000), Some(Severity::Warning));
        assert_eq!(severity("int(10) unsigned", 1_800_000_000), None);
        assert_eq!(severity("bigint", 1 << 40), None);
        assert_eq!(
            severity("bigint unsigned", u64::MAX),
            Some(Severity::Critical)
        );
    }

    #[test]
    fn days_are_told_from_what_was_measured_and_from_nothing_else() {
        let none = counted("int", 2_000_000_000, Pace::default());
        assert_eq!((none.days_left, none.pace), (None, None));
        let now = Pace {
            earlier: Some((2_000_000_000 - 20, 2.0)),
            created_age_s: Some(DAY_S),
        };
        let room = counted("int", 2_000_000_000, now);
        assert_eq!(room.pace, Some("now"));
        assert!((room.days_left.unwrap() - 170.5).abs() < 1.0, "{room:?}");
        let backwards = Pace {
            earlier: Some((2_000_000_001, 2.0)),
            created_age_s: None,
        };
        assert_eq!(counted("int", 5, backwards).days_left, None);
    }

    #[test]
    fn a_table_without_a_counter_has_no_room_to_tell() {
        assert_eq!(room(&[column("a", "int")], Some(5), Pace::default()), None);
    }
}
