//! Parentheses and the lists in them.

use super::super::lexer::{Lexer, Token};
use super::super::lists::{Kind, Level, WRITTEN};
use super::super::words::Meaning;
use super::{Last, Limit, Writer};

impl Writer {
    /// So many literals stand in the innermost list now. Returns how many there are.
    pub(super) fn counted(&mut self, more: usize) -> usize {
        let Some(level) = self.levels.last_mut() else {
            return 0;
        };
        level.literals += more;
        level.after_row = false;
        level.literals
    }

    /// Something other than literals is in the innermost list.
    pub(super) fn not_literal(&mut self) {
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

    pub(super) fn literal(&mut self) {
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
    pub(super) fn in_list(&self) -> bool {
        self.levels.len() > 1 && self.levels.last().is_some_and(|level| level.only_literals)
    }

    pub(super) fn open(&mut self) {
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

    pub(super) fn close(&mut self) {
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

    pub(super) fn comma(&mut self, lexer: &mut Lexer<'_>) {
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
    lexer.skip_to(&ahead);
    true
}
