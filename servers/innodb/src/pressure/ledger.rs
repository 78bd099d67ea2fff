//! What each statement shape did between two samples: runs that ended, by the digest summary, and
//! those still running, by what they have done so far. Pure.

use std::collections::HashMap;

use storex_ledger::between;
use storex_tool::without_literals;

use super::rows::{CurrentRow, DigestRow, DigestTextRow};
use super::samples::Sample;
use super::work::{Who, Work};

const PICOSECONDS: f64 = 1e12;

/// Collects work by shape.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    works: Vec<Work>,
    by_digest: HashMap<String, usize>,
    by_shape: HashMap<String, usize>,
}

impl Ledger {
    /// The work of all statements between the samples.
    pub(super) fn between(
        before: &Sample,
        after: &Sample,
        texts: &[DigestTextRow],
        window_s: Option<f64>,
    ) -> Vec<Work> {
        let mut ledger = Self::default();
        if let Some(window_s) = window_s {
            ledger.take_ended(before, after, texts, window_s);
        }
        ledger.take_running(before, after, window_s.unwrap_or(f64::INFINITY));
        ledger.take_processes(before, after, window_s.unwrap_or(f64::INFINITY));
        ledger.name_those_who_ran(before, after);
        ledger.take_file_reads(before, after);
        ledger.works.retain(|work| !is_monitoring(&work.shape));
        ledger.works
    }

    fn take_ended(
        &mut self,
        before: &Sample,
        after: &Sample,
        texts: &[DigestTextRow],
        window: f64,
    ) {
        let text: HashMap<&str, &str> = texts
            .iter()
            .filter_map(|row| Some((row.digest.as_deref()?, row.digest_text.as_deref()?)))
            .collect();
        for row in between(&before.digests, &after.digests, window).ran {
            // What found no place in the table is of no one shape.
            if let Some(digest) = row.digest.as_deref() {
                let shape = text.get(digest).copied().unwrap_or_default();
                self.add(Some(digest), shape, &work_of(&row));
            }
        }
    }

    /// What runs now counts since the first sample; what ran then and has ended counted before it.
    fn take_running(&mut self, before: &Sample, after: &Sample, window: f64) {
        for row in after.current.iter().filter(|row| row.running && !row.own) {
            let then = same(&before.current, row);
            let since = |now: u64, then: Option<u64>| now.saturating_sub(then.unwrap_or(0));
            let shape = without_literals(row.sql_text.as_deref().unwrap_or_default());
            let lasted = row.time_ps as f64 / PICOSECONDS;
            let so_far = Work {
                time_s: lasted.min(window),
                rows_examined: since(row.rows_examined, then.map(|t| t.rows_examined)),
                rows_affected: since(row.rows_affected, then.map(|t| t.rows_affected)),
                tmp_tables: since(row.tmp_tables, then.map(|t| t.tmp_tables)),
                tmp_disk_tables: since(row.tmp_disk_tables, then.map(|t| t.tmp_disk_tables)),
                sort_merge_passes: since(row.sort_merge_passes, then.map(|t| t.sort_merge_passes)),
                running: 1,
                longest_s: lasted,
                ..Work::default()
            };
            self.add(row.digest.as_deref(), &shape, &so_far);
        }
        let ended = |row: &&CurrentRow| {
            row.running && !row.own && same(&after.current, row).is_none_or(|now| !now.running)
        };
        for row in before.current.iter().filter(ended) {
            let shape = without_literals(row.sql_text.as_deref().unwrap_or_default());
            if let Some(work) = self.find(row.digest.as_deref(), &shape) {
                work.time_s = (work.time_s - row.time_ps as f64 / PICOSECONDS).max(0.0);
                work.rows_examined = work.rows_examined.saturating_sub(row.rows_examined);
                work.rows_affected = work.rows_affected.saturating_sub(row.rows_affected);
                work.tmp_tables = work.tmp_tables.saturating_sub(row.tmp_tables);
            }
        }
    }

