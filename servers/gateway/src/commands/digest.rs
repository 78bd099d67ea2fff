//! `storex digest`: slow logs digested in a terminal.

mod print;

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use storex_digest::report::By;
use storex_digest::{Digest as Digested, Options, Pipeline, Window};

/// So much is read at once.
const CHUNK: usize = 1 << 20;

/// `storex digest FILE...`
#[derive(Debug, Args)]
pub(super) struct Digest {
    /// Slow logs, also packed with gzip, zstd or bzip2, one after the other; `-` is standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// What statements are put in order by
    #[arg(long, value_enum, default_value_t = Order::Time)]
    by: Order,
    /// Statements shown
    #[arg(long, default_value_t = 10)]
    limit: usize,
    /// Only statements that ended then or later, as 2026-11-23T07:00:00Z
    #[arg(long)]
    since: Option<jiff::Timestamp>,
    /// Only statements that ended before
    #[arg(long)]
    until: Option<jiff::Timestamp>,
    /// Take names that differ in digits only for the same: the shards of a table are one
    #[arg(long)]
    shards: bool,
    /// Threads; else as many as there are cores
    #[arg(long)]
    threads: Option<usize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Order {
    Time,
    Lock,
    Examined,
    Sent,
    Bytes,
    Calls,
}

impl Digest {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let began = Instant::now();
        let (digest, bytes) = self.read()?;
        let by = match self.by {
            Order::Time => By::Time,
            Order::Lock => By::LockTime,
            Order::Examined => By::RowsExamined,
            Order::Sent => By::RowsSent,
            Order::Bytes => By::BytesSent,
            Order::Calls => By::Count,
        };
        print!("{}", print::report(&digest, by, self.limit));
        let took = began.elapsed().as_secs_f64();
        let mb = bytes as f64 / 1e6;
        eprintln!(
            "{mb:.1} MB read in {took:.2} s, {:.0} MB/s",
            mb / took.max(1e-9)
        );
        Ok(ExitCode::SUCCESS)
    }

    fn read(&self) -> anyhow::Result<(Digested, u64)> {
        let micros = |at: Option<jiff::Timestamp>, otherwise| {
            at.map_or(otherwise, jiff::Timestamp::as_microsecond)
        };
        let bounded = self.since.is_some() || self.until.is_some();
        let window = Window {
            from_us: micros(self.since, i64::MIN),
            to_us: micros(self.until, i64::MAX),
        };
        if window.from_us >= window.to_us {
            bail!("--until must be later than --since");
        }
        let options = Options {
            window: bounded.then_some(window),
            folds_digits: self.shards,
            ..Options::default()
        };
        let threads = self
            .threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        let mut whole: Option<Digested> = None;
        let mut progress = Progress::over(&self.files);
        for path in &self.files {
            let mut pipeline = Pipeline::new(&options, threads);
            let mut input = open(path)?;
            let mut buffer = vec![0; CHUNK];
            loop {
                let read = input
                    .read(&mut buffer)
                    .with_context(|| format!("failed to read {}", path.display()))?;
                if read == 0 {
                    break;
                }
                pipeline.feed(buffer.get(..read).unwrap_or_default());
                progress.read(read);
            }
            let digest = pipeline.finish();
            match &mut whole {
                Some(whole) => whole.merge(&digest),
                None => whole = Some(digest),
            }
        }
        progress.end();
        let whole = whole.unwrap_or_else(|| Digested::new(options));
        Ok((whole, progress.done))
    }
}

fn open(path: &Path) -> anyhow::Result<Box<dyn Read>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let file = storex_clouds::files::unpacked(path);
    Ok(file.with_context(|| format!("failed to open {}", path.display()))?)
}

/// A line in the terminal that tells how far reading has come.
struct Progress {
    total: Option<u64>,
    done: u64,
    shown: Option<Instant>,
    is_shown: bool,
}

impl Progress {
    const EVERY: Duration = Duration::from_millis(200);

    fn over(files: &[PathBuf]) -> Self {
        let sizes = files
            .iter()
            .map(|path| Some(std::fs::metadata(path).ok()?.len()));
        Self {
            total: sizes.sum::<Option<u64>>().filter(|total| *total > 0),
            done: 0,
            shown: None,
            is_shown: std::io::stderr().is_terminal(),
        }
    }

    fn read(&mut self, bytes: usize) {
        self.done += bytes as u64;
        let due = self.shown.is_none_or(|at| at.elapsed() >= Self::EVERY);
        if !self.is_shown || !due {
            return;
        }
        self.shown = Some(Instant::now());
        let mb = self.done as f64 / 1e6;
        // A packed file turns out to be longer than it is.
        match self.total.filter(|total| self.done <= *total) {
            Some(total) => {
                let share = (self.done as f64 / total as f64).min(1.0);
                let bar = "#".repeat(print::rounded(share * 40.0));
                eprint!("\r[{bar:<40}] {:>3.0} % {mb:.0} MB", share * 100.0);
            }
            None => eprint!("\r{mb:.0} MB"),
        }
    }

    fn end(&self) {
        if self.shown.is_some() {
            eprint!("\r{:60}\r", "");
        }
    }
}
