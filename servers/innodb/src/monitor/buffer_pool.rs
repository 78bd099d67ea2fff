//! `BUFFER POOL AND MEMORY` and `INDIVIDUAL BUFFER POOL INFO`.

use serde::Serialize;

use super::scan::{Scan, counts, labelled, short};
use super::tally::{Read, Reader};

/// `innodb_buffer_pool_instances` is at most 64.
const INSTANCES_AT_MOST: usize = 64;
const HASHES_AT_MOST: usize = 32;

/// The buffer pool and InnoDB's other memory.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct BufferPool {
    /// Large blocks allocated; recent MySQL versions print 0.
    pub large_memory_bytes: Option<u64>,
    /// The data dictionary's memory.
    pub dictionary_bytes: Option<u64>,
    /// Memory of internal hash tables (Percona Server).
    pub internal_hashes: Vec<HashMemory>,
    /// All instances together.
    pub total: PoolPages,
    /// Each instance, where there are several.
    pub instances: Vec<PoolPages>,
}

/// Memory of one of the server's hash tables.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HashMemory {
    /// `Adaptive hash index`, `Lock system`.
    pub name: String,
    /// In bytes.
    pub bytes: u64,
}

/// The pages of a buffer pool and what has been done with them since start-up.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PoolPages {
    /// The instance's number; none for all together.
    pub number: Option<u64>,
    /// Pages it has.
    pub size_pages: Option<u64>,
    /// The same in bytes (Percona Server).
    pub size_bytes: Option<u64>,
    /// Pages not in use.
    pub free_pages: Option<u64>,
    /// Pages that hold data.
    pub database_pages: Option<u64>,
    /// Pages in the old part of the LRU list, next to be evicted.
    pub old_pages: Option<u64>,
    /// Pages changed and not yet written.
    pub modified_pages: Option<u64>,
    /// Modified pages per 100 of LRU and free pages (MariaDB).
    pub modified_percent: Option<f64>,
    /// `innodb_max_dirty_pages_pct` (MariaDB).
    pub max_modified_percent: Option<f64>,
    /// Reads under way.
    pub pending_reads: Option<u64>,
    /// Writes under way to evict pages.
    pub pending_lru_writes: Option<u64>,
    /// Writes under way for a checkpoint.
    pub pending_flush_list_writes: Option<u64>,
    /// Single pages a user thread had to write to get a free one (not in MariaDB 10.5 and later).
    pub pending_single_page_writes: Option<u64>,
    /// Pages moved to the young part of the LRU list.
    pub made_young: Option<u64>,
    /// Pages accessed and left in the old part.
    pub not_made_young: Option<u64>,
    /// Pages read.
    pub pages_read: Option<u64>,
    /// Pages created.
    pub pages_created: Option<u64>,
    /// Pages written.
    pub pages_written: Option<u64>,
    /// Length of the LRU list.
    pub lru_pages: Option<u64>,
    /// Length of the list of uncompressed copies of compressed pages.
    pub unzip_lru_pages: Option<u64>,
}

impl Reader for BufferPool {
    fn line(&mut self, line: &str) -> Option<Read> {
        if let Some(number) = line.strip_prefix("---BUFFER POOL ") {
            let number = Some(number.trim().parse().ok()?);
            if self.instances.len() >= INSTANCES_AT_MOST {
                return None;
            }
            self.instances.push(PoolPages {
                number,
                ..PoolPages::default()
            });
            return Some(Read::Value);
        }
        match self.instances.last_mut() {
            Some(pool) => pool.line(line),
            None => self.memory(line).or_else(|| self.total.line(line)),
        }
    }
}

impl BufferPool {
    fn memory(&mut self, line: &str) -> Option<Read> {
        if line == "Internal hash tables (constant factor + variable factor)" {
            return Some(Read::Structure);
        }
        if let Some(line) = line.strip_prefix("    ") {
            return self.hash(line);
        }
        let (label, bytes) = labelled(line)?;
        *match label {
            "Total large memory allocated" => &mut self.large_memory_bytes,
            "Dictionary memory allocated" => &mut self.dictionary_bytes,
            _ => return None,
        } = Some(bytes);
        Some(Read::Value)
    }

    /// `    Adaptive hash index 2249568 \t(2233968 + 15600)`
    fn hash(&mut self, line: &str) -> Option<Read> {
        let text = line.split('(').next()?.trim_end();
        let (name, bytes) = labelled(text)?;
        if self.internal_hashes.len() >= HASHES_AT_MOST {
            return Some(Read::LeftOut);
        }
        self.internal_hashes.push(HashMemory {
            name: short(name)?,
            bytes,
        });
        Some(Read::Value)
    }
}

impl PoolPages {
    fn line(&mut self, line: &str) -> Option<Read> {
        if is_average(line) {
            return Some(Read::Average);
        }
        self.lists(line)
            .or_else(|| self.pending_writes(line))
            .or_else(|| self.percent(line))
            .or_else(|| self.labelled(line))
            .map(|()| Read::Value)
    }

    fn labelled(&mut self, line: &str) -> Option<()> {
        let (label, number) = labelled(line)?;
        *match label {
            "Buffer pool size" => &mut self.size_pages,
            "Buffer pool size, bytes" => &mut self.size_bytes,
            "Free buffers" => &mut self.free_pages,
            "Database pages" => &mut self.database_pages,
            "Old database pages" => &mut self.old_pages,
            "Modified db pages" => &mut self.modified_pages,
            "Pending reads" => &mut self.pending_reads,
            _ => return None,
        } = Some(number);
        Some(())
    }

    fn lists(&mut self, line: &str) -> Option<()> {
        if let Some([young, not]) = counts(line, ["Pages made young ", ", not young "], "") {
            self.made_young = Some(young);
            self.not_made_young = Some(not);
            return Some(());
        }
        let before = ["Pages read ", ", created ", ", written "];
        if let Some([read, created, written]) = counts(line, before, "") {
            self.pages_read = Some(read);
            self.pages_created = Some(created);
            self.pages_written = Some(written);
            return Some(());
        }
        let [lru, unzip] = counts(line, ["LRU len: ", ", unzip_LRU len: "], "")?;
        self.lru_pages = Some(lru);
        self.unzip_lru_pages = Some(unzip);
        Some(())
    }

    /// `Pending writes: LRU 0, flush list 0[, single page 0]`
    fn pending_writes(&mut self, line: &str) -> Option<()> {
        let mut scan = Scan::new(line);
        scan.lit("Pending writes: LRU ")?;
        let lru = scan.number()?;
        scan.lit(", flush list ")?;
        let flush_list = scan.number()?;
        let single = if scan.eat(", single page ") {
            Some(scan.number()?)
        } else {
            None
        };
        scan.end()?;
        self.pending_lru_writes = Some(lru);
        self.pending_flush_list_writes = Some(flush_list);
        self.pending_single_page_writes = single;
        Some(())
    }

    fn percent(&mut self, line: &str) -> Option<()> {
        let mut scan = Scan::new(line);
        if scan.eat("Percent of dirty pages(LRU & free pages): ") {
            self.modified_percent = Some(scan.decimal()?);
        } else {
            scan.lit("Max dirty pages percent: ")?;
            self.max_modified_percent = Some(scan.decimal()?);
        }
        scan.end()
    }
}

/// Rates, and ratios of the pages got within the window.
fn is_average(line: &str) -> bool {
    line.ends_with("/s")
        || line.starts_with("Buffer pool hit rate ")
        || line.starts_with("No buffer pool page gets since the last printout")
        || line.starts_with("I/O sum[")
}
