//! Reads a window of a log across its files, whatever the source: picks the files that may hold some
//! of it, goes on after a cut connection, follows a rotation, and accounts for what was not read.

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::SignedDuration;

use super::{
    Compression, LogChunk, LogError, LogFile, LogKind, LogRange, LogReport, LogStream, LogTimes,
    Logs, ReadFile, Unread, UnreadWhy, Window,
};

/// Attempts to go on with a file after a cut or a throttled request.
const ATTEMPTS: u32 = 4;
/// Times a log is listed again because files appeared while it was read.
const ROUNDS: u32 = 8;

/// A reading of a log across its files.
pub struct WindowRead<'a> {
    logs: &'a dyn Logs,
    kind: LogKind,
    window: Option<Window>,
    slack: SignedDuration,
    left_bytes: u64,
    files: VecDeque<Current>,
    seen: HashSet<String>,
    current: Option<Current>,
    /// Files read to their end: how far, and their place in the report.
    ends: HashMap<String, (u64, usize)>,
    /// The file the last chunk was of.
    last: Option<String>,
    rounds: u32,
    report: LogReport,
}

/// A file to be read.
struct Current {
    file: LogFile,
    /// Its place in the report, once it was begun.
    place: Option<usize>,
    /// None until it is opened, or opened again.
    stream: Option<Box<dyn LogStream>>,
    /// The first byte not handed out, once some were.
    at: Option<u64>,
    attempts: u32,
}

impl<'a> WindowRead<'a> {
    /// A reading of the log `kind`, of the window only where one is given, within a budget. The files
    /// are listed now, and read as [`Self::next`] is called.
    pub async fn open(
        logs: &'a dyn Logs,
        kind: LogKind,
        window: Option<Window>,
        budget_bytes: u64,
    ) -> Result<Self, LogError> {
        let mut read = Self {
            logs,
            kind,
            window,
            slack: LogTimes::new(kind, logs.time_zone()).slack(),
            left_bytes: budget_bytes,
            files: VecDeque::new(),
            seen: HashSet::new(),
            current: None,
            ends: HashMap::new(),
            last: None,
            rounds: 0,
            report: LogReport::default(),
        };
        read.look().await?;
        Ok(read)
    }

    /// The next bytes, oldest first; `None` when all files were read or the budget is used up.
    ///
    /// # Errors
    /// Only when the call was stopped: what keeps a file from being read is told in the report.
    pub async fn next(&mut self) -> Result<Option<LogChunk>, LogError> {
        loop {
            if self.current.is_none() {
                if self.files.is_empty() && !self.look_again().await? {
                    return Ok(None);
                }
                self.begin_file();
            }
            match self.step().await {
                Ok(Some(chunk)) => return Ok(Some(chunk)),
                Ok(None) => self.end_file(),
                Err(error) if error.ends_the_call() => return Err(error),
                Err(error) => self.try_again_or_give_up(error).await?,
            }
        }
    }

    /// What was read and what was not. Complete once [`Self::next`] has returned `None`.
    pub fn report(&self) -> &LogReport {
        &self.report
    }

    /// The report, however far the reading came.
    pub fn into_report(mut self) -> LogReport {
        self.end_file();
        self.report
    }

    async fn step(&mut self) -> Result<Option<LogChunk>, LogError> {
        let Some(current) = &mut self.current else {
            return Ok(None);
        };
        let stream = match &mut current.stream {
            Some(stream) => stream,
            empty => {
                let range = LogRange {
                    from: current.at.unwrap_or(0),
                    window: self.window,
                    budget_bytes: self.left_bytes,
                };
                empty.insert(self.logs.read(&current.file, &range).await?)
            }
        };
        let Some(mut chunk) = stream.next().await? else {
            return Ok(None);
        };
        let length = chunk.bytes.len() as u64;
        // A stream that was opened again where the last one broke goes on with the same entry.
        chunk.joined = self.last.as_ref() == Some(&current.file.id)
            && (chunk.joined || current.at == Some(chunk.offset));
        self.last = Some(current.file.id.clone());
        current.at = Some(chunk.offset + length);
        current.attempts = 0;
        self.left_bytes = self.left_bytes.saturating_sub(length);
        self.report.bytes += length;
        let place = current
            .place
            .and_then(|place| self.report.files.get_mut(place));
        if let Some(file) = place {
            file.bytes += length;
        }
        Ok(Some(chunk))
    }

