//! Types of CAST and CONVERT, and units of time.

use sqlparser::ast::{
    BinaryLength, CharacterLength, DataType, DateTimeField, ExactNumberInfo, TimezoneInfo,
};

use crate::Refused;
use crate::writer::Writer;

/// Bytes a value may be padded to by a CAST.
const LONGEST: u64 = 10_000;

/// Units of time (MySQL Reference Manual, "Temporal Intervals").
const UNITS: [&str; 20] = [
    "MICROSECOND",
    "SECOND",
    "MINUTE",
    "HOUR",
    "DAY",
    "WEEK",
    "MONTH",
    "QUARTER",
    "YEAR",
    "SECOND_MICROSECOND",
    "MINUTE_MICROSECOND",
    "MINUTE_SECOND",
    "HOUR_MICROSECOND",
    "HOUR_SECOND",
    "HOUR_MINUTE",
    "DAY_MICROSECOND",
    "DAY_SECOND",
    "DAY_MINUTE",
    "DAY_HOUR",
    "YEAR_MONTH",
];

/// The unit of that name.
pub(crate) fn unit(name: &str) -> Result<&'static str, Refused> {
    let known = UNITS.iter().find(|unit| unit.eq_ignore_ascii_case(name));
    known
        .copied()
        .ok_or(Refused::construct("this unit of time"))
}

impl Writer<'_> {
    pub(crate) fn unit(&mut self, field: &DateTimeField) -> Result<(), Refused> {
        let unit = unit(&field.to_string())?;
        self.push(unit);
        Ok(())
    }

    pub(crate) fn data_type(&mut self, data_type: &DataType) -> Result<(), Refused> {
        let (word, length) = match data_type {
            DataType::Binary(length) => ("BINARY", *length),
            DataType::Varbinary(Some(BinaryLength::IntegerLength { length })) => {
                ("BINARY", Some(*length))
            }
            DataType::Char(length) | DataType::Character(length) | DataType::Varchar(length) => {
                match length {
                    None => ("CHAR", None),
                    Some(CharacterLength::IntegerLength { length, unit: None }) => {
                        ("CHAR", Some(*length))
                    }
                    Some(_) => return Err(Refused::construct("this type of CAST")),
                }
            }
            DataType::Date => ("DATE", None),
            DataType::Datetime(precision) => ("DATETIME", *precision),
            DataType::Time(precision, TimezoneInfo::None) => ("TIME", *precision),
            DataType::Signed | DataType::SignedInteger => ("SIGNED", None),
            DataType::Unsigned | DataType::UnsignedInteger => ("UNSIGNED", None),
            DataType::JSON => ("JSON", None),
            DataType::Double(ExactNumberInfo::None) => ("DOUBLE", None),
            DataType::Float(ExactNumberInfo::None) => ("FLOAT", None),
            DataType::Decimal(info) => return self.decimal(info),
            _ => return Err(Refused::construct("this type of CAST")),
        };
        self.push(word);
        match length {
            Some(length) if length > LONGEST => {
                Err(Refused::construct("a CAST to so long a value"))
            }
            Some(length) => {
                self.push(&format!("({length})"));
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn decimal(&mut self, info: &ExactNumberInfo) -> Result<(), Refused> {
        match info {
            ExactNumberInfo::None => self.push("DECIMAL"),
            ExactNumberInfo::Precision(digits) => self.push(&format!("DECIMAL({digits})")),
            ExactNumberInfo::PrecisionAndScale(digits, scale) if *scale >= 0 => {
                self.push(&format!("DECIMAL({digits}, {scale})"));
            }
            ExactNumberInfo::PrecisionAndScale(..) => {
                return Err(Refused::construct("this type of CAST"));
            }
        }
        Ok(())
    }
}
