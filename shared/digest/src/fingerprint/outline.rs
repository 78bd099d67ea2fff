//! What of a statement decides its fingerprint, found in a fraction of the time.
//!
//! The outline is the statement with numbers written as `0`, strings as `''` and comments as `/**/`:
//! its tokens are those of the statement, so that statements of one outline have one fingerprint.
//! Whatever is not plainly one of these is left as it is, or the statement has no outline.

use super::lexer::is_word;

/// A longer outline is none: few statements would have the same.
const LONGEST: usize = 4 << 10;

/// Writes the outline of a statement into `out`; `None` where it has none.
pub(crate) fn outline(sql: &[u8], out: &mut Vec<u8>) -> Option<()> {
    out.clear();
    // Up to where the statement was written or left out.
    let mut done = 0;
    let mut at = 0;
    while let Some(found) = sql.get(at..)?.iter().position(|byte| is_special(*byte)) {
        at += found;
        let (end, stand_in): (usize, &[u8]) = match *sql.get(at)? {
            b'0'..=b'9' => match number(sql, at) {
                Number::Plain { end } => (end, b"0"),
                Number::Other { end } => {
                    at = end;
                    continue;
                }
            },
            quote @ (b'\'' | b'"') => string(sql, at, quote)?,
            b'/' if sql.get(at + 1) == Some(&b'*') => (comment(sql, at)?, b"/**/"),
            b'`' => {
                at += 2 + memchr::memchr(b'`', sql.get(at + 1..)?)?;
                continue;
            }
            b'-' if sql.get(at + 1) == Some(&b'-') => return None,
            b'#' => return None,
            _ => {
                at += 1;
                continue;
            }
        };
        out.extend_from_slice(sql.get(done..at)?);
        out.extend_from_slice(stand_in);
        (done, at) = (end, end);
        if out.len() > LONGEST {
            return None;
        }
    }
    out.extend_from_slice(sql.get(done..)?);
    (out.len() <= LONGEST).then_some(())
}

fn is_special(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'\'' | b'"' | b'`' | b'/' | b'-' | b'#')
}

/// What digits are.
enum Number {
    /// A number, with its decimals.
    Plain { end: usize },
    /// Part of a name, or of a number written in some other way.
    Other { end: usize },
}

fn number(sql: &[u8], start: usize) -> Number {
    let mut end = digits_end(sql, start + 1);
    let before = |back: usize| start.checked_sub(back).and_then(|at| sql.get(at)).copied();
    let is_part = match before(1) {
        // `1e-5`
        Some(b'+' | b'-') => matches!(before(2), Some(b'e' | b'E')),
        Some(byte) => byte == b'.' || is_word(byte),
        None => false,
    };
    if is_part {
        return Number::Other { end };
    }
    if sql.get(end) == Some(&b'.') {
        end = digits_end(sql, end + 1);
    }
    match sql.get(end) {
        Some(byte) if *byte == b'.' || is_word(*byte) => Number::Other { end },
        _ => Number::Plain { end },
    }
}

fn digits_end(sql: &[u8], start: usize) -> usize {
    let rest = sql.get(start..).unwrap_or_default();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
    start + digits.count()
}

/// Where a string ends, and what stands for it.
fn string(sql: &[u8], start: usize, quote: u8) -> Option<(usize, &'static [u8])> {
    let stand_in: &[u8] = if quote == b'"' { b"\"\"" } else { b"''" };
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(quote, b'\\', sql.get(at..)?)?;
        if sql.get(at) == Some(&quote) && sql.get(at + 1) != Some(&quote) {
            return Some((at + 1, stand_in));
        }
        // What is escaped, or the second of two quotes.
        at += 2;
    }
}

/// Where a comment ends; `None` where it is a hint, code for some versions, or does not end.
fn comment(sql: &[u8], start: usize) -> Option<usize> {
    let body = sql.get(start + 2..)?;
    if matches!(body, [b'+' | b'!', ..] | [b'M', b'!', ..]) {
        return None;
    }
    let mut at = 0;
    loop {
        at += memchr::memchr(b'*', body.get(at..)?)? + 1;
        if body.get(at) == Some(&b'/') {
            return Some(start + 2 + at + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lexer::Lexer;
    use super::super::{Writer, fingerprint};
    use super::*;

    fn of(sql: &str) -> Option<String> {
        let mut out = Vec::new();
        outline(sql.as_bytes(), &mut out)?;
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn literals_and_comments_are_left_out_and_names_kept() {
        let found = of("SELECT `a-1`, t1.c2 FROM t1 -1.5 + 'it''s' /* x' */ = \"\\\"\" (17,2)");
        let outline = "SELECT `a-1`, t1.c2 FROM t1 -0 + '' /**/ = \"\" (0,0)";
        assert_eq!(found.as_deref(), Some(outline));
        for kept in ["0xff", "1e-5.5", "1.5.3", ".5", "2024_orders", "é1", "a.1"] {
            assert_eq!(of(kept).as_deref(), Some(kept));
        }
    }

    #[test]
    fn what_is_not_plain_has_no_outline() {
        for sql in [
            "1 -- x", "1 # x", "/*!1*/", "/*+ x */", "/*M!1*/", "'x", "`x", "/* x",
        ] {
            assert_eq!(of(sql), None, "{sql}");
        }
        assert_eq!(of(&"a".repeat(LONGEST + 1)), None);
    }

    /// Statements made of what begins, ends and joins tokens.
    fn sql() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            "[0-9a-exNM_$.+*/'\"`?!,()=@\\\\ -]{1,3}",
            proptest::sample::select(vec![
                "'it''s'",
                "1.5",
                "7",
                "/* c */",
                "/**/",
                " in (",
                "e+",
                "0x",
                "limit 1, 2",
                " administrator command: ",
                "values (1,'x'),(",
                "--",
                "\\'",
                "\u{e9}",
            ])
            .prop_map(str::to_owned),
        ];
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_fingerprint_of_the_outline_is_that_of_the_statement(sql in sql()) {
            if let Some(outline) = of(&sql) {
                prop_assert_eq!(fingerprint(outline.as_bytes()), fingerprint(sql.as_bytes()));
                let (mut one, mut other) = (Writer::folding_digits(), Writer::folding_digits());
                prop_assert_eq!(one.write(outline.as_bytes()), other.write(sql.as_bytes()));
            }
        }

        #[test]
        fn the_tokens_of_the_outline_are_those_of_the_statement(sql in sql(), operands: [bool; 7]) {
            if let Some(outline) = of(&sql) {
                let mut operands = operands.iter().cycle();
                let (mut one, mut other) = (Lexer::new(outline.as_bytes()), Lexer::new(sql.as_bytes()));
                loop {
                    let operand = *operands.next().unwrap();
                    let (left, right) = (one.next(operand), other.next(operand));
                    prop_assert_eq!(left, right);
                    if left.is_none() {
                        break;
                    }
                }
            }
        }
    }
}
