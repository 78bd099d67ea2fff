//! What a statement's digest says about one table: whether it names it, by which columns it searches
//! it, which of its indexes it dropped.
//!
//! A digest has no literals and no comments. MySQL prints identifiers in backticks; MariaDB prints those
//! that are also keywords bare and in upper case (`ID`, `STATUS`).

use super::name::TableName;

/// A digest, and where it was run.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'a> {
    /// Its text.
    pub text: &'a str,
    /// The schema of the tables it names without one.
    pub default_schema: Option<&'a str>,
}

/// By which columns a statement searches a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Compared for equality, in lower case.
    pub equal: Vec<String>,
    /// Compared otherwise.
    pub ranged: Vec<String>,
    /// Whether it reads other tables too.
    pub joins: bool,
}

impl Search {
    /// All of them, those an index should begin with first; of ranges only one is of use.
    pub fn columns(&self) -> Vec<String> {
        let range = self.ranged.iter().filter(|name| !self.equal.contains(name));
        self.equal.iter().chain(range.take(1)).cloned().collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Quoted(String),
    Word(String),
    Sign(String),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) | Self::Sign(own) if own.eq_ignore_ascii_case(word))
    }

    fn is_any(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// As an identifier.
    fn name(&self) -> Option<&str> {
        match self {
            Self::Quoted(name) | Self::Word(name) => Some(name),
            Self::Sign(_) => None,
        }
    }

    fn names(&self, identifier: &str) -> bool {
        match self {
            Self::Quoted(name) => name == identifier,
            Self::Word(name) => name.eq_ignore_ascii_case(identifier),
            Self::Sign(_) => false,
        }
    }
}

/// Where a list of tables or of conditions ends.
const CLAUSES: [&str; 14] = [
    "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "FOR", "LOCK", "UNION", "SET", "ON", "USING",
    "VALUES", "SELECT", "WINDOW",
];
/// What stands between a table and what follows it, and is no other name for it.
const NO_ALIAS: [&str; 14] = [
    "JOIN",
    "INNER",
    "LEFT",
    "RIGHT",
    "CROSS",
    "OUTER",
    "NATURAL",
    "STRAIGHT_JOIN",
    "FORCE",
    "USE",
    "IGNORE",
    "PARTITION",
    "AS",
    "USING",
];

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let length = if c == '`' {
            let (name, length) = quoted(rest);
            tokens.push(Token::Quoted(name));
            length
        } else {
            let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            let same = |other: char| {
                if is_word(c) {
                    is_word(other)
                } else {
                    "<=>!".contains(c) && "<=>!".contains(other)
                }
            };
            let end = rest
                .char_indices()
                .skip(1)
                .find(|(_, other)| !same(*other))
                .map_or(rest.len(), |(at, _)| at);
            let piece = rest.get(..end).unwrap_or_default().to_owned();
            tokens.push(if is_word(c) {
                Token::Word(piece)
            } else {
                Token::Sign(piece)
            });
            end
        };
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    tokens
}

/// A name in backticks, and how long it is with them.
fn quoted(text: &str) -> (String, usize) {
    let mut name = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != '`' {
            name.push(c);
        } else if chars.next_if(|(_, next)| *next == '`').is_some() {
            name.push('`');
        } else {
            return (name, at + 1);
        }
    }
    (name, text.len())
}

/// A table as a statement names it.
struct Source<'a> {
    schema: Option<&'a Token>,
    table: &'a Token,
    alias: Option<&'a str>,
}

impl Source<'_> {
    fn is(&self, wanted: &TableName, default_schema: Option<&str>) -> bool {
        let in_schema = match self.schema {
            Some(schema) => schema.names(&wanted.schema),
            None => default_schema == Some(wanted.schema.as_str()),
        };
        in_schema && self.table.names(&wanted.table)
    }
}

fn source(tokens: &[Token]) -> Option<Source<'_>> {
    let first = tokens.first().filter(|token| token.name().is_some())?;
    let dotted = tokens.get(1).is_some_and(|token| token.is("."));
    let (schema, table, rest) = if dotted {
        (Some(first), tokens.get(2)?, tokens.get(3..))
    } else {
        (None, first, tokens.get(1..))
    };
    let mut rest = rest.unwrap_or_default();
    if let Some((head, tail)) = rest.split_first()
        && head.is("AS")
    {
        rest = tail;
    }
    let alias = rest
        .first()
        .filter(|token| !token.is_any(&CLAUSES) && !token.is_any(&NO_ALIAS))
        .and_then(Token::name);
    Some(Source {
        schema,
        table,
        alias,
    })
}

