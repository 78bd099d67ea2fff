//! Runs a program and tells how long it took and how much memory it held.

use std::fs::File;
use std::io::copy;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// What a run took.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) seconds: f64,
    pub(crate) resident_bytes: u64,
}

/// The median of some runs.
pub(crate) fn run(program: &Path, arguments: &[&str], rounds: usize) -> Result<Figures> {
    let mut all = Vec::new();
    for _ in 0..rounds {
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        all.push(watch(child, Instant::now())?);
    }
    all.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
    all.get(all.len() / 2).copied().context("no run")
}

/// One run that reads these files, one after the other, from its standard input.
pub(crate) fn piped(program: &Path, arguments: &[&str], files: &[&Path]) -> Result<Figures> {
    let began = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut input = child.stdin.take().context("no input")?;
    std::thread::scope(|scope| {
        let feeder = scope.spawn(move || -> Result<()> {
            for file in files {
                copy(&mut File::open(file)?, &mut input)?;
            }
            Ok(())
        });
        let figures = watch(child, began)?;
        let fed = feeder.join();
        ensure!(matches!(fed, Ok(Ok(()))), "the program stopped reading");
        Ok(figures)
    })
}

fn watch(mut child: Child, began: Instant) -> Result<Figures> {
    let status = format!("/proc/{}/status", child.id());
    let (ended, most) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let watcher = {
        let (ended, most) = (Arc::clone(&ended), Arc::clone(&most));
        std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                most.fetch_max(resident(&status).unwrap_or(0), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
            }
        })
    };
    let exit = child.wait()?;
    let seconds = began.elapsed().as_secs_f64();
    ended.store(true, Ordering::Relaxed);
    ensure!(watcher.join().is_ok(), "the watch ended");
    ensure!(exit.success(), "it ended with {exit}");
    Ok(Figures {
        seconds,
        resident_bytes: most.load(Ordering::Relaxed),
    })
}

/// The most it has held so far.
fn resident(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
