//! Writes fingerprints.

mod parentheses;
mod unions;
mod words;

use self::words::admin_command;
use super::lexer::{Lexer, Token};
use super::lists::{Kind, Level, WRITTEN};
use super::words::Meaning;

/// What was written last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Start,
    Word(Meaning),
    Literal,
    Open,
    Close,
    Comma,
    /// `.` or `@`: what follows belongs to it.
    Tight,
    Symbol,
}

/// How far a `LIMIT` has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    No,
    Begun,
    /// One number was read.
    First,
    /// And a comma or `OFFSET`, which was written there.
    Second(usize),
}

/// Writes fingerprints, one after the other, into the same buffer.
#[derive(Debug)]
pub struct Writer {
    out: Vec<u8>,
    word: Vec<u8>,
    levels: Vec<Level>,
    last: Last,
    limit: Limit,
    folds_digits: bool,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            folds_digits: false,
            out: Vec::new(),
            word: Vec::new(),
            levels: Vec::new(),
            last: Last::Start,
            limit: Limit::No,
        }
    }
}

impl Writer {
    /// A fingerprint is cut here.
    pub const LONGEST: usize = 4 << 10;

    /// A writer for which names that differ in digits only are the same: the shards of a table are one,
    /// as pt-query-digest has it. Such a fingerprint is for grouping only.
    pub fn folding_digits() -> Self {
        Self {
            folds_digits: true,
            ..Self::default()
        }
    }

    /// The fingerprint of a statement.
    pub fn write(&mut self, sql: &[u8]) -> &[u8] {
        self.out.clear();
        self.levels.clear();
        self.levels.push(Level::at(0, Kind::Other));
        self.last = Last::Start;
        self.limit = Limit::No;
        if let Some(command) = admin_command(sql) {
            self.admin(command);
            return &self.out;
        }
        let mut lexer = Lexer::new(sql);
        while let Some(token) = lexer.next(self.is_operand()) {
            let (before, last) = (self.out.len(), self.last);
            if !self.token(token, &mut lexer) {
                break;
            }
            if self.out.len() > Self::LONGEST {
                self.out.truncate(before.min(Self::LONGEST));
                self.last = last;
                self.drop_open_list();
                self.put_rest();
                return &self.out;
            }
        }
        while matches!(self.out.last(), Some(b';' | b',' | b' ')) {
            self.out.pop();
        }
        self.end_part();
        &self.out
    }

    /// Writes a token; `false` where the fingerprint ends.
    fn token(&mut self, token: Token<'_>, lexer: &mut Lexer<'_>) -> bool {
        match token {
            Token::Literal => self.literal(),
            Token::Word(word) => return self.unquoted(word, lexer),
            Token::Quoted(name) => self.quoted(name),
            Token::Symbol(b"(") => self.open(),
            Token::Symbol(b")") => self.close(),
            Token::Symbol(b",") => self.comma(lexer),
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Hint(mark) => self.symbol(mark),
            Token::List => {
                self.counted(2);
                self.space();
                self.out.extend_from_slice(b"?+");
                self.last = Last::Literal;
            }
            Token::Rest => {
                let union = self.last == Last::Word(Meaning::Union);
                self.limit = Limit::No;
                if let (true, Some(level)) = (!union, self.levels.last_mut()) {
                    level.literals = level.literals.max(WRITTEN + 1);
                }
                self.put_rest();
                self.last = Last::Literal;
            }
        }
        true
    }

    /// Without its parenthesis a list would be read as a literal and a plus.
    fn drop_open_list(&mut self) {
        if !self.out.ends_with(b"?+") {
            return;
        }
        self.out.truncate(self.out.len() - 2);
        while self.out.last() == Some(&b' ') {
            self.out.pop();
        }
        self.last = match self.out.last() {
            Some(b'(') => Last::Open,
            _ => Last::Symbol,
        };
    }

    /// What is left out; kept apart from a point before it.
    fn put_rest(&mut self) {
        if !matches!(self.last, Last::Start | Last::Open) {
            self.out.push(b' ');
        }
        self.out.extend_from_slice(b"...");
    }

    /// Whether what was written last is an operand.
    fn is_operand(&self) -> bool {
        match self.last {
            Last::Literal | Last::Close | Last::Word(Meaning::Name | Meaning::Constant) => true,
            Last::Start | Last::Word(_) | Last::Open | Last::Comma | Last::Tight | Last::Symbol => {
                false
            }
        }
    }

    fn space(&mut self) {
        if !matches!(self.last, Last::Start | Last::Open | Last::Tight) {
            self.out.push(b' ');
        }
    }

    fn symbol(&mut self, symbol: &[u8]) {
        self.not_literal();
        let tight = match symbol {
            // Of a name; else a number may follow, which must not become part of it.
            b"." => self.is_operand(),
            b"@" | b"@@" => true,
            _ => false,
        };
        if !matches!(symbol, b"." | b";" | b":") {
            self.space();
        } else if symbol == b"." && self.out.last() == Some(&b'.') {
            // Three of them would be read as what is left out.
            self.out.push(b' ');
        }
        self.out.extend_from_slice(symbol);
        self.last = if tight { Last::Tight } else { Last::Symbol };
    }
}
