//! Values, written by us: the parser's own way of writing a text does not escape a backslash.

use sqlparser::ast::{Expr, Ident, Value};

use crate::Refused;
use crate::writer::Writer;

impl Writer<'_> {
    pub(crate) fn value(&mut self, value: &Value) -> Result<(), Refused> {
        match value {
            Value::Number(digits, false) if is_number(digits) => {
                self.push(digits);
                Ok(())
            }
            Value::SingleQuotedString(text)
            | Value::DoubleQuotedString(text)
            | Value::NationalStringLiteral(text) => {
                self.text(text);
                Ok(())
            }
            Value::HexStringLiteral(digits) if is_hex(digits) => {
                self.push("X'");
                if digits.len() % 2 == 1 {
                    self.push("0");
                }
                self.push(digits);
                self.push("'");
                Ok(())
            }
            Value::SingleQuotedByteStringLiteral(bits)
                if bits.bytes().all(|b| b == b'0' || b == b'1') =>
            {
                self.push("B'");
                self.push(bits);
                self.push("'");
                Ok(())
            }
            Value::Boolean(true) => {
                self.push("TRUE");
                Ok(())
            }
            Value::Boolean(false) => {
                self.push("FALSE");
                Ok(())
            }
            Value::Null => {
                self.push("NULL");
                Ok(())
            }
            Value::Placeholder(_) => Err(Refused::Placeholder),
            _ => Err(Refused::construct("a value of this form")),
        }
    }

    /// A text in single quotes, for a session whose `sql_mode` lets a backslash escape.
    pub(crate) fn text(&mut self, text: &str) {
        self.push("'");
        for c in text.chars() {
            match c {
                '\'' => self.push("''"),
                '\\' => self.push("\\\\"),
                '\0' => self.push("\\0"),
                '\n' => self.push("\\n"),
                '\r' => self.push("\\r"),
                '\u{1a}' => self.push("\\Z"),
                c => self.out.push(c),
            }
        }
        self.push("'");
    }

    /// `_utf8mb4'...'`
    pub(crate) fn prefixed(&mut self, prefix: &Ident, value: &Expr) -> Result<(), Refused> {
        let Expr::Value(value) = value else {
            return Err(Refused::construct(
                "a character set before something else than a text",
            ));
        };
        if prefix.quote_style.is_some() || !is_charset_prefix(&prefix.value) {
            return Err(Refused::construct("this prefix of a value"));
        }
        self.push(&prefix.value.to_ascii_lowercase());
        self.push(" ");
        self.value(&value.value)
    }
}

fn is_number(digits: &str) -> bool {
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'))
}

fn is_hex(digits: &str) -> bool {
    digits.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_charset_prefix(prefix: &str) -> bool {
    let sets = [
        "_utf8mb4", "_utf8mb3", "_utf8", "_latin1", "_ascii", "_binary",
    ];
    sets.iter().any(|set| set.eq_ignore_ascii_case(prefix))
}
