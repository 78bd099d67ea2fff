//! How fast slow logs are digested, next to the programs people use, in the same run.
//!
//! `cargo bench -p storex-integration-tests --bench digest [-- FILE...]`: without a file, logs of `MySQL`
//! and `MariaDB` are made up first. `--huge` adds a log of 10 GB made of the first, to show that
//! memory does not grow. Peers that are not installed are left out.

#![expect(clippy::print_stdout, reason = "figures are printed")]

mod made_up;
mod run;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use run::{Figures, run};
use tempfile::TempDir;

/// Runs of the quick programs; the median is printed.
const ROUNDS: usize = 5;
const MADE_UP_BYTES: u64 = 200_000_000;
const HUGE_BYTES: u64 = 10_000_000_000;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let huge = words.iter().any(|word| word == "--huge");
    let given = words.iter().filter(|word| !word.starts_with("--"));
    let mut files: Vec<PathBuf> = given.map(PathBuf::from).collect();
    let folder = TempDir::new()?;
    if files.is_empty() {
        for kind in made_up::Kind::ALL {
            let path = folder.path().join(kind.name());
            made_up::write(&path, kind, MADE_UP_BYTES)?;
            files.push(path);
        }
    }
    for file in &files {
        compare(file)?;
    }
    if huge {
        let first = files.first().context("no file")?;
        huge_log(first, folder.path())?;
    }
    Ok(())
}

fn compare(file: &Path) -> Result<()> {
    let bytes = std::fs::metadata(file)?.len();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    println!("{name}: {:.1} MB", bytes as f64 / 1e6);
    let storex = storex()?;
    let path = file.to_string_lossy();
    // The first run brings the file into memory.
    let _ = run(&storex, &["digest", "--limit", "1", &path], 1)?;
    for threads in ["1", "2"] {
        let arguments = ["digest", "--threads", threads, &path];
        show(
            &format!("storex digest, {threads} threads"),
            run(&storex, &arguments, ROUNDS)?,
            bytes,
        );
    }
    let peers: [(&str, &str, &[&str], usize); 4] = [
        ("rg -c", "rg", &["-j1", "-c", "^# Query_time"], ROUNDS),
        ("mariadb-dumpslow", "mariadb-dumpslow", &[], 1),
        ("mysqldumpslow", "mysqldumpslow", &[], 1),
        ("pt-query-digest", "pt-query-digest", &[], 1),
    ];
    for (name, program, arguments, rounds) in peers {
        let arguments: Vec<&str> = arguments.iter().copied().chain([&*path]).collect();
        match run(Path::new(program), &arguments, rounds) {
            Ok(figures) => show(name, figures, bytes),
            Err(error) => println!("  {name:<26} not run: {error:#}"),
        }
    }
    Ok(())
}

fn huge_log(part: &Path, folder: &Path) -> Result<()> {
    let bytes = std::fs::metadata(part)?.len();
    let times = usize::try_from(HUGE_BYTES / bytes.max(1))?;
    let all = vec![part; times];
    // The same text again and again through a pipe: no disk of that size is needed.
    let storex = storex()?;
    let figures = run::piped(&storex, &["digest", "--threads", "2", "-"], &all)?;
    let total = bytes * times as u64;
    println!(
        "{:.1} GB through a pipe, {}",
        total as f64 / 1e9,
        folder.display()
    );
    show("storex digest, 2 threads", figures, total);
    Ok(())
}

fn show(name: &str, figures: Figures, bytes: u64) {
    println!(
        "  {name:<26} {:>8.2} s {:>8.0} MB/s {:>8.1} MB resident",
        figures.seconds,
        bytes as f64 / 1e6 / figures.seconds,
        figures.resident_bytes as f64 / 1e6,
    );
}

/// The program, built with the same settings as this bench.
fn storex() -> Result<PathBuf> {
    let mut folder = std::env::current_exe()?;
    folder.pop();
    folder.pop();
    let path = folder.join("storex");
    anyhow::ensure!(
        path.exists(),
        "build the program first: cargo build --release -p storex"
    );
    Ok(path)
}