    /// The process list, which is read where the performance schema tells nothing of running
    /// statements.
    fn take_processes(&mut self, before: &Sample, after: &Sample, window: f64) {
        for row in &before.processes {
            let shape = without_literals(row.info.as_deref().unwrap_or_default());
            let then = Work {
                seen_running: 1,
                who: vec![Who::of_process(row)],
                ..Work::default()
            };
            self.add(None, &shape, &then);
        }
        for row in &after.processes {
            let shape = without_literals(row.info.as_deref().unwrap_or_default());
            let then = before.processes.iter().find(|then| {
                then.id == row.id && then.query_id == row.query_id && row.query_id != 0
            });
            let examined = row.rows_examined.unwrap_or(0);
            let lasted = row.time_ms / 1_000.0;
            let so_far = Work {
                time_s: lasted.min(window),
                rows_examined: examined
                    .saturating_sub(then.and_then(|then| then.rows_examined).unwrap_or(0)),
                running: 1,
                seen_running: 1,
                longest_s: lasted,
                who: vec![Who::of_process(row)],
                ..Work::default()
            };
            self.add(None, &shape, &so_far);
        }
    }

    /// A session's latest statement tells who runs that shape.
    fn name_those_who_ran(&mut self, before: &Sample, after: &Sample) {
        for row in after.current.iter().chain(&before.current) {
            if row.own {
                continue;
            }
            let who = Who::of_session(row);
            let digest = row.digest.as_deref();
            let by_digest = digest.and_then(|digest| self.by_digest.get(digest).copied());
            let index = by_digest.or_else(|| {
                let shape = without_literals(row.sql_text.as_deref()?);
                self.by_shape.get(&loose(&shape)).copied()
            });
            if let Some(work) = index.and_then(|index| self.works.get_mut(index)) {
                work.seen(who);
            }
        }
    }

    /// A session's reads of data files count for what it runs, or ran last.
    fn take_file_reads(&mut self, before: &Sample, after: &Sample) {
        for row in &after.thread_reads {
            let mut known = before.thread_reads.iter();
            let then = known.find(|then| then.id == row.id);
            let reads = row
                .file_reads
                .saturating_sub(then.map_or(0, |then| then.file_reads));
            let mut sessions = after.current.iter();
            let session = sessions.find(|session| session.id == row.id && !session.own);
            if let Some(session) = session.filter(|_| reads > 0) {
                let shape = without_literals(session.sql_text.as_deref().unwrap_or_default());
                if let Some(work) = self.find(session.digest.as_deref(), &shape) {
                    work.pages_read += reads;
                }
            }
        }
    }

    fn find(&mut self, digest: Option<&str>, shape: &str) -> Option<&mut Work> {
        let by_digest = digest.and_then(|digest| self.by_digest.get(digest).copied());
        let index = by_digest.or_else(|| self.by_shape.get(&loose(shape)).copied())?;
        self.works.get_mut(index)
    }

    fn add(&mut self, digest: Option<&str>, shape: &str, done: &Work) {
        if let Some(work) = self.find(digest, shape) {
            work.add(done);
            return;
        }
        let index = self.works.len();
        if let Some(digest) = digest {
            self.by_digest.insert(digest.to_owned(), index);
        }
        if !shape.is_empty() {
            self.by_shape.insert(loose(shape), index);
        }
        self.works.push(Work {
            shape: shape.trim().to_owned(),
            ..done.clone()
        });
    }
}

fn same<'a>(rows: &'a [CurrentRow], row: &CurrentRow) -> Option<&'a CurrentRow> {
    rows.iter()
        .find(|other| other.id == row.id && other.event_id == row.event_id)
}

/// What a digest did between the samples.
fn work_of(done: &DigestRow) -> Work {
    Work {
        runs: done.runs,
        time_s: done.time_ps as f64 / PICOSECONDS,
        rows_examined: done.rows_examined,
        rows_sent: done.rows_sent,
        rows_affected: done.rows_affected,
        tmp_tables: done.tmp_tables,
        tmp_disk_tables: done.tmp_disk_tables,
        sort_merge_passes: done.sort_merge_passes,
        errors: done.errors,
        ..Work::default()
    }
}

/// A shape by its words alone: digest texts of the two flavours and our own differ in spaces,
/// quotes, case and how lists of literals are folded.
fn loose(shape: &str) -> String {
    shape
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .take(300)
        .collect()
}

/// Statements of monitoring, ours among them: they read the server's own tables.
fn is_monitoring(shape: &str) -> bool {
    let text = shape.to_ascii_lowercase();
    let own = ["performance_schema", "information_schema", "@@"];
    text.starts_with("show ")
        || text.starts_with("set ")
        || own.iter().any(|name| text.contains(name))
}

#[cfg(test)]
mod tests;
