//! Keywords and names.

use super::super::lexer::{Lexer, Token};
use super::super::words::{Meaning, meaning};
use super::{Last, Limit, Writer};

const ADMIN: &[u8] = b"administrator command: ";

impl Writer {
    pub(super) fn unquoted(&mut self, word: &[u8], lexer: &mut Lexer<'_>) -> bool {
        let mut lower = std::mem::take(&mut self.word);
        lower.clear();
        lower.extend(word.iter().map(u8::to_ascii_lowercase));
        let goes_on = self.keyword(&lower, lexer);
        self.word = lower;
        goes_on
    }

    pub(super) fn keyword(&mut self, word: &[u8], lexer: &mut Lexer<'_>) -> bool {
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

    pub(super) fn put_word(&mut self, word: &[u8], meaning: Meaning) {
        self.space();
        self.name(word);
        self.last = Last::Word(meaning);
    }

    pub(super) fn name(&mut self, name: &[u8]) {
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
    pub(super) fn quoted(&mut self, name: &[u8]) {
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
    pub(super) fn call(&mut self, lexer: &mut Lexer<'_>) {
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

    pub(super) fn admin(&mut self, command: &[u8]) {
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

/// The command of an entry that holds one and no statement.
pub(super) fn admin_command(sql: &[u8]) -> Option<&[u8]> {
    sql.trim_ascii_start()
        .strip_prefix(b"# ")?
        .strip_prefix(ADMIN)
}
