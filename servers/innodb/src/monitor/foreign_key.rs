//! `LATEST FOREIGN KEY ERROR`: the statement that failed and the constraint it failed on.

use serde::Serialize;

use super::locks::{TableName, is_record_field, is_record_start};
use super::scan::{Scan, capped, is_rule, short, stamp};
use super::tally::{Read, Reader};
use super::transaction::Transaction;
use super::transaction_lines::TransactionLines;

const TEXT_LINES: usize = 64;
const TEXT_LINE_BYTES: usize = 1_024;

/// The latest foreign key error since the server started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ForeignKeyError {
    /// The server's local time as printed.
    pub at: Option<String>,
    /// The thread.
    pub thread: Option<String>,
    /// What failed.
    pub cause: Option<ForeignKeyCause>,
    /// The transaction, where a row change failed.
    pub transaction: Option<Transaction>,
    /// The table with the constraint.
    pub table: Option<TableName>,
    /// The constraint's name.
    pub constraint: Option<String>,
    /// The table it references.
    pub referenced_table: Option<TableName>,
    /// The index of the child table.
    pub child_index: Option<String>,
    /// The index of the parent table.
    pub parent_index: Option<String>,
    /// The message as printed, without the transaction and without rows. Hostile text.
    pub text: Vec<String>,
}

/// What a foreign key stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ForeignKeyCause {
    /// A row was to be added whose parent does not exist.
    NoParentRow,
    /// A parent row was to be deleted or changed that has children.
    HasChildRows,
    /// A constraint was to be defined or dropped that cannot be.
    Definition,
}

/// Reads the section.
#[derive(Debug, Default)]
pub(super) struct ForeignKeyReader {
    out: ForeignKeyError,
    lines: Option<TransactionLines>,
    /// The transaction's lines are over.
    in_message: bool,
}

impl ForeignKeyReader {
    pub(super) fn finish(mut self) -> ForeignKeyError {
        self.out.transaction = self.lines.map(TransactionLines::finish);
        self.out
    }

    /// `2018-04-12 14:57:24 0x7f97a9c91700 Transaction:`
    fn head(&mut self, line: &str) -> Option<Read> {
        let (time, thread, rest) = stamp(line)?;
        self.out.at = short(time);
        self.out.thread = thread;
        if rest != "Transaction:" {
            self.in_message = true;
            self.definition(rest);
            self.keep(rest)?;
        }
        Some(Read::Value)
    }

    /// `Error in foreign key constraint of table shop/#sql-1_ea:`
    fn definition(&mut self, text: &str) {
        let Some((_, table)) = text.split_once("foreign key constraint of table ") else {
            return;
        };
        self.out.cause = Some(ForeignKeyCause::Definition);
        let table = table.trim_end().trim_end_matches([':', ',']);
        self.out.table = match table.split_once('/') {
            Some((schema, table)) if !schema.starts_with('`') => {
                let table = short(table).unwrap_or_default();
                Some(TableName {
                    schema: short(schema),
                    table,
                    partition: None,
                })
            }
            _ => TableName::scan(&mut Scan::new(table)),
        };
    }

    /// Takes a line of the message. All are kept; what is recognised is taken out as well.
    fn message(&mut self, line: &str) -> Option<Read> {
        if is_record_start(line) || is_record_field(line) {
            return Some(Read::Record);
        }
        self.keep(line)?;
        let mut scan = Scan::new(line.trim_start());
        if scan.eat("Foreign key constraint fails for table ") {
            self.out.table = TableName::scan(&mut scan);
        } else if scan.eat("CONSTRAINT ") {
            self.out.constraint = scan.name();
            self.referenced(scan);
        } else if scan.eat("Trying to add in child table, in index ") {
            self.out.child_index = scan.name();
        } else if scan.eat("Trying to ") && scan.until(" in parent table, in index ").is_some() {
            self.out.parent_index = scan.name();
        } else if scan.eat("But in parent table ") {
            self.out.cause = Some(ForeignKeyCause::NoParentRow);
            self.out.referenced_table = TableName::scan(&mut scan);
            scan.eat(", in index ");
            self.out.parent_index = scan.name();
        } else if scan.eat("But in child table ") {
            self.out.cause = Some(ForeignKeyCause::HasChildRows);
            TableName::scan(&mut scan);
            scan.eat(", in index ");
            self.out.child_index = scan.name();
        }
        Some(Read::Value)
    }

    /// `` FOREIGN KEY (`parent_id`) REFERENCES `parent` (`id`) ON DELETE CASCADE ``
    ///
    /// A table of the same schema is printed without it. MariaDB goes on in the same line with
    /// ` in parent table, in index child_parent tuple:`, where the index is the child's.
    fn referenced(&mut self, mut scan: Scan<'_>) {
        if scan.until(" REFERENCES ").is_none() {
            return;
        }
        self.out.referenced_table = TableName::scan(&mut scan).map(|mut name| {
            let schema = self
                .out
                .table
                .as_ref()
                .and_then(|table| table.schema.clone());
            name.schema = name.schema.or(schema);
            name
        });
        if scan.until(" in parent table, in index ").is_some() {
            self.out.child_index = scan.name();
        }
    }

    fn keep(&mut self, line: &str) -> Option<()> {
        if self.out.text.len() >= TEXT_LINES {
            return None;
        }
        self.out.text.push(capped(line, TEXT_LINE_BYTES).to_owned());
        Some(())
    }
}

impl Reader for ForeignKeyReader {
    fn line(&mut self, line: &str) -> Option<Read> {
        if self.out.at.is_none() {
            return self.head(line);
        }
        if line == "," || is_rule(line, '-') {
            return Some(Read::Structure);
        }
        if !self.in_message && line.starts_with("Foreign key constraint fails for table ") {
            self.in_message = true;
        }
        if self.in_message {
            return self.message(line);
        }
        TransactionLines::feed(&mut self.lines, line)
    }

    fn blank(&mut self) {
        if !self.in_message
            && let Some(lines) = &mut self.lines
        {
            lines.blank();
        }
    }
}
