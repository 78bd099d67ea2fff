//! The one door: text in, an [`Explainable`] or the reason why not out.

use sqlparser::ast::{Query, Statement};
use sqlparser::dialect::MySqlDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer};

use crate::refused::plain;
use crate::tables::TableName;
use crate::writer::{LOCKS, Writer};
use crate::{Refused, read_part};

/// Bytes of a statement. The slow log's longest lists of values are about as long; a server that reads
/// more for a plan works on it for a noticeable time.
const MOST_BYTES: usize = 32 * 1024;
/// Keywords and operators of a statement: they are what its tree is deep by, values are not.
const MOST_WORDS: usize = 600;
/// Levels the parser goes down: more than the writer does, which puts every operation in brackets, and
/// as many for what is passed as for what was written.
const LEVELS: usize = 120;
/// Four times what the parser needs for that many levels when it is built without optimisation. What is
/// not touched takes no memory.
const STACK_BYTES: usize = 64 << 20;

/// Whose SQL it is: which functions are built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// MySQL 8.0 and later.
    MySql,
    /// MariaDB 10.6 and later.
    MariaDb,
}

/// One query that only reads, written by us. There is no other way to make one than [`Self::allow`].
#[derive(Debug, Clone)]
pub struct Explainable {
    sql: String,
    part: &'static str,
    left_out: Vec<&'static str>,
    tables: Vec<TableName>,
    query: Box<Query>,
}

impl Explainable {
    /// Checks one statement and writes it anew: a SELECT, or what an UPDATE, DELETE or INSERT ... SELECT
    /// reads, as a SELECT. Tables named without a schema are taken to be of `schema`.
    ///
    /// # Errors
    /// Why it is not explained, and what to do next.
    pub fn allow(text: &str, schema: Option<&str>, grammar: Grammar) -> Result<Self, Refused> {
        // Parsing goes as deep as what is passed, and a stack that ends takes the process with it.
        std::thread::scope(|scope| {
            let checked = std::thread::Builder::new()
                .name("check-statement".to_owned())
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, || Self::check(text, schema, grammar))
                .map_err(|_| Refused::NoRoom)?;
            checked.join().unwrap_or(Err(Refused::Unreadable))
        })
    }

    fn check(text: &str, schema: Option<&str>, grammar: Grammar) -> Result<Self, Refused> {
        if text.len() > MOST_BYTES {
            return Err(Refused::TooLarge {
                what: "bytes",
                limit: MOST_BYTES,
            });
        }
        // Wherever they stand: servers differ in what they take for the inside of a string.
        if text.contains("/*!") || text.contains("/*M!") {
            return Err(Refused::ExecutableComment);
        }
        let mut tokens = tokens(text)?;
        screen(&tokens)?;
        let mut writer = Writer::new(grammar, schema);
        if drop_share_locks(&mut tokens) {
            writer.leave_out(LOCKS);
        }
        let statement = one(parse(tokens, LEVELS)?)?;
        let part = read_part::write(&mut writer, &statement)?;
        let written = writer.finish();
        let query = stable(&written.sql, grammar)?;
        Ok(Self {
            part,
            query,
            sql: written.sql,
            left_out: written.left_out,
            tables: written.tables,
        })
    }

    /// The query, as it may be sent.
    pub fn as_str(&self) -> &str {
        &self.sql
    }

    /// What of the statement it is, in words.
    pub fn part(&self) -> &'static str {
        self.part
    }

    /// Clauses that were dropped because they do something, which may change the plan.
    pub fn left_out(&self) -> &[&'static str] {
        &self.left_out
    }

    /// The tables it reads, each once.
    pub fn tables(&self) -> &[TableName] {
        &self.tables
    }

    /// Its syntax tree, read from what was written.
    pub fn query(&self) -> &Query {
        &self.query
    }
}