    async fn look(&mut self) -> Result<bool, LogError> {
        let listing = self.logs.list(self.kind).await?;
        let next_first = listing.files.iter().skip(1);
        let next_first = next_first.map(|next| next.covered.first.filter(|_| listing.in_turn));
        let next_first: Vec<_> = next_first.chain([None]).collect();
        for (file, next) in listing.files.iter().zip(next_first) {
            let wanted = self.window.is_none_or(|window| {
                let late = |at: Option<jiff::Timestamp>| {
                    at.is_some_and(|at| at.duration_since(window.to) >= self.slack)
                };
                let early = |at: Option<jiff::Timestamp>| {
                    at.is_some_and(|at| window.from.duration_since(at) > self.slack)
                };
                let last = file.covered.last.or(file.modified_at);
                !late(file.covered.first) && !early(last) && !early(next)
            });
            if self.seen.insert(file.id.clone()) && wanted {
                self.files.push_back(Current {
                    file: file.clone(),
                    place: None,
                    stream: None,
                    at: None,
                    attempts: 0,
                });
            }
        }
        if !self.files.is_empty() && self.left_bytes > 0 {
            for file in listing.files.iter().rev() {
                self.look_for_more_of(file);
            }
        }
        self.report.gaps = listing.gaps;
        Ok(!self.files.is_empty())
    }

    /// Where there are new files, those before them are complete only now: what was added to them since
    /// they were read comes first.
    fn look_for_more_of(&mut self, file: &LogFile) {
        let Some((at, place)) = self.ends.get(&file.id).copied() else {
            return;
        };
        let packed = file.compression != Compression::None;
        if packed || file.size_bytes.is_none_or(|size| size > at) {
            self.ends.remove(&file.id);
            self.files.push_front(Current {
                file: file.clone(),
                place: Some(place),
                stream: None,
                at: Some(at),
                attempts: 0,
            });
        }
    }

    /// Looks for files that a rotation made since the last look.
    async fn look_again(&mut self) -> Result<bool, LogError> {
        if self.rounds >= ROUNDS {
            return Ok(false);
        }
        self.rounds += 1;
        match self.look().await {
            Err(error) if error.ends_the_call() => Err(error),
            // What was there has been read; what cannot be listed now was not there then.
            Err(_) => Ok(false),
            Ok(more) => Ok(more),
        }
    }

    fn begin_file(&mut self) {
        let Some(mut next) = self.files.pop_front() else {
            return;
        };
        if next.place.is_none() {
            next.place = Some(self.report.files.len());
            self.report.files.push(ReadFile {
                name: next.file.name.clone(),
                compression: next.file.compression,
                bytes: 0,
                read_from_start: false,
            });
        }
        self.current = Some(next);
    }

    fn end_file(&mut self) {
        let Some(current) = self.current.take() else {
            return;
        };
        let (Some(stream), Some(place)) = (current.stream, current.place) else {
            return;
        };
        self.report.close(stream.state(), place);
        // A compressed file does not grow.
        if current.file.compression == Compression::None {
            let at = current.at.unwrap_or(0);
            self.ends.insert(current.file.id, (at, place));
        }
    }

    async fn try_again_or_give_up(&mut self, error: LogError) -> Result<(), LogError> {
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        if let (Some(pause), true) = (error.worth_another_try(), current.attempts < ATTEMPTS) {
            current.attempts += 1;
            if let LogError::Cut { at, .. } = error {
                current.at = Some(at.max(current.at.unwrap_or(0)));
            }
            if let (Some(stream), Some(place)) = (current.stream.take(), current.place) {
                self.report.close(stream.state(), place);
            }
            let pause = pause.saturating_mul(1 << (current.attempts - 1));
            self.report.resumed += 1;
            return self.logs.pause(pause).await;
        }
        let file = current.file.name.clone();
        // Beyond the size it was listed with it is not known how much there was.
        let at = current.at.unwrap_or(0);
        let size = current.file.size_bytes.filter(|size| *size > at || at == 0);
        let bytes = size.map(|size| size - at);
        self.end_file();
        if bytes == Some(0) {
            return Ok(());
        }
        let why = match error {
            LogError::Rotated { .. } | LogError::NotFound { .. } => UnreadWhy::Rotated,
            LogError::Damaged { .. } => UnreadWhy::Damaged,
            LogError::Denied { .. } => UnreadWhy::Denied,
            LogError::Throttled { .. } | LogError::Cut { .. } | LogError::Unreachable { .. } => {
                UnreadWhy::Unreachable
            }
            _ => UnreadWhy::Failed,
        };
        self.report.unread.push(Unread { file, bytes, why });
        Ok(())
    }
}
