//! The tokens of a statement. Pure; knows neither a version nor a setting, so it takes both kinds of
//! quotes for literals, as the server does by default.

/// A token, with what of the statement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A keyword or a name.
    Word(&'a [u8]),
    /// A name in backticks, without them.
    Quoted(&'a [u8]),
    /// A string, number or `NULL`, or the placeholder of one.
    Literal,
    /// `?+`: a list of literals, in a fingerprint.
    List,
    /// `...`: what a fingerprint leaves out.
    Rest,
    /// `/*+`, `/*!` or `*/`.
    Hint(&'static [u8]),
    /// Anything else, one to three bytes.
    Symbol(&'a [u8]),
}

/// Goes through the tokens of a statement.
#[derive(Clone)]
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    /// Whether `*/` ends something.
    in_hint: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            in_hint: false,
        }
    }

    /// What is left of the statement.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Leaves out what another went through. A hint that begins or ends in it does not: what is written
    /// holds nothing of it.
    pub(super) fn skip_to(&mut self, ahead: &Self) {
        self.at = ahead.at;
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// The next token; `operand` tells whether what stands before it is one, so that a sign after it
    /// is an operator.
    pub(super) fn next(&mut self, operand: bool) -> Option<Token<'a>> {
        loop {
            let byte = *self.text.get(self.at)?;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0 => self.at += 1,
                b'#' => self.skip_line(),
                b'-' if self.peek(1) == b'-' && self.peek(2) <= b' ' => self.skip_line(),
                b'/' if self.peek(1) == b'*' => {
                    if let Some(hint) = self.comment() {
                        return Some(hint);
                    }
                }
                b'*' if self.in_hint && self.peek(1) == b'/' => {
                    self.at += 2;
                    self.in_hint = false;
                    return Some(Token::Hint(b"*/"));
                }
                b'\'' | b'"' => {
                    self.string(byte);
                    return Some(Token::Literal);
                }
                b'`' => return Some(self.quoted()),
                b'0'..=b'9' => return Some(self.number_or_name()),
                b'.' if self.peek(1).is_ascii_digit() && !operand => {
                    return Some(self.number_or_name());
                }
                b'.' if self.peek(1) == b'.' && self.peek(2) == b'.' => {
                    self.at += 3;
                    return Some(Token::Rest);
                }
                b'-' | b'+' if !operand && self.sign() => return Some(self.number_or_name()),
                b'?' => {
                    self.at += 1;
                    return Some(self.placeholder());
                }
                b'\\' if self.peek(1) == b'N' => {
                    self.at += 2;
                    return Some(Token::Literal);
                }
                _ if is_word(byte) => return Some(self.word()),
                _ => return Some(self.symbol()),
            }
        }
    }

    /// Whether a sign is part of a number: then the number stands next.
    fn sign(&mut self) -> bool {
        let next = self.peek(1);
        let is_number = next.is_ascii_digit() || (next == b'.' && self.peek(2).is_ascii_digit());
        if is_number {
            self.at += 1;
        }
        is_number
    }

    /// `?+)` stands for a list.
    fn placeholder(&mut self) -> Token<'a> {
        if self.peek(0) == b'+' && self.peek(1) == b')' {
            self.at += 1;
            return Token::List;
        }
        Token::Literal
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Skips a comment, or returns what begins a hint or code for some versions.
    fn comment(&mut self) -> Option<Token<'a>> {
        let kept: Option<(&'static [u8], usize)> = match (self.peek(2), self.peek(3)) {
            (b'+', _) => Some((b"/*+", 3)),
            (b'!', _) => Some((b"/*!", 3)),
            (b'M', b'!') => Some((b"/*!", 4)),
            _ => None,
        };
        if let Some((token, length)) = kept.filter(|_| !self.in_hint) {
            self.at += length;
            if token == b"/*!" {
                while self.peek(0).is_ascii_digit() {
                    self.at += 1;
                }
            }
            self.in_hint = true;
            return Some(Token::Hint(token));
        }
        let body = self.text.get(self.at + 2..).unwrap_or_default();
        let length = memchr::memmem::find(body, b"*/").map_or(body.len(), |end| end + 2);
        self.at += 2 + length;
        None
    }

    /// Skips a string; one that does not end goes to the end of the statement.
    fn string(&mut self, quote: u8) {
        self.at += 1;
        loop {
            let rest = self.rest();
            let Some(found) = memchr::memchr2(quote, b'\\', rest) else {
                self.at = self.text.len();
                return;
            };
            self.at += found;
            if self.peek(0) == b'\\' || self.peek(1) == quote {
                self.at = (self.at + 2).min(self.text.len());
            } else {
                self.at += 1;
                return;
            }
        }
    }

    fn quoted(&mut self) -> Token<'a> {
        self.at += 1;
        let rest = self.rest();
        let length = memchr::memchr(b'`', rest).unwrap_or(rest.len());
        self.at = (self.at + length + 1).min(self.text.len());
        Token::Quoted(rest.get(..length).unwrap_or_default())
    }

    /// `17`, `1.5e-3`, `0xff`; or a name that begins with a digit, as `2024_orders`.
    fn number_or_name(&mut self) -> Token<'a> {
        let start = self.at;
        let mut end = start;
        let mut seen = Seen::default();
        while let Some(byte) = self.text.get(end) {
            match byte {
                b'0'..=b'9' => {}
                b'.' if !seen.point && !seen.letter && !seen.exponent => seen.point = true,
                b'e' | b'E' if !seen.exponent && !seen.letter => {
                    seen.exponent = true;
                    let next = self.text.get(end + 1).copied().unwrap_or(0);
                    if matches!(next, b'+' | b'-') {
                        let after = self.text.get(end + 2).copied().unwrap_or(0);
                        if after.is_ascii_digit() {
                            end += 1;
                        }
                    }
                }
                byte if is_word(*byte) => seen.letter = true,
                _ => break,
            }
            end += 1;
        }
        let token = self.text.get(start..end).unwrap_or_default();
        self.at = end;
        let is_hex = matches!(token, [b'0', b'x' | b'X', ..])
            && token.iter().skip(2).all(u8::is_ascii_hexdigit);
        let is_bits = matches!(token, [b'0', b'b' | b'B', digits @ ..]
            if digits.iter().all(|byte| matches!(byte, b'0' | b'1')));
        // What begins with digits and a point is a number, however it goes on.
        if seen.letter && !seen.point && !is_hex && !is_bits {
            return Token::Word(token);
        }
        Token::Literal
    }

    fn word(&mut self) -> Token<'a> {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !is_word(*byte));
        let word = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
        self.at += word.len();
        // `x'ff'`, `_utf8mb4'text'`, `n'text'`: the word belongs to the literal.
        if let quote @ (b'\'' | b'"') = self.peek(0)
            && (matches!(word, [b'x' | b'X' | b'b' | b'B' | b'n' | b'N']) || word.starts_with(b"_"))
        {
            self.string(quote);
            return Token::Literal;
        }
        Token::Word(word)
    }

    fn symbol(&mut self) -> Token<'a> {
        const LONG: [&[u8]; 13] = [
            b"<=>", b"->>", b"<=", b">=", b"<>", b"!=", b":=", b"||", b"&&", b"->", b"<<", b">>",
            b"@@",
        ];
        let rest = self.rest();
        let long = LONG.iter().find(|symbol| rest.starts_with(symbol));
        let length = long.map_or(1, |symbol| symbol.len());
        self.at += length;
        Token::Symbol(rest.get(..length).unwrap_or_default())
    }
}

#[derive(Default)]
struct Seen {
    point: bool,
    exponent: bool,
    letter: bool,
}

/// What unquoted names are made of (`MySQL` Reference Manual, "Schema Object Names").
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}
