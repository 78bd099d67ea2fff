//! Writes fingerprints.

use super::lexer::{Lexer, Token};
use super::lists::{Kind, Level, WRITTEN};
use super::words::{Meaning, meaning};

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

    /// So many literals stand in the innermost list now. Returns how many there are.
    fn counted(&mut self, more: usize) -> usize {
        let Some(level) = self.levels.last_mut() else {
            return 0;
        };
        level.literals += more;
        level.after_row = false;
        level.literals
    }

    /// Something other than literals is in the innermost list.
    fn not_literal(&mut self) {
        self.limit = Limit::No;
        if let Some(level) = self.levels.last_mut() {
            if level.literals > WRITTEN && self.last == Last::Comma {
                // The comma that was not written.
                let comma = level.only_literals && self.out.last() != Some(&b',');
                if comma {
                    self.out.push(b',');
                }
            }
            level.only_literals = false;
            level.after_row = false;
        }
    }

    fn literal(&mut self) {
        if self.last == Last::Literal {
            return;
        }
        match self.limit {
            Limit::Begun => self.limit = Limit::First,
            Limit::Second(at) => {
                self.out.truncate(at);
                self.limit = Limit::First;
                self.last = Last::Literal;
                return;
            }
            Limit::First => self.limit = Limit::No,
            Limit::No => {}
        }
        let count = self.counted(1);
        if self.in_list() && count > WRITTEN {
            if count == WRITTEN + 1 {
                self.put_rest();
            }
            self.last = Last::Literal;
            return;
        }
        self.space();
        self.out.push(b'?');
        self.last = Last::Literal;
    }

    /// Whether the innermost parenthesis holds nothing but literals so far.
    fn in_list(&self) -> bool {
        self.levels.len() > 1 && self.levels.last().is_some_and(|level| level.only_literals)
    }

    fn unquoted(&mut self, word: &[u8], lexer: &mut Lexer<'_>) -> bool {
        let mut lower = std::mem::take(&mut self.word);
        lower.clear();
        lower.extend(word.iter().map(u8::to_ascii_lowercase));
        let goes_on = self.keyword(&lower, lexer);
        self.word = lower;
        goes_on
    }

    fn keyword(&mut self, word: &[u8], lexer: &mut Lexer<'_>) -> bool {
        let meaning = match self.last {
            Last::Tight => Meaning::Name,
            _ => meaning(word),
        };
        if self.last == Last::Start && word == b"use" {
            self.out.extend_from_slice(b"use ?");
            return false;
        }
        if self.last == Last::Start && word == b"administrator" {
            let command = lexer.rest().strip_prefix(b" command: ");
            if let Some(command) = command {
                self.admin(command);
                return false;
            }
        }
        if self.last == Last::Start && word == b"call" {
            self.call(lexer);
            return false;
        }
        match meaning {
            Meaning::Constant if self.last != Last::Word(Meaning::Is) => {
                self.literal();
                return true;
            }
            Meaning::Asc if self.is_operand() => return true,
            Meaning::Union => self.end_part(),
            Meaning::Offset if self.limit == Limit::First => {
                self.limit = Limit::Second(self.out.len());
                self.put_word(word, Meaning::Before);
                return true;
            }
            _ => {}
        }
        let of_union =
            matches!(word, b"all" | b"distinct") && self.last == Last::Word(Meaning::Union);
        self.not_literal();
        self.put_word(word, meaning);
        match meaning {
            Meaning::Limit => self.limit = Limit::Begun,
            Meaning::Union => self.begin_part(),
            Meaning::Before if of_union => self.begin_part(),
            _ => {}
        }
        true
    }

    fn put_word(&mut self, word: &[u8], meaning: Meaning) {
        self.space();
        self.name(word);
        self.last = Last::Word(meaning);
    }

    fn name(&mut self, name: &[u8]) {
        if !self.folds_digits {
            self.out.extend_from_slice(name);
            return;
        }
        let mut in_digits = false;
        for byte in name {
            let digit = byte.is_ascii_digit();
            if !digit {
                self.out.push(*byte);
            } else if !in_digits {
                self.out.push(b'?');
            }
            in_digits = digit;
        }
    }

    /// Names that need no quotes lose them.
    fn quoted(&mut self, name: &[u8]) {
        let mut lower = std::mem::take(&mut self.word);
        lower.clear();
        lower.extend(name.iter().map(u8::to_ascii_lowercase));
        let plain = matches!(lower.first(), Some(b'a'..=b'z' | b'_'))
            && lower
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let special = matches!(lower.as_slice(), b"use" | b"call" | b"administrator")
            || meaning(&lower) != Meaning::Name;
        self.not_literal();
        if plain && !special {
            self.put_word(&lower, Meaning::Name);
        } else {
            self.space();
            self.out.push(b'`');
            self.name(name);
            self.out.push(b'`');
            self.last = Last::Word(Meaning::Name);
        }
        self.word = lower;
    }

    /// `CALL` keeps the name and no arguments.
    fn call(&mut self, lexer: &mut Lexer<'_>) {
        self.put_word(b"call", Meaning::Before);
        while let Some(token) = lexer.next(true) {
            match token {
                Token::Word(word) => {
                    self.space();
                    self.out.extend(word.iter().map(u8::to_ascii_lowercase));
                    self.last = Last::Word(Meaning::Name);
                }
                Token::Quoted(name) => self.quoted(name),
                Token::Symbol(b".") => self.symbol(b"."),
                _ => break,
            }
        }
    }

    fn open(&mut self) {
        let kind = match self.last {
            Last::Word(Meaning::In) => Kind::List { is_row: false },
            Last::Word(Meaning::Values) => Kind::List { is_row: true },
            Last::Open | Last::Comma => Kind::Nested,
            _ => Kind::Other,
        };
        if kind != Kind::Nested {
            self.not_literal();
        }
        self.limit = Limit::No;
        let after_name = matches!(
            self.last,
            Last::Word(Meaning::Name | Meaning::In | Meaning::Values)
        );
        if !after_name {
            self.space();
        }
        self.out.push(b'(');
        self.levels.push(Level::at(self.out.len(), kind));
        self.last = Last::Open;
    }

    fn close(&mut self) {
        self.limit = Limit::No;
        if self.levels.len() < 2 {
            self.out.push(b')');
            self.last = Last::Close;
            return;
        }
        self.end_part();
        let Some(level) = self.levels.pop() else {
            return;
        };
        let list = level.only_literals && level.literals > 0;
        if list && matches!(level.kind, Kind::List { .. }) {
            self.out.truncate(level.start);
            self.out.extend_from_slice(b"?+");
        }
        self.out.push(b')');
        self.last = Last::Close;
        let in_list = self.in_list();
        let Some(outer) = self.levels.last_mut() else {
            return;
        };
        if level.kind == Kind::Nested {
            if list {
                outer.literals += 1;
                if in_list && outer.literals > WRITTEN && outer.start < outer.comma_at {
                    self.out.truncate(outer.comma_at);
                    self.last = Last::Literal;
                }
            } else {
                outer.only_literals = false;
            }
        }
        outer.after_row = level.kind == (Kind::List { is_row: true });
    }

    fn comma(&mut self, lexer: &mut Lexer<'_>) {
        if self.levels.last().is_some_and(|level| level.after_row) && skip_row(lexer) {
            return;
        }
        if self.limit == Limit::First {
            self.limit = Limit::Second(self.out.len());
        } else {
            self.limit = Limit::No;
        }
        let at = self.out.len();
        let in_list = self.in_list();
        if let Some(level) = self.levels.last_mut() {
            level.after_row = false;
            level.comma_at = at;
            if in_list && level.literals > WRITTEN {
                self.last = Last::Comma;
                return;
            }
        }
        self.out.push(b',');
        self.last = Last::Comma;
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

    /// A part of a `UNION` ends: it is left out where it is the same as the one before it.
    fn end_part(&mut self) {
        const REPEATED: &[u8] = b" union ...";
        let Some(level) = self.levels.last_mut() else {
            return;
        };
        let end = self.out.len();
        let Some((from, to)) = level.part_before else {
            level.part_before = Some((level.part, end));
            return;
        };
        let (before, part) = (self.out.get(from..to), self.out.get(level.part..end));
        // A form is read again: what stands for repeated parts repeats the part before it.
        let repeats = part == before || part == Some(b"...");
        if from < to && repeats {
            self.out.truncate(to);
            if !self.out.ends_with(REPEATED) {
                self.out.extend_from_slice(REPEATED);
            }
        } else {
            level.part_before = Some((level.part, end));
        }
    }

    fn begin_part(&mut self) {
        // Behind the space that comes next.
        let at = self.out.len() + 1;
        if let Some(level) = self.levels.last_mut() {
            level.part = at;
        }
    }

    fn admin(&mut self, command: &[u8]) {
        self.out.extend_from_slice(ADMIN);
        let words = command
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic() || **byte == b' ' || **byte == b'_');
        self.out.extend(words.take(64).map(u8::to_ascii_lowercase));
        while self.out.last() == Some(&b' ') {
            self.out.pop();
        }
    }
}

const ADMIN: &[u8] = b"administrator command: ";

fn admin_command(sql: &[u8]) -> Option<&[u8]> {
    sql.trim_ascii_start()
        .strip_prefix(b"# ")?
        .strip_prefix(ADMIN)
}

/// Skips a row of `VALUES` if one comes next.
fn skip_row(lexer: &mut Lexer<'_>) -> bool {
    let mut ahead = lexer.clone();
    if ahead.next(false) != Some(Token::Symbol(b"(")) {
        return false;
    }
    let mut open = 1_usize;
    while open > 0 {
        match ahead.next(false) {
            Some(Token::Symbol(b"(")) => open += 1,
            Some(Token::Symbol(b")")) => open -= 1,
            Some(_) => {}
            None => break,
        }
    }
    // Of a hint that goes on behind the row, nothing would be left but its end.
    if ahead.in_hint() != lexer.in_hint() {
        return false;
    }
    *lexer = ahead;
    true
}
