//! The logs of a call's instance: listed and read within the bytes its tool declared, with everything
//! that was not read told in the coverage.

use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use storex_sources::{
    Blame, LogChunk, LogError, LogKind, LogListing, LogReport, Logs, UnreadWhy, Window, WindowRead,
};

use super::Call;
use crate::ToolError;

/// The logs of the instance.
#[derive(Clone, Copy)]
pub struct CallLogs<'a> {
    call: &'a Call,
    logs: &'a dyn Logs,
}

/// How often the client is told how far reading has come.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// How much of a log a tool reads at most. What is left then is told in the coverage.
#[derive(Debug, Clone, Copy)]
pub struct LogBounds {
    /// Bytes, of those its spec declares.
    pub bytes: u64,
    /// Time.
    pub time: Duration,
}

/// A log being read. Dropped, it tells the coverage what it did not read.
pub struct LogReading<'a> {
    call: &'a Call,
    kind: LogKind,
    /// Bytes it may still read; what is left of them at the end is given back.
    reserved: u64,
    read: Option<WindowRead<'a>>,
    began: Instant,
    told: Instant,
    time: Duration,
    bytes: u64,
}

impl Call {
    /// The logs of the instance the caller named.
    ///
    /// # Errors
    /// An internal error for a tool of the fleet, or one that declared no `log_bytes`.
    pub fn logs(&self) -> Result<CallLogs<'_>, ToolError> {
        let spec = self.parts.spec;
        if spec.log_bytes == 0 {
            let detail = format!("{} reads logs, which its spec does not declare", spec.name);
            return Err(ToolError::internal(detail));
        }
        let logs = self.parts.logs.as_deref();
        let logs = logs
            .ok_or_else(|| ToolError::internal("a tool without an instance asked for its logs"))?;
        Ok(CallLogs { call: self, logs })
    }
}

impl<'a> CallLogs<'a> {
    /// Where they come from, in a word: `files`, `snapshot`, `rds`.
    pub fn source(&self) -> &'static str {
        self.call.parts.logs_kind
    }

    /// The zone of times the log says none of.
    pub fn time_zone(&self) -> TimeZone {
        self.logs.time_zone()
    }

    /// The files of a log, oldest first. Where they cannot be listed the coverage says why; so it does
    /// of files that are there and cannot be used.
    ///
    /// # Errors
    /// Only when the call was stopped.
    pub async fn list(&self, kind: LogKind) -> Result<Option<LogListing>, ToolError> {
        self.call.expected();
        match self.logs.list(kind).await {
            Ok(listing) => {
                self.call.answered_by_logs();
                for left in &listing.left_out {
                    let what = format!("{} file(s) of the {kind} log", left.files);
                    self.call.missing(what, left.why, "");
                }
                Ok(Some(listing))
            }
            Err(error) => self.call.without(kind, error).map(|()| None),
        }
    }

    /// Reads a log, of `window` only where one is given, and at most `bounds` of what the tool may
    /// still read, telling the client how far it has come. Bytes around the window come with it; entries in them are the tool's to leave
    /// out.
    ///
    /// # Errors
    /// Only when the call was stopped.
    pub async fn read(
        &self,
        kind: LogKind,
        window: Option<Window>,
        bounds: LogBounds,
    ) -> Result<Option<LogReading<'a>>, ToolError> {
        self.call.expected();
        let reserved = self.call.reserve_log_bytes(bounds.bytes);
        let began = Instant::now();
        match WindowRead::open(self.logs, kind, window, reserved).await {
            Ok(read) => {
                self.call.answered_by_logs();
                Ok(Some(LogReading {
                    call: self.call,
                    kind,
                    reserved,
                    read: Some(read),
                    began,
                    told: began,
                    time: bounds.time,
                    bytes: 0,
                }))
            }
            Err(error) => {
                self.call.give_back_log_bytes(reserved);
                self.call.without(kind, error).map(|()| None)
            }
        }
    }
}

