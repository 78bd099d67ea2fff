//! Statement text without its literals and comments: what may leave the cell by default.

/// Replaces every literal of a SQL text by `?` and drops comments.
///
/// Strings in single or double quotes (with `\` and doubled-quote escapes), numbers, and hex and
/// bit literals are literals; back-quoted identifiers are kept. A text cut in the middle of a
/// literal or comment loses that piece whole. Lexical rules: MySQL Reference Manual, "Literal
/// Values" and "Comments". `ANSI_QUOTES` is not known here, so a double-quoted identifier is
/// replaced too: more is hidden, never less.
pub fn without_literals(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let (piece, tail) = match c {
            '\'' | '"' => ("?", after_string(rest, c)),
            '/' if rest.starts_with("/*") => (" ", after_block_comment(rest)),
            '#' => (" ", after_line(rest)),
            '-' if is_dash_comment(rest) => (" ", after_line(rest)),
            '`' => rest.split_at(rest.len() - after_string(rest, c).len()),
            _ if c.is_ascii_digit() || (c == '.' && next_is_digit(rest) && !ends_in_word(&out)) => {
                ("?", after_number(rest))
            }
            _ if is_word(c) || c == '@' => word(rest),
            _ => rest.split_at(c.len_utf8()),
        };
        push(&mut out, piece);
        rest = tail;
    }
    out.trim().to_owned()
}

/// Appends a piece, keeping runs of white space to one space and swallowing the charset introducer
/// or the letter of `x'..'`, `b'..'`, `n'..'` before a literal.
fn push(out: &mut String, piece: &str) {
    if piece.chars().all(char::is_whitespace) {
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        return;
    }
    out.push_str(piece);
}

fn word(rest: &str) -> (&str, &str) {
    let end = rest
        .find(|c: char| !is_word(c) && c != '@')
        .unwrap_or(rest.len());
    let (word, tail) = rest.split_at(end);
    let introduces_literal =
        tail.starts_with('\'') && matches!(word, "x" | "X" | "b" | "B" | "n" | "N");
    if introduces_literal {
        ("?", after_string(tail, '\''))
    } else {
        (word, tail)
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn ends_in_word(out: &str) -> bool {
    out.ends_with(|c: char| is_word(c) || c == '`')
}

fn next_is_digit(rest: &str) -> bool {
    rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit())
}

/// `-- ` needs white space or the end behind it, or `a--1` would lose its tail.
fn is_dash_comment(rest: &str) -> bool {
    rest.strip_prefix("--")
        .is_some_and(|tail| tail.is_empty() || tail.starts_with(char::is_whitespace))
}

/// What follows a quoted piece; nothing when its quote never closes.
fn after_string(rest: &str, quote: char) -> &str {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote != '`' {
            chars.next();
        } else if c == quote {
            match chars.peek() {
                Some((_, next)) if *next == quote => {
                    chars.next();
                }
                _ => return rest.get(at + c.len_utf8()..).unwrap_or_default(),
            }
        }
    }
    ""
}

fn after_block_comment(rest: &str) -> &str {
    rest.get(2..)
        .and_then(|body| body.split_once("*/"))
        .map_or("", |(_, tail)| tail)
}

fn after_line(rest: &str) -> &str {
    rest.split_once('\n').map_or("", |(_, tail)| tail)
}

/// What follows a number: digits, hex, a fraction, an exponent; and whatever word runs on from it,
/// so that no digit of `12abc` survives.
fn after_number(rest: &str) -> &str {
    let mut end = 0;
    let mut previous = ' ';
    for c in rest.chars() {
        let sign_of_exponent = matches!(c, '+' | '-')
            && matches!(previous, 'e' | 'E')
            && !rest.starts_with("0x")
            && rest
                .get(end + 1..)
                .is_some_and(|tail| tail.starts_with(|d: char| d.is_ascii_digit()));
        if !(is_word(c) || c == '.' || sign_of_exponent) {
            break;
        }
        end += c.len_utf8();
        previous = c;
    }
    rest.get(end..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn literals_of_every_kind_are_replaced() {
        for (sql, expected) in [
            (
                "UPDATE inventory SET qty = qty - 1 WHERE id = 42",
                "UPDATE inventory SET qty = qty - ? WHERE id = ?",
            ),
            (
                "SELECT 'it''s', \"a\\\"b\", x'ff', 0xDEAD, b'01', 1.5e-3, .5",
                "SELECT ?, ?, ?, ?, ?, ?, ?",
            ),
            (
                "SELECT * FROM t1 JOIN `or'ders` o2 ON t1.c3=o2.c4",
                "SELECT * FROM t1 JOIN `or'ders` o2 ON t1.c3=o2.c4",
            ),
            (
                "SELECT /* user=bob */ 1 -- secret\n, 2 # more",
                "SELECT ? , ?",
            ),
            ("SELECT a--1", "SELECT a--?"),
            (
                "INSERT INTO t VALUES ('a', -7, NULL, _utf8mb4'z')",
                "INSERT INTO t VALUES (?, -?, NULL, _utf8mb4?)",
            ),
            ("SELECT 'cut in the midd", "SELECT ?"),
            ("SELECT 1 /* cut", "SELECT ?"),
            ("SET @v1 := '\\\\', @w = 'x'", "SET @v1 := ?, @w = ?"),
        ] {
            assert_eq!(without_literals(sql), expected, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_is_stable(sql in ".*") {
            let once = without_literals(&sql);
            prop_assert_eq!(without_literals(&once), once);
        }

        #[test]
        fn a_literal_never_survives(canary in "[a-z]{12}", quote in prop::sample::select(vec!['\'', '"'])) {
            let sql = format!("SELECT * FROM t WHERE a = {quote}x{canary}{quote} AND b = 9{canary} /* {canary} */");
            prop_assert!(!without_literals(&sql).contains(&canary));
        }
    }
}
