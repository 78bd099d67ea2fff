//! `INSERT BUFFER AND ADAPTIVE HASH INDEX`; MariaDB prints two sections, each where it is used.

use serde::Serialize;

use super::scan::{Scan, counts};
use super::tally::{Read, Reader};

const PARTS_AT_MOST: usize = 512;

/// The change buffer, once called the insert buffer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ChangeBuffer {
    /// Pages in use.
    pub size_pages: Option<u64>,
    /// Free pages of its segment.
    pub free_pages: Option<u64>,
    /// Pages of its segment.
    pub segment_pages: Option<u64>,
    /// Merges into index pages since start-up.
    pub merges: Option<u64>,
    /// Changes merged since start-up.
    pub merged: Option<BufferedChanges>,
    /// Changes dropped since start-up: their table or index was gone.
    pub discarded: Option<BufferedChanges>,
}

/// Buffered changes by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BufferedChanges {
    /// Inserts.
    pub inserts: u64,
    /// Delete marks.
    pub delete_marks: u64,
    /// Deletes, by purge.
    pub deletes: u64,
}

/// The adaptive hash index.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AdaptiveHash {
    /// Its parts (`innodb_adaptive_hash_index_parts`); none where it is switched off.
    pub parts: Vec<HashPart>,
}

/// A part of the adaptive hash index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct HashPart {
    /// Cells of its table.
    pub cells: u64,
    /// Buffer pool pages its entries use.
    pub node_pages: u64,
}

/// Reads the section, or the two.
#[derive(Debug, Default)]
pub(super) struct ChangeBufferReader {
    pub(super) change_buffer: Option<ChangeBuffer>,
    pub(super) adaptive_hash: Option<AdaptiveHash>,
    operations: Operations,
}

#[derive(Debug, Clone, Copy, Default)]
enum Operations {
    #[default]
    None,
    Merged,
    Discarded,
}

impl ChangeBufferReader {
    fn sizes(&mut self, line: &str) -> Option<Read> {
        let line = line.strip_prefix("Ibuf: ").unwrap_or(line);
        let before = ["size ", ", free list len ", ", seg size ", ", "];
        let [size, free, segment, merges] = counts(line, before, " merges")?;
        let buffer = self.change_buffer.get_or_insert_default();
        buffer.size_pages = Some(size);
        buffer.free_pages = Some(free);
        buffer.segment_pages = Some(segment);
        buffer.merges = Some(merges);
        Some(Read::Value)
    }

    fn operations(&mut self, line: &str) -> Option<Read> {
        match line.trim() {
            "merged operations:" => self.operations = Operations::Merged,
            "discarded operations:" => self.operations = Operations::Discarded,
            line => {
                let before = ["insert ", ", delete mark ", ", delete "];
                let [inserts, delete_marks, deletes] = counts(line, before, "")?;
                let buffer = self.change_buffer.get_or_insert_default();
                *match self.operations {
                    Operations::None => return None,
                    Operations::Merged => &mut buffer.merged,
                    Operations::Discarded => &mut buffer.discarded,
                } = Some(BufferedChanges {
                    inserts,
                    delete_marks,
                    deletes,
                });
                return Some(Read::Value);
            }
        }
        Some(Read::Structure)
    }

    /// `Hash table size 34679[, used cells 12], node heap has 0 buffer(s)`
    fn part(&mut self, line: &str) -> Option<Read> {
        let mut scan = Scan::new(line);
        scan.lit("Hash table size ")?;
        let cells = scan.number()?;
        if scan.eat(", used cells ") {
            scan.number::<u64>()?;
        }
        scan.lit(", node heap has ")?;
        let node_pages = scan.number()?;
        scan.lit(" buffer(s)")?;
        let parts = &mut self.adaptive_hash.get_or_insert_default().parts;
        if parts.len() >= PARTS_AT_MOST {
            return Some(Read::LeftOut);
        }
        parts.push(HashPart { cells, node_pages });
        Some(Read::Value)
    }
}

impl Reader for ChangeBufferReader {
    fn line(&mut self, line: &str) -> Option<Read> {
        if line.ends_with(" non-hash searches/s") {
            return Some(Read::Average);
        }
        self.sizes(line)
            .or_else(|| self.operations(line))
            .or_else(|| self.part(line))
    }
}
