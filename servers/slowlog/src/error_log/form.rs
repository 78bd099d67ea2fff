//! The form of a message: what it says without the values in it, so that messages of one cause are one.

/// Characters of a form.
const LONGEST: usize = 300;

/// A message without quoted values, numbers, addresses and identifiers made of digits; each is `?`.
/// Codes such as `MY-001062` stay. The form of a form is itself.
pub fn form(message: &str) -> String {
    form_of_plain(&without_quoted(message))
}

/// The form of a message that is without its quoted values.
pub(super) fn form_of_plain(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len().min(LONGEST * 2));
    let mut rest = plain;
    while let Some(c) = rest.chars().next() {
        if is_word(c) {
            // An apostrophe that is left stands inside a word.
            let end = rest.find(|c| !is_word(c) && c != '\'');
            let end = end.unwrap_or(rest.len());
            let (word, tail) = rest.split_at(end);
            let code = out.ends_with("MY-") && word.bytes().all(|b| b.is_ascii_digit());
            push(&mut out, if is_value(word) && !code { "?" } else { word });
            rest = tail;
        } else {
            let (piece, tail) = rest.split_at(c.len_utf8());
            push(&mut out, piece);
            rest = tail;
        }
    }
    let out = out.trim();
    let Some((end, _)) = out.char_indices().nth(LONGEST) else {
        return out.to_owned();
    };
    // A word that was cut is another word.
    let kept = out.get(..end).unwrap_or_default();
    let kept = kept.trim_end_matches(|c| is_word(c) || c == '\'');
    kept.trim_end().to_owned()
}

/// Appends a piece. Runs of white space are one space; values joined by `.`, `-` or `:` (addresses,
/// UUIDs, times) are one value.
fn push(out: &mut String, piece: &str) {
    if piece == " " && (out.is_empty() || out.ends_with(' ')) {
        return;
    }
    if piece == "?" {
        let joined = out.trim_end_matches(['.', '-', ':']);
        if joined.ends_with('?') {
            out.truncate(joined.len());
            return;
        }
    }
    out.push_str(piece);
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Numbers, and words of digits and letters as hexadecimal figures and parts of UUIDs are.
fn is_value(word: &str) -> bool {
    let begins = word.starts_with(|c: char| c.is_numeric());
    let digit = word.chars().any(char::is_numeric);
    begins || (digit && word.chars().all(|c| c.is_ascii_hexdigit()))
}

/// A message without what stands in quotes, and without a statement at its end. What is replaced is a
/// `?`; more is hidden than must be, never less.
///
/// A quote opens where no word is before it and closes where none follows, so an apostrophe and a quote
/// inside a value do neither; but for apostrophes, what does neither is dropped.
pub fn without_quoted(message: &str) -> String {
    let words: Vec<&str> = message.split_whitespace().collect();
    let message = words.join(" ");
    let message = before_statement(&message);
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        let opens = matches!(c, '\'' | '"') && !before.is_some_and(is_word);
        let (_, mut tail) = rest.split_at(c.len_utf8());
        if opens {
            tail = after_quote(rest, c, out.ends_with("Duplicate entry "));
            out.push('?');
        } else if !matches!(c, '\'' | '"') || is_apostrophe(c, before, tail) {
            out.push(c);
        }
        before = Some(c);
        rest = tail;
    }
    before_statement(&out).to_owned()
}

/// `Can't`: between two letters.
fn is_apostrophe(c: char, before: Option<char>, after: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    c == '\'' && letter(before) && letter(after.chars().next())
}

/// The message up to a statement it repeats: its values may hold quotes of any kind.
fn before_statement(message: &str) -> &str {
    let statements = [
        " Query: ",
        " query: ",
        "Query (",
        " query '",
        " statement: ",
    ];
    let begin = statements
        .iter()
        .filter_map(|word| message.find(word))
        .min();
    begin.and_then(|at| message.get(..at)).unwrap_or(message)
}

/// What follows on a quoted value; nothing where its quote never closes.
fn after_quote(rest: &str, quote: char, key: bool) -> &str {
    // A key's value may hold anything, its own end too.
    if key {
        return rest
            .rfind("' for key")
            .and_then(|at| rest.get(at + 1..))
            .unwrap_or_default();
    }
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        let word_follows = chars.peek().is_some_and(|(_, next)| is_word(*next));
        if c == quote && !word_follows {
            return rest.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}