/// The tables a statement reads or changes.
fn sources(tokens: &[Token]) -> Vec<Source<'_>> {
    let mut sources = Vec::new();
    let mut in_list = false;
    for (at, token) in tokens.iter().enumerate() {
        let begins = token.is_any(&["FROM", "JOIN", "STRAIGHT_JOIN", "UPDATE", "INTO"])
            && !(token.is("UPDATE") && at > 0);
        in_list = begins || (in_list && !token.is_any(&CLAUSES) && !token.is("("));
        if (begins || (in_list && token.is(",")))
            && let Some(source) = tokens.get(at + 1..).and_then(source)
        {
            sources.push(source);
        }
    }
    sources
}

/// By which columns a statement searches `table`, of those it has. `None` where the statement does not name
/// it, or is of a kind that cannot be judged from its text: alternatives (`OR`) and subqueries.
pub fn search(statement: Statement<'_>, table: &TableName, columns: &[&str]) -> Option<Search> {
    let tokens = tokens(statement.text);
    let verb = tokens.first()?;
    let selects = tokens.iter().filter(|token| token.is("SELECT")).count();
    let judged = verb.is_any(&["SELECT", "UPDATE", "DELETE"])
        && selects == usize::from(verb.is("SELECT"))
        && !tokens
            .iter()
            .any(|token| token.is_any(&["OR", "XOR", "||", "UNION"]));
    if !judged {
        return None;
    }
    let sources = sources(&tokens);
    let own = sources
        .iter()
        .find(|source| source.is(table, statement.default_schema))?;
    let alone = sources.len() == 1;
    let named = own.alias.unwrap_or(&table.table);
    let mut search = Search {
        joins: !alone,
        ..Search::default()
    };
    let mut in_conditions = false;
    for (at, token) in tokens.iter().enumerate() {
        if token.is_any(&["WHERE", "ON"]) {
            in_conditions = true;
        } else if token.is_any(&["GROUP", "ORDER", "HAVING", "LIMIT", "JOIN", "SET"]) {
            in_conditions = false;
        }
        if !in_conditions {
            continue;
        }
        let known = columns.iter().find(|column| {
            token.name().is_some() && {
                let name = token.name().unwrap_or_default();
                name.eq_ignore_ascii_case(column)
            }
        });
        let Some(column) = known else { continue };
        if !belongs(&tokens, at, named, alone) {
            continue;
        }
        let list = match comparison(&tokens, at) {
            Some(true) => &mut search.equal,
            Some(false) => &mut search.ranged,
            None => continue,
        };
        let column = column.to_lowercase();
        if !list.contains(&column) {
            list.push(column);
        }
    }
    Some(search)
}

/// Whether the column at this place is of the table that is called so.
fn belongs(tokens: &[Token], at: usize, named: &str, alone: bool) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
    let followed_by_dot = tokens.get(at + 1).is_some_and(|token| token.is("."));
    if followed_by_dot {
        return false;
    }
    match before(1) {
        Some(dot) if dot.is(".") => before(2).is_some_and(|token| token.names(named)),
        _ => alone,
    }
}

/// How the column at this place is compared: for equality, otherwise, or not as itself (inside a
/// function or a calculation).
fn comparison(tokens: &[Token], at: usize) -> Option<bool> {
    let start = match at.checked_sub(1).and_then(|at| tokens.get(at)) {
        Some(dot) if dot.is(".") => at.checked_sub(2)?,
        _ => at,
    };
    let before = start.checked_sub(1).and_then(|at| tokens.get(at))?;
    if before.is("=") {
        // The other side of a join.
        return Some(true);
    }
    let outside_function = match before {
        Token::Sign(sign) if sign == "(" => start
            .checked_sub(2)
            .and_then(|at| tokens.get(at))
            .is_some_and(|token| token.is_any(&["WHERE", "AND", "ON", "("])),
        token => token.is_any(&["WHERE", "AND", "ON"]),
    };
    if !outside_function {
        return None;
    }
    let operator = tokens.get(at + 1)?;
    if operator.is_any(&["=", "<=>", "IN"]) {
        Some(true)
    } else if operator.is_any(&["<", ">", "<=", ">=", "BETWEEN", "LIKE"]) {
        Some(false)
    } else {
        None
    }
}

/// Whether a change of definitions is one of `table`.
pub fn redefines(statement: Statement<'_>, table: &TableName) -> bool {
    let tokens = tokens(statement.text);
    let begins =
        |at: usize, token: &Token| (at == 1 && token.is("TABLE")) || (token.is("ON") && at <= 4);
    tokens
        .iter()
        .enumerate()
        .filter(|(at, token)| begins(*at, token))
        .filter_map(|(at, _)| tokens.get(at + 1..).and_then(source))
        .any(|source| source.is(table, statement.default_schema))
}

