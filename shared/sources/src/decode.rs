//! A serde deserializer over one row: a map from column name to value, lenient about numbers that
//! arrive as text.

use serde::de::value::{Error, StrDeserializer};
use serde::de::{self, Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use crate::Value;

/// One row, seen as a map.
pub(crate) struct RowDeserializer<'de> {
    columns: &'de [String],
    values: &'de [Value],
}

impl<'de> RowDeserializer<'de> {
    pub(crate) fn new(columns: &'de [String], values: &'de [Value]) -> Self {
        Self { columns, values }
    }
}

impl<'de> Deserializer<'de> for RowDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

impl<'de> MapAccess<'de> for RowDeserializer<'de> {
    type Error = Error;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((name, rest)) = self.columns.split_first() else {
            return Ok(None);
        };
        self.columns = rest;
        let name: StrDeserializer<'de, Error> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (value, rest) = self
            .values
            .split_first()
            .ok_or_else(|| Error::custom("row is shorter than its columns"))?;
        self.values = rest;
        seed.deserialize(ValueDeserializer(value))
    }
}

struct ValueDeserializer<'de>(&'de Value);

macro_rules! lenient_number {
    ($($method:ident $visit:ident $number:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0 {
                Value::Text(text) => match text.trim().parse::<$number>() {
                    Ok(number) => visitor.$visit(number),
                    Err(_) => self.deserialize_any(visitor),
                },
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for ValueDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            Value::UInt(number) => visitor.visit_u64(*number),
            Value::Int(number) => visitor.visit_i64(*number),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Text(text) => visitor.visit_borrowed_str(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// `YES`/`NO`, `ON`/`OFF` and 0/1, as the various tables spell a truth value.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::UInt(number) => visitor.visit_bool(*number != 0),
            Value::Text(text) => match text.to_ascii_uppercase().as_str() {
                "YES" | "ON" | "1" | "TRUE" => visitor.visit_bool(true),
                "NO" | "OFF" | "0" | "FALSE" | "" => visitor.visit_bool(false),
                _ => self.deserialize_any(visitor),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    /// Numbers are shown as text where `T` wants text: an id is 64-bit here and text there.
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::UInt(number) => visitor.visit_string(number.to_string()),
            Value::Int(number) => visitor.visit_string(number.to_string()),
            Value::Float(number) => visitor.visit_string(number.to_string()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Text(text) => {
                let text: StrDeserializer<'de, Error> = text.as_str().into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            _ => Err(Error::custom("expected text")),
        }
    }

    lenient_number! {
        deserialize_i8 visit_i64 i64;
        deserialize_i16 visit_i64 i64;
        deserialize_i32 visit_i64 i64;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u64 u64;
        deserialize_u16 visit_u64 u64;
        deserialize_u32 visit_u64 u64;
        deserialize_u64 visit_u64 u64;
        deserialize_f32 visit_f64 f64;
        deserialize_f64 visit_f64 f64;
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        trx_id: String,
        rows_locked: u64,
        age_s: f64,
        query: Option<String>,
        is_read_only: bool,
    }

    fn decode(values: &[Value]) -> Result<Row, Error> {
        let columns: Vec<String> = [
            "trx_id",
            "rows_locked",
            "extra",
            "age_s",
            "query",
            "is_read_only",
        ]
        .map(String::from)
        .into();
        Row::deserialize(RowDeserializer::new(&columns, values))
    }

    #[test]
    fn numbers_sent_as_text_and_text_sent_as_numbers_are_read() {
        let row = decode(&[
            Value::UInt(8606),
            "17".into(),
            Value::Null,
            "1.5".into(),
            Value::Null,
            "YES".into(),
        ]);
        let expected = Row {
            trx_id: "8606".into(),
            rows_locked: 17,
            age_s: 1.5,
            query: None,
            is_read_only: true,
        };
        assert_eq!(row.unwrap(), expected);
    }

    #[test]
    fn a_value_of_another_type_is_an_error_not_a_zero() {
        let row = decode(&[
            "a".into(),
            "many".into(),
            Value::Null,
            Value::UInt(1),
            Value::Null,
            Value::UInt(0),
        ]);
        assert!(row.unwrap_err().to_string().contains("many"));
    }
}
