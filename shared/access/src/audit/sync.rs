//! Brings lines to disk: one thread syncs for all callers, as often as the rule asks.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::writer::Writer;
use super::{AuditError, Sync};

/// The writer and the thread that syncs it.
pub(super) struct Shared {
    rule: Sync,
    core: Arc<Core>,
    thread: Option<std::thread::JoinHandle<()>>,
}

struct Core {
    state: Mutex<State>,
    wake: Condvar,
    progress: watch::Sender<Progress>,
}

struct State {
    writer: Writer,
    /// When the oldest line not yet synced was written.
    waiting_since: Option<Instant>,
    /// Somebody waits for the disk.
    urgent: bool,
    closing: bool,
}

/// A line written, and how often syncing had failed by then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    pub(super) seq: u64,
    failures: u64,
}

/// How far the disk is, and how often it failed.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    seq: u64,
    failures: u64,
}

impl Shared {
    pub(super) fn start(writer: Writer, rule: Sync) -> Result<Arc<Self>, AuditError> {
        let seq = writer.synced.seq;
        let core = Arc::new(Core {
            state: Mutex::new(State {
                waiting_since: (writer.last.seq > seq).then(Instant::now),
                writer,
                urgent: false,
                closing: false,
            }),
            wake: Condvar::new(),
            progress: watch::Sender::new(Progress { seq, failures: 0 }),
        });
        let thread = std::thread::Builder::new()
            .name("audit-sync".to_owned())
            .spawn({
                let core = Arc::clone(&core);
                move || core.run(rule)
            })
            .map_err(AuditError::Write)?;
        Ok(Arc::new(Self {
            rule,
            core,
            thread: Some(thread),
        }))
    }

    pub(super) fn append(&self, body: &[u8]) -> Result<Written, AuditError> {
        let mut state = self.core.state();
        let written = Written {
            seq: state.writer.append(body)?,
            failures: self.core.progress.borrow().failures,
        };
        let first = state.waiting_since.is_none();
        state.waiting_since.get_or_insert_with(Instant::now);
        let waiting = state.writer.last.seq - state.writer.synced.seq;
        let wake = match self.rule {
            Sync::Every => {
                state.urgent = true;
                true
            }
            Sync::Group { max_records, .. } => first || waiting >= max_records,
            Sync::Os => false,
        };
        drop(state);
        if wake {
            self.core.wake.notify_one();
        }
        Ok(written)
    }

    /// Returns when a line is as safe as the rule asks.
    pub(super) async fn settled(&self, line: Written) -> Result<(), AuditError> {
        match self.rule {
            Sync::Every => self.on_disk(line).await,
            Sync::Group { .. } | Sync::Os => Ok(()),
        }
    }

    pub(super) async fn flush(&self) -> Result<(), AuditError> {
        let written = {
            let mut state = self.core.state();
            state.urgent = true;
            Written {
                seq: state.writer.last.seq,
                failures: self.core.progress.borrow().failures,
            }
        };
        self.core.wake.notify_one();
        self.on_disk(written).await
    }

    async fn on_disk(&self, line: Written) -> Result<(), AuditError> {
        let mut progress = self.core.progress.subscribe();
        let reached = progress
            .wait_for(|now| now.seq >= line.seq || now.failures > line.failures)
            .await
            .map(|now| now.seq >= line.seq);
        match reached {
            Ok(true) => Ok(()),
            _ => Err(AuditError::Sync(
                self.core
                    .state()
                    .writer
                    .sync_failure
                    .clone()
                    .unwrap_or_else(|| "the log is closed".to_owned()),
            )),
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.core.state().closing = true;
        self.core.wake.notify_one();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the audit log's sync thread had died");
        }
    }
}

impl Core {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, rule: Sync) {
        loop {
            let mut state = self.wait(rule);
            // Lines written while the disk works count for the next round.
            state.urgent = false;
            state.waiting_since = None;
            let closing = state.closing;
            let (sink, link) = state.writer.unsynced();
            drop(state);
            let result = sink.sync();
            let mut state = self.state();
            match result {
                Ok(()) => {
                    let seq = link.seq;
                    state.writer.settle(link);
                    self.progress.send_modify(|progress| progress.seq = seq);
                }
                Err(error) => {
                    tracing::error!(%error, "audit records do not reach the disk");
                    state.writer.sync_failure = Some(error.to_string());
                    self.progress.send_modify(|progress| progress.failures += 1);
                }
            }
            if closing {
                return;
            }
        }
    }

    /// Waits until it is time to sync.
    fn wait(&self, rule: Sync) -> MutexGuard<'_, State> {
        let mut state = self.state();
        loop {
            if state.closing || state.urgent {
                return state;
            }
            let due = match (rule, state.waiting_since) {
                (
                    Sync::Group {
                        max_delay,
                        max_records,
                    },
                    Some(since),
                ) => {
                    let waiting = state.writer.last.seq - state.writer.synced.seq;
                    if waiting >= max_records {
                        return state;
                    }
                    max_delay.saturating_sub(since.elapsed())
                }
                _ => Duration::MAX,
            };
            if due.is_zero() {
                return state;
            }
            state = if due == Duration::MAX {
                self.wake
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner)
            } else {
                let waited = self.wake.wait_timeout(state, due);
                waited.unwrap_or_else(PoisonError::into_inner).0
            };
        }
    }
}