impl LogReading<'_> {
    /// The next bytes, oldest first.
    ///
    /// # Errors
    /// Only when the call was stopped.
    pub async fn next(&mut self) -> Result<Option<LogChunk>, ToolError> {
        if self.is_late() {
            return Ok(None);
        }
        let Some(read) = &mut self.read else {
            return Ok(None);
        };
        let chunk = read.next().await?;
        if let Some(chunk) = &chunk {
            let length = chunk.bytes.len() as u64;
            self.reserved = self.reserved.saturating_sub(length);
            self.call.state().cost.log_bytes += length;
            self.bytes += length;
            self.tell();
        }
        Ok(chunk)
    }

    fn tell(&mut self) {
        if self.told.elapsed() >= TOLD_EVERY {
            self.told = Instant::now();
            let (mb, kind) = (self.bytes as f64 / 1e6, self.kind);
            self.call
                .progress(format!("{mb:.0} MB of the {kind} log read"));
        }
    }

    /// Whether the time is up, which the coverage then tells.
    fn is_late(&self) -> bool {
        let late = self.began.elapsed() >= self.time;
        if late {
            let (seconds, mb) = (self.time.as_secs(), self.bytes as f64 / 1e6);
            self.call.missing(
                format!("the end of the {} log", self.kind),
                format!("reading stopped after {seconds} s and {mb:.0} MB"),
                "ask for a shorter window",
            );
        }
        late
    }

    /// What was read so far.
    pub fn report(&self) -> Option<&LogReport> {
        self.read.as_ref().map(WindowRead::report)
    }

    /// What was read and what was not; the coverage has been told.
    pub fn finish(mut self) -> LogReport {
        self.close()
    }

    fn close(&mut self) -> LogReport {
        let Some(read) = self.read.take() else {
            return LogReport::default();
        };
        let report = read.into_report();
        self.call
            .give_back_log_bytes(std::mem::take(&mut self.reserved));
        let kind = self.kind;
        for unread in &report.unread {
            let what = format!("{kind} log {}", unread.file);
            let why = match unread.bytes {
                Some(bytes) => format!("{bytes} bytes were not read: {}", unread.why),
                None => format!("it was not read to its end: {}", unread.why),
            };
            let fix = match unread.why {
                UnreadWhy::Budget => "ask for a shorter window",
                UnreadWhy::Costly => "ask for a shorter window, or have the table emptied",
                UnreadWhy::Damaged => "restore the file, or remove it",
                _ => "",
            };
            self.call.missing(what, why, fix);
        }
        for gap in &report.gaps {
            let what = format!("{kind} log between {} and {}", gap.after, gap.before);
            self.call
                .missing(what, format!("{} file(s) are not there", gap.files), "");
        }
        report
    }
}

impl Drop for LogReading<'_> {
    fn drop(&mut self) {
        self.close();
    }
}

impl Call {
    fn without(&self, kind: LogKind, error: LogError) -> Result<(), ToolError> {
        if error.blame() == Blame::Call {
            return Err(error.into());
        }
        if let Some(detail) = error.internal_detail() {
            tracing::warn!(log = kind.as_str(), detail, "log failed");
        }
        self.missing(format!("{kind} log"), error.to_string(), error.remedy());
        Ok(())
    }

    fn answered_by_logs(&self) {
        let mut state = self.state();
        state.coverage.answered += 1;
        state.logs_read = true;
    }

    fn reserve_log_bytes(&self, share: u64) -> u64 {
        let mut state = self.state();
        let left = self
            .parts
            .spec
            .log_bytes
            .saturating_sub(state.log_bytes_taken);
        let reserved = share.min(left);
        state.log_bytes_taken += reserved;
        reserved
    }

    fn give_back_log_bytes(&self, bytes: u64) {
        let mut state = self.state();
        state.log_bytes_taken = state.log_bytes_taken.saturating_sub(bytes);
    }
}