/// Reads what was written, which must be one query that is written in the same way again: so what we
/// checked and what a server reads are one thing.
fn stable(sql: &str, grammar: Grammar) -> Result<Box<Query>, Refused> {
    let tokens = tokens(sql).map_err(|_| Refused::Unstable)?;
    let mut statements = parse(tokens, LEVELS).map_err(|_| Refused::Unstable)?;
    let (Some(statement @ Statement::Query(_)), true) = (statements.pop(), statements.is_empty())
    else {
        return Err(Refused::Unstable);
    };
    let mut again = Writer::new(grammar, None);
    read_part::write(&mut again, &statement).map_err(|_| Refused::Unstable)?;
    match statement {
        Statement::Query(query) if again.finish().sql == sql => Ok(query),
        _ => Err(Refused::Unstable),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Refused> {
    Tokenizer::new(&MySqlDialect {}, text)
        .tokenize()
        .map_err(|_| Refused::Unreadable)
}

/// Not by the parser's own way from text, which logs it.
fn parse(tokens: Vec<Token>, levels: usize) -> Result<Vec<Statement>, Refused> {
    Parser::new(&MySqlDialect {})
        .with_recursion_limit(levels)
        .with_tokens(tokens)
        .parse_statements()
        .map_err(|error| match error {
            ParserError::RecursionLimitExceeded => Refused::TooLarge {
                what: "levels of nesting",
                limit: LEVELS,
            },
            _ => Refused::Unreadable,
        })
}

fn one(mut statements: Vec<Statement>) -> Result<Statement, Refused> {
    match (statements.pop(), statements.len()) {
        (None, _) => Err(Refused::Empty),
        (Some(one), 0) => Ok(one),
        (Some(_), others) => Err(Refused::Several { count: others + 1 }),
    }
}

/// What is told apart more clearly before parsing: it would be refused later, in words that say less.
fn screen(tokens: &[Token]) -> Result<(), Refused> {
    let words = tokens
        .iter()
        .filter(|token| !matches!(token, Token::Whitespace(_)));
    let first = words.clone().next().ok_or(Refused::Empty)?;
    let counted = words.clone().filter(|token| is_structure(token)).count();
    if counted > MOST_WORDS {
        return Err(Refused::TooLarge {
            what: "keywords and operators",
            limit: MOST_WORDS,
        });
    }
    let mut intos = 0;
    for token in words {
        match token {
            Token::Placeholder(_) | Token::Question => return Err(Refused::Placeholder),
            Token::AtSign | Token::AtAt | Token::Assignment => return Err(Refused::Variable),
            Token::Word(word) if word.quote_style.is_none() && word.value.starts_with('@') => {
                return Err(Refused::Variable);
            }
            Token::Word(word) if word.keyword == Keyword::INTO => intos += 1,
            _ => {}
        }
    }
    let writes = match first {
        Token::LParen => 0,
        Token::Word(word) => match word.keyword {
            Keyword::SELECT | Keyword::WITH | Keyword::UPDATE | Keyword::DELETE => 0,
            Keyword::INSERT | Keyword::REPLACE => 1,
            _ => {
                return Err(Refused::Kind {
                    kind: plain(&word.value.to_uppercase()),
                });
            }
        },
        _ => return Err(Refused::Unreadable),
    };
    if intos > writes {
        return Err(Refused::Into);
    }
    Ok(())
}

/// Takes `LOCK IN SHARE MODE` out, the older way to ask for shared locks, which the parser does not know.
fn drop_share_locks(tokens: &mut Vec<Token>) -> bool {
    let words: Vec<usize> = (0..tokens.len())
        .filter(|at| !matches!(tokens.get(*at), Some(Token::Whitespace(_))))
        .collect();
    let clause = [Keyword::LOCK, Keyword::IN, Keyword::SHARE, Keyword::MODE];
    let is = |(at, keyword): (&usize, &Keyword)| matches!(tokens.get(*at), Some(Token::Word(word)) if word.keyword == *keyword);
    let found: Vec<usize> = words
        .windows(clause.len())
        .filter(|window| window.iter().zip(&clause).all(is))
        .flatten()
        .copied()
        .collect();
    for at in found.iter().rev() {
        tokens.remove(*at);
    }
    !found.is_empty()
}

/// Neither a value, a name nor what stands between them.
fn is_structure(token: &Token) -> bool {
    match token {
        Token::Word(word) => word.keyword != Keyword::NoKeyword,
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::HexStringLiteral(_)
        | Token::Comma
        | Token::Period
        | Token::LParen
        | Token::RParen => false,
        _ => true,
    }
}