/// The indexes a change of definitions drops.
pub fn dropped_indexes(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    tokens
        .iter()
        .zip(tokens.iter().skip(1))
        .zip(tokens.iter().skip(2))
        .filter(|((drop, index), _)| drop.is("DROP") && index.is_any(&["INDEX", "KEY"]))
        .filter_map(|(_, name)| name.name().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COLUMNS: [&str; 5] = ["id", "customer_id", "status", "created_at", "total"];

    fn orders() -> TableName {
        TableName::of(None, "shop.orders").unwrap()
    }

    type Columns = (Vec<String>, Vec<String>);

    fn in_shop(text: &str) -> Statement<'_> {
        Statement {
            text,
            default_schema: Some("shop"),
        }
    }

    fn searched(text: &str) -> Option<Columns> {
        search(in_shop(text), &orders(), &COLUMNS).map(|search| (search.equal, search.ranged))
    }

    fn columns(equal: &[&str], ranged: &[&str]) -> Columns {
        let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        (own(equal), own(ranged))
    }

    #[test]
    fn both_flavours_tell_by_which_columns_they_search() {
        for (text, expected) in [
            (
                "SELECT `id` , STATUS , `total` FROM `orders` WHERE `customer_id` = ? ORDER BY `id` DESC LIMIT ?",
                columns(&["customer_id"], &[]),
            ),
            (
                "SELECT ID , STATUS , `total` FROM `orders` WHERE `customer_id` = ? ORDER BY ID DESC LIMIT ? ",
                columns(&["customer_id"], &[]),
            ),
            (
                "SELECT STATUS , COUNT ( * ) FROM `shop` . `orders` WHERE `created_at` >= ? AND STATUS = ? GROUP BY STATUS",
                columns(&["status"], &["created_at"]),
            ),
            (
                "UPDATE `orders` SET STATUS = ? WHERE `id` BETWEEN ? AND ?",
                columns(&[], &["id"]),
            ),
            (
                "SELECT * FROM `orders` WHERE LOWER ( STATUS ) = ? AND `customer_id` IN (...)",
                columns(&["customer_id"], &[]),
            ),
            (
                "SELECT `c` . `name` FROM `customers` `c` JOIN `orders` AS `o` ON `o` . `customer_id` = `c` . `id` WHERE `c` . `id` = ?",
                columns(&["customer_id"], &[]),
            ),
            (
                "SELECT * FROM `customers` `c` , `orders` `o` WHERE `c` . `id` = `o` . `customer_id` AND STATUS = ?",
                columns(&["customer_id"], &[]),
            ),
            (
                "DELETE FROM `orders` WHERE ( STATUS = ? )",
                columns(&["status"], &[]),
            ),
            ("SELECT COUNT ( * ) FROM `orders`", columns(&[], &[])),
        ] {
            assert_eq!(searched(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_judged_is_not() {
        for text in [
            "SELECT COUNT ( * ) FROM `orders` WHERE `id` = ? OR `customer_id` = ?",
            "SELECT * FROM `orders` WHERE `id` IN ( SELECT `id` FROM `orders` WHERE `total` > ? )",
            "SELECT * FROM `order_items` WHERE `id` = ?",
            "SELECT * FROM `other` . `orders` WHERE `id` = ?",
            "INSERT INTO `orders` ( `customer_id` ) VALUES (?)",
            "TRUNCATE TABLE `performance_schema` . `x`",
            "",
        ] {
            assert_eq!(searched(text), None, "{text}");
        }
    }

    #[test]
    fn dropped_indexes_are_read_from_the_change() {
        let text =
            "ALTER TABLE `orders` DROP FOREIGN KEY `fk_order_customer` , DROP INDEX `idx_customer`";
        assert!(redefines(in_shop(text), &orders()));
        assert_eq!(dropped_indexes(text), ["idx_customer"]);
        let text = "DROP INDEX `idx_customer` ON `shop` . `orders`";
        assert!(redefines(in_shop(text), &orders()));
        assert_eq!(dropped_indexes(text), ["idx_customer"]);
        assert!(redefines(
            in_shop("CREATE UNIQUE INDEX `i` ON `orders` ( `id` )"),
            &orders()
        ));
        let elsewhere = Statement {
            text: "ALTER TABLE `orders` ADD `a` INTEGER",
            default_schema: None,
        };
        assert!(!redefines(elsewhere, &orders()));
        assert!(!redefines(
            in_shop("ALTER TABLE `order_items` ADD `orders` INTEGER"),
            &orders()
        ));
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in ".{0,200}") {
            let _ = search(in_shop(&text), &orders(), &COLUMNS);
            let _ = redefines(in_shop(&text), &orders());
            let _ = dropped_indexes(&text);
        }
    }
}
