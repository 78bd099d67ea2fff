//! What is written, and what is known while it is being written.

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};

use crate::tables::{TableName, is_own};
use crate::{Grammar, Refused};

/// Tables of one statement: the server joins 61 at most (MySQL Reference Manual, "Limits on Joins"); each
/// is looked up before.
const MOST_TABLES: usize = 20;
/// Mentions of tables, the same one several times included.
const MOST_MENTIONS: usize = 61;
/// Expressions and queries inside each other.
const MOST_LEVELS: usize = 40;
/// Characters of a name (MySQL Reference Manual, "Identifier Length Limits"); aliases may be longer.
const LONGEST_NAME: usize = 256;

/// What is told of a clause that locks rows.
pub(crate) const LOCKS: &str = "the clause that locks rows";

/// The statement written so far.
pub(crate) struct Writer<'a> {
    pub(crate) out: String,
    pub(crate) grammar: Grammar,
    schema: Option<&'a str>,
    /// Common table expressions in sight, in lower case.
    pub(crate) ctes: Vec<String>,
    tables: Vec<TableName>,
    mentions: usize,
    levels: usize,
    left_out: Vec<&'static str>,
}

/// A statement written to its end.
pub(crate) struct Written {
    pub(crate) sql: String,
    pub(crate) tables: Vec<TableName>,
    pub(crate) left_out: Vec<&'static str>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(grammar: Grammar, schema: Option<&'a str>) -> Self {
        Self {
            out: String::new(),
            grammar,
            schema,
            ctes: Vec::new(),
            tables: Vec::new(),
            mentions: 0,
            levels: 0,
            left_out: Vec::new(),
        }
    }

    pub(crate) fn finish(self) -> Written {
        Written {
            sql: self.out,
            tables: self.tables,
            left_out: self.left_out,
        }
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Notes a clause that is not written.
    pub(crate) fn leave_out(&mut self, what: &'static str) {
        if !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }

    /// Goes one level down while `inner` writes.
    pub(crate) fn deeper(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        if self.levels >= MOST_LEVELS {
            return Err(Refused::TooLarge {
                what: "levels of nesting",
                limit: MOST_LEVELS,
            });
        }
        self.levels += 1;
        let written = inner(self);
        self.levels -= 1;
        written
    }

    /// Writes items with a comma between them.
    pub(crate) fn list<T>(
        &mut self,
        items: &[T],
        mut each: impl FnMut(&mut Self, &T) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            each(self, item)?;
        }
        Ok(())
    }

    /// A name in back quotes.
    pub(crate) fn name(&mut self, name: &Ident) -> Result<(), Refused> {
        if name.quote_style.is_none() && name.value.starts_with('@') {
            return Err(Refused::Variable);
        }
        self.quoted(&name.value)
    }

    fn quoted(&mut self, name: &str) -> Result<(), Refused> {
        let odd = name.chars().any(char::is_control) || name.ends_with(' ');
        if name.is_empty() || name.chars().count() > LONGEST_NAME || odd {
            return Err(Refused::Name);
        }
        self.push("`");
        self.push(&name.replace('`', "``"));
        self.push("`");
        Ok(())
    }

    /// A column, with its table and that one's schema where they are told.
    pub(crate) fn names(&mut self, names: &[Ident]) -> Result<(), Refused> {
        if names.len() > 3 {
            return Err(Refused::construct("a name of more than three parts"));
        }
        for (index, name) in names.iter().enumerate() {
            if index > 0 {
                self.push(".");
            }
            self.name(name)?;
        }
        Ok(())
    }

    /// A table: a common table expression in sight by its name alone, any other with its schema.
    pub(crate) fn table(&mut self, name: &ObjectName) -> Result<(), Refused> {
        self.mentions += 1;
        if self.mentions > MOST_MENTIONS {
            return Err(Refused::TooLarge {
                what: "tables joined",
                limit: MOST_MENTIONS,
            });
        }
        let parts = parts(name)?;
        let (schema, table) = match parts.as_slice() {
            [table] if self.ctes.contains(&table.value.to_lowercase()) => return self.name(table),
            [table] if table.quote_style.is_none() && table.value.eq_ignore_ascii_case("dual") => {
                self.push("DUAL");
                return Ok(());
            }
            [table] => (self.schema.ok_or(Refused::NoSchema)?.to_owned(), table),
            [schema, table] => {
                if schema.quote_style.is_none() && schema.value.starts_with('@') {
                    return Err(Refused::Variable);
                }
                (schema.value.clone(), table)
            }
            _ => return Err(Refused::construct("a name of more than two parts in FROM")),
        };
        if is_own(&schema) {
            return Err(Refused::SystemSchema {
                schema: schema.to_lowercase(),
            });
        }
        self.quoted(&schema)?;
        self.push(".");
        self.name(table)?;
        let table = TableName {
            schema,
            name: table.value.clone(),
        };
        if !self.tables.contains(&table) {
            self.tables.push(table);
        }
        if self.tables.len() > MOST_TABLES {
            return Err(Refused::TooLarge {
                what: "tables",
                limit: MOST_TABLES,
            });
        }
        Ok(())
    }
}

/// The parts of a name, all of which must be plain ones.
pub(crate) fn parts<'n>(name: &'n ObjectName) -> Result<Vec<&'n Ident>, Refused> {
    let part = |part: &'n ObjectNamePart| match part {
        ObjectNamePart::Identifier(name) => Ok(name),
        ObjectNamePart::Function(_) => Err(Refused::construct("a function in the place of a name")),
    };
    name.0.iter().map(part).collect()
}
