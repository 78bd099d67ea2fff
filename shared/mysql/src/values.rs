//! The driver's values as [`Value`]: numbers by column type, dates and decimals exactly as the
//! server prints them.

use mysql_async::consts::ColumnType;
use mysql_async::{Column, Value as Raw};
use storex_sources::Value;

/// Converts one value of `column`. Text beyond `max_bytes` is cut; the second part tells.
pub(crate) fn convert(raw: Raw, column: &Column, max_bytes: usize) -> (Value, bool) {
    let whole = |value| (value, false);
    match raw {
        Raw::NULL => whole(Value::Null),
        Raw::Bytes(bytes) => from_bytes(bytes, column.column_type(), max_bytes),
        Raw::UInt(number) => whole(Value::UInt(number)),
        Raw::Int(number) => whole(integer(number)),
        // Through its shortest text: 1.1f32 is 1.1 to its reader, not 1.10000002384.
        Raw::Float(number) => whole(Value::Float(
            number
                .to_string()
                .parse()
                .unwrap_or_else(|_| f64::from(number)),
        )),
        Raw::Double(number) => whole(Value::Float(number)),
        raw => whole(Value::Text(date_or_time(&raw, column))),
    }
}

/// A parameter in the driver's terms.
pub(crate) fn parameter(value: &Value) -> Raw {
    match value {
        Value::Null => Raw::NULL,
        Value::UInt(number) => Raw::UInt(*number),
        Value::Int(number) => Raw::Int(*number),
        Value::Float(number) => Raw::Double(*number),
        Value::Text(text) => Raw::Bytes(text.clone().into_bytes()),
    }
}

fn from_bytes(bytes: Vec<u8>, kind: ColumnType, max_bytes: usize) -> (Value, bool) {
    use ColumnType as T;
    if kind == T::MYSQL_TYPE_BIT && bytes.len() <= 8 {
        let number = bytes
            .iter()
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        return (Value::UInt(number), false);
    }
    let (text, cut) = text(bytes, max_bytes);
    let number = match kind {
        T::MYSQL_TYPE_TINY
        | T::MYSQL_TYPE_SHORT
        | T::MYSQL_TYPE_INT24
        | T::MYSQL_TYPE_LONG
        | T::MYSQL_TYPE_LONGLONG
        | T::MYSQL_TYPE_YEAR => text
            .parse()
            .map(Value::UInt)
            .or_else(|_| text.parse().map(Value::Int))
            .ok(),
        T::MYSQL_TYPE_FLOAT | T::MYSQL_TYPE_DOUBLE => text.parse().map(Value::Float).ok(),
        _ => None,
    };
    (number.unwrap_or(Value::Text(text)), cut)
}

fn integer(number: i64) -> Value {
    u64::try_from(number).map_or(Value::Int(number), Value::UInt)
}

/// UTF-8, with anything else replaced, cut at a character's end.
fn text(mut bytes: Vec<u8>, max_bytes: usize) -> (String, bool) {
    let cut = bytes.len() > max_bytes;
    bytes.truncate(max_bytes);
    if cut
        && let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    (text, cut)
}

/// Dates and times of the binary protocol, as the text protocol prints them.
fn date_or_time(raw: &Raw, column: &Column) -> String {
    let fraction = |micros: u32| match usize::from(column.decimals()) {
        digits @ 1..=6 => {
            let all = format!("{micros:06}");
            format!(".{}", all.get(..digits).unwrap_or(&all))
        }
        _ => String::new(),
    };
    match *raw {
        Raw::Date(year, month, day, hour, minute, second, micros) => {
            let date = format!("{year:04}-{month:02}-{day:02}");
            if column.column_type() == ColumnType::MYSQL_TYPE_DATE {
                return date;
            }
            format!(
                "{date} {hour:02}:{minute:02}:{second:02}{}",
                fraction(micros)
            )
        }
        Raw::Time(negative, days, hours, minutes, seconds, micros) => {
            let sign = if negative { "-" } else { "" };
            let hours = u64::from(days) * 24 + u64::from(hours);
            format!(
                "{sign}{hours:02}:{minutes:02}:{seconds:02}{}",
                fraction(micros)
            )
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: ColumnType) -> Column {
        Column::new(kind)
    }

    fn read(kind: ColumnType, bytes: &[u8]) -> Value {
        convert(Raw::Bytes(bytes.to_vec()), &column(kind), 1024).0
    }

    #[test]
    fn the_text_protocol_is_read_by_column_type() {
        use ColumnType as T;
        assert_eq!(
            read(T::MYSQL_TYPE_LONGLONG, b"18446744073709551615"),
            Value::UInt(u64::MAX)
        );
        assert_eq!(read(T::MYSQL_TYPE_LONG, b"-5"), Value::Int(-5));
        assert_eq!(read(T::MYSQL_TYPE_DOUBLE, b"1.5e3"), Value::Float(1500.0));
        assert_eq!(
            read(T::MYSQL_TYPE_NEWDECIMAL, b"1.50"),
            Value::Text("1.50".into())
        );
        assert_eq!(
            read(T::MYSQL_TYPE_VAR_STRING, b"17"),
            Value::Text("17".into())
        );
        assert_eq!(read(T::MYSQL_TYPE_BIT, &[1, 2]), Value::UInt(258));
        assert_eq!(
            read(T::MYSQL_TYPE_BLOB, b"a\xffb"),
            Value::Text("a\u{fffd}b".into())
        );
        let date = "2026-11-23 07:15:46.552032";
        assert_eq!(
            read(T::MYSQL_TYPE_DATETIME, date.as_bytes()),
            Value::Text(date.into())
        );
    }

    #[test]
    fn the_binary_protocol_prints_as_the_text_protocol_does() {
        use ColumnType as T;
        let read = |raw, kind, decimals| {
            let column = column(kind).with_decimals(decimals);
            convert(raw, &column, 1024).0
        };
        assert_eq!(read(Raw::Int(7), T::MYSQL_TYPE_LONG, 0), Value::UInt(7));
        assert_eq!(
            read(Raw::Float(1.1), T::MYSQL_TYPE_FLOAT, 31),
            Value::Float(1.1)
        );
        let date = Raw::Date(2026, 11, 3, 7, 5, 6, 120_000);
        assert_eq!(
            read(date.clone(), T::MYSQL_TYPE_DATE, 0),
            "2026-11-03".into()
        );
        assert_eq!(
            read(date.clone(), T::MYSQL_TYPE_DATETIME, 0),
            "2026-11-03 07:05:06".into()
        );
        assert_eq!(
            read(date, T::MYSQL_TYPE_TIMESTAMP, 3),
            "2026-11-03 07:05:06.120".into()
        );
        let time = Raw::Time(true, 34, 22, 59, 59, 0);
        assert_eq!(read(time, T::MYSQL_TYPE_TIME, 0), "-838:59:59".into());
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let raw = Raw::Bytes("aé".as_bytes().to_vec());
        let (value, cut) = convert(raw, &column(ColumnType::MYSQL_TYPE_BLOB), 2);
        assert_eq!((value, cut), ("a".into(), true));
    }
}
