//! The times in a slow log. Pure.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::lines::whole;

/// When an entry was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// Microseconds since 1970 UTC.
    Utc(i64),
    /// Seconds since 1970 as if the local time were UTC.
    Local(i64),
}

/// `2026-11-23T07:15:46.552032Z`, the same with an offset, or `261123  7:20:11` in local time.
pub(crate) fn stamp(text: &[u8]) -> Option<Stamp> {
    let text = text.trim_ascii();
    if text.get(10) == Some(&b'T') {
        return quick_utc(text).or_else(|| zoned(text)).map(Stamp::Utc);
    }
    local(text).map(Stamp::Local)
}

fn zoned(text: &[u8]) -> Option<i64> {
    let timestamp: Timestamp = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(timestamp.as_microsecond())
}

/// The shape every `MySQL` since 5.7 writes by default; anything else takes the longer way.
fn quick_utc(text: &[u8]) -> Option<i64> {
    let text: &[u8; 27] = text.try_into().ok()?;
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        o1,
        o2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        m1,
        m2,
        b':',
        s1,
        s2,
        b'.',
        f @ ..,
        b'Z',
    ] = text
    else {
        return None;
    };
    let two = |tens: &u8, ones: &u8| Some(digit(*tens)? * 10 + digit(*ones)?);
    let year = i16::from(two(y1, y2)?) * 100 + i16::from(two(y3, y4)?);
    let (month, day) = (two(o1, o2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
    let micros = i64::try_from(whole(f)?).ok()?;
    let seconds = utc(year, month, day, [hour, minute, second])?;
    Some(seconds * 1_000_000 + micros)
}

fn digit(byte: u8) -> Option<i8> {
    let digit = byte.wrapping_sub(b'0');
    if digit > 9 {
        return None;
    }
    i8::try_from(digit).ok()
}

/// Seconds since 1970 of a moment of UTC.
fn utc(year: i16, month: i8, day: i8, [hour, minute, second]: [i8; 3]) -> Option<i64> {
    let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    Some(Offset::UTC.to_timestamp(civil).ok()?.as_second())
}

/// `YYMMDD  h:mm:ss`; two digits of a year are of this century.
fn local(text: &[u8]) -> Option<i64> {
    let (date, clock) = text.split_at_checked(6)?;
    let number = i64::try_from(whole(date)?).ok()?;
    let mut parts = clock.trim_ascii().split(|byte| *byte == b':');
    let mut next = || i8::try_from(whole(parts.next()?.trim_ascii())?).ok();
    let (hour, minute, second) = (next()?, next()?, next()?);
    let part = |number: i64| i8::try_from(number % 100).ok();
    let year = 2000 + i16::from(part(number / 10_000)?);
    utc(
        year,
        part(number / 100)?,
        part(number)?,
        [hour, minute, second],
    )
}

/// The seconds since 1970 of `SET timestamp=1795416500;`, which may follow other assignments, as in
/// `SET last_insert_id=1,insert_id=2,timestamp=1795416500;`.
pub(crate) fn set_timestamp(line: &[u8]) -> Option<i64> {
    let text = line.strip_prefix(b"SET ")?;
    let text = if let Some(text) = text.strip_prefix(b"timestamp=") {
        text
    } else {
        let at = memchr::memmem::find(text, b",timestamp=")?;
        text.get(at + b",timestamp=".len()..)?
    };
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    i64::try_from(whole(text.get(..end)?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_a_zone_are_utc_and_old_ones_local() {
        let utc = 1_795_418_146_552_032;
        assert_eq!(stamp(b"2026-11-23T07:15:46.552032Z"), Some(Stamp::Utc(utc)));
        assert_eq!(
            stamp(b"2026-11-23T09:15:46.552032+02:00"),
            Some(Stamp::Utc(utc))
        );
        assert_eq!(stamp(b"261123  7:15:46"), Some(Stamp::Local(1_795_418_146)));
        assert_eq!(stamp(b"071002 15:10:10"), Some(Stamp::Local(1_191_337_810)));
        for wrong in ["", "soon", "2026-13-23T07:15:46.552032Z", "261323  7:15:46"] {
            assert_eq!(stamp(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn the_quick_way_agrees_with_the_calendar() {
        for year in [1970_i64, 1999, 2000, 2024, 2026, 2100] {
            for (month, day) in [(1, 1), (2, 28), (3, 1), (12, 31)] {
                let text = format!("{year:04}-{month:02}-{day:02}T23:59:59.000001Z");
                assert_eq!(quick_utc(text.as_bytes()), zoned(text.as_bytes()), "{text}");
            }
        }
    }

    #[test]
    fn the_start_stands_among_other_assignments() {
        assert_eq!(
            set_timestamp(b"SET timestamp=1795416500;"),
            Some(1_795_416_500)
        );
        let line = b"SET last_insert_id=34,insert_id=34,timestamp=1190000000;";
        assert_eq!(set_timestamp(line), Some(1_190_000_000));
        assert_eq!(set_timestamp(b"SET NAMES utf8mb4;"), None);
    }
}
