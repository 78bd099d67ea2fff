//! Names of the objects a sink writes: `LOG/YYYY/MM/DD/HH:00:00_HH:59:59_S0.json`, and
//! `..._A0:UNIX.json` for entries that came late. Hours are of UTC.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storex_sources::LogKind;

const HOUR: i64 = 3600;

/// An hour of UTC, counted from 1970 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hour(i64);

/// Where an object stands among those of its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) hour: Hour,
    /// Entries that came late stand in shards of their own.
    late: bool,
    shard: u32,
    /// When a late shard was begun, in seconds since 1970.
    at: u64,
}

impl Hour {
    pub(super) fn of(time: Timestamp) -> Self {
        Self(time.as_second().div_euclid(HOUR))
    }

    pub(super) fn back(self, hours: i64) -> Self {
        Self(self.0 - hours)
    }

    pub(super) fn begins(self) -> Timestamp {
        Timestamp::from_second(self.0.saturating_mul(HOUR)).unwrap_or(Timestamp::MIN)
    }

    /// Its last moment.
    pub(super) fn ends(self) -> Timestamp {
        self.begins() + SignedDuration::new(HOUR - 1, 999_999_999)
    }

    /// `YYYY/MM/DD/HH`: the names of objects of this hour and later ones are this or after it.
    fn path(self) -> String {
        let time = self.begins().to_zoned(TimeZone::UTC);
        let (year, month, day, hour) = (time.year(), time.month(), time.day(), time.hour());
        format!("{year:04}/{month:02}/{day:02}/{hour:02}")
    }
}

/// What the names of a log's objects begin with.
pub(super) fn prefix(kind: LogKind) -> &'static str {
    match kind {
        LogKind::Slow => "cloudsql.googleapis.com/mysql-slow.log/",
        LogKind::Error => "cloudsql.googleapis.com/mysql.err/",
    }
}

/// The first name an object of this hour or a later one may have.
pub(super) fn first(kind: LogKind, hour: Hour) -> String {
    format!("{}{}", prefix(kind), hour.path())
}

/// Where an object of that name stands; `None` where the name is none that a sink writes.
pub(super) fn place(kind: LogKind, name: &str) -> Option<Place> {
    let path = name.strip_prefix(prefix(kind))?;
    let mut parts = path.split('/');
    let mut next = || parts.next();
    let (year, month, day, last) = (next()?, next()?, next()?, next()?);
    if next().is_some() {
        return None;
    }
    let (hours, shard) = last.strip_suffix(".json")?.rsplit_once('_')?;
    let (from, to) = hours.split_once('_')?;
    let hour = from.strip_suffix(":00:00")?;
    if to.strip_suffix(":59:59") != Some(hour) {
        return None;
    }
    let day = Date::new(number(year)?, number(month)?, number(day)?).ok()?;
    let begins = day.to_datetime(Time::new(number(hour)?, 0, 0, 0).ok()?);
    let begins = begins.to_zoned(TimeZone::UTC).ok()?;
    let late = shard.starts_with('A');
    let shard = shard.strip_prefix(['S', 'A'])?;
    let (shard, at) = match shard.split_once(':') {
        Some((shard, at)) => (shard, number(at)?),
        None => (shard, 0),
    };
    Some(Place {
        hour: Hour::of(begins.timestamp()),
        late,
        shard: number(shard)?,
        at,
    })
}

/// Digits only: `parse` alone would take a sign.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(rest: &str) -> Option<Place> {
        place(LogKind::Slow, &format!("{}{rest}", prefix(LogKind::Slow)))
    }

    #[test]
    fn a_name_tells_its_hour() {
        let place = slow("2026/11/23/08:00:00_08:59:59_S0.json").unwrap();
        assert_eq!(place.hour.begins().to_string(), "2026-11-23T08:00:00Z");
        let ends = place.hour.ends().to_string();
        assert_eq!(ends, "2026-11-23T08:59:59.999999999Z");
        let name = format!(
            "{}2026/11/23/08:00:00_08:59:59_S0.json",
            prefix(LogKind::Slow)
        );
        assert!(name.starts_with(&first(LogKind::Slow, place.hour)));
    }

    #[test]
    fn late_shards_come_after_those_of_their_hour_and_before_the_next() {
        let names = [
            "2026/11/23/08:00:00_08:59:59_S0.json",
            "2026/11/23/08:00:00_08:59:59_S1.json",
            "2026/11/23/08:00:00_08:59:59_S10.json",
            "2026/11/23/08:00:00_08:59:59_A0.json",
            "2026/11/23/08:00:00_08:59:59_A0:1795420000.json",
            "2026/11/23/08:00:00_08:59:59_A1:1795420000.json",
            "2026/11/23/09:00:00_09:59:59_S0.json",
            "2026/11/24/00:00:00_00:59:59_S0.json",
        ];
        let places: Vec<_> = names.iter().map(|name| slow(name).unwrap()).collect();
        assert!(places.is_sorted() && places.windows(2).all(|two| two[0] != two[1]));
    }

    #[test]
    fn what_no_sink_writes_has_no_place() {
        for name in [
            "",
            "2026/11/23/08:00:00_08:59:59.json",
            "2026/11/23/08:00:00_08:59:59_S0.csv",
            "2026/11/23/08:00:00_09:59:59_S0.json",
            "2026/11/23/08:00:00_08:59:59_B0.json",
            "2026/11/23/08:00:00_08:59:59_S.json",
            "2026/11/23/08:00:00_08:59:59_S+1.json",
            "2026/11/23/24:00:00_24:59:59_S0.json",
            "2026/13/23/08:00:00_08:59:59_S0.json",
            "2026/11/23/x/08:00:00_08:59:59_S0.json",
        ] {
            assert_eq!(slow(name), None, "{name}");
        }
        let error = "cloudsql.googleapis.com/mysql.err/2026/11/23/08:00:00_08:59:59_S0.json";
        assert_eq!(place(LogKind::Slow, error), None);
        assert!(place(LogKind::Error, error).is_some());
    }
}
