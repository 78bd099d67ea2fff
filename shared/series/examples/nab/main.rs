//! The detector on the Numenta Anomaly Benchmark, next to simple ones.
//!
//! `cargo run --release -p storex-series --example nab -- FOLDER [--files]`, with the folder that holds
//! `data` and `labels` (<https://github.com/numenta/NAB>). `--files` tells of each file.
//!
//! Every detector sees the past of a point only, has one setting for all series, and is judged alike:
//! flags less than an hour (or twelve points) apart are one episode; an episode outside all labelled windows is
//! false; a window with a flag is found.

#![expect(clippy::print_stdout, reason = "figures are printed")]

mod corpus;
mod ours;
mod reference;
mod score;

use std::path::PathBuf;

use anyhow::{Context, Result};
use corpus::Labelled;
use ours::Shown;
use score::Score;

/// Days of history that are tried. With less than two weeks, those are not seen.
const HISTORIES: [usize; 3] = [7, 14, 28];
/// What the least score is chosen from when it is chosen on one half of the files.
const SCORES: [f64; 6] = [0.0, 4.5, 5.0, 6.0, 8.0, 10.0];
/// Recall that has to be kept in the choice.
const RECALL: f64 = 0.8;

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let folder = words.first().context("name the corpus's folder")?;
    let corpus = corpus::read(&PathBuf::from(folder))?;
    for (name, detector) in reference::ALL {
        let mut total = Score::default();
        for series in &corpus {
            total += &Score::of(series, &detector(series));
        }
        println!("{name:<34} {}", total.line());
    }
    let mut shown = Vec::new();
    for days in HISTORIES {
        shown = corpus
            .iter()
            .map(|series| ours::shown(series, days))
            .collect();
        let total = total(&corpus, &shown, 0.0, |_| true);
        let name = format!("storex, {days} days of history");
        println!("{name:<34} {}", total.line());
    }
    for even in [true, false] {
        split(&corpus, &shown, even);
    }
    if words.iter().any(|word| word == "--files") {
        for (series, shown) in corpus.iter().zip(&shown) {
            let score = Score::of(series, &ours::flags(series, shown, 0.0));
            println!("{:<56} {}", series.name, score.line());
        }
    }
    Ok(())
}

/// Sums over the series whose numbers are chosen.
fn total(
    corpus: &[Labelled],
    shown: &[Shown],
    least: f64,
    chosen: impl Fn(usize) -> bool,
) -> Score {
    let mut total = Score::default();
    for (number, (series, shown)) in corpus.iter().zip(shown).enumerate() {
        if chosen(number) {
            total += &Score::of(series, &ours::flags(series, shown, least));
        }
    }
    total
}

/// The least score chosen on every other file, for the fewest false episodes, judged on the others.
fn split(corpus: &[Labelled], shown: &[Shown], even: bool) {
    let tuning = |number: usize| number.is_multiple_of(2) == even;
    let tried = SCORES.map(|least| (least, total(corpus, shown, least, tuning)));
    let enough = tried.iter().filter(|(_, score)| score.recall() >= RECALL);
    let fewest = |one: &&(f64, Score), other: &&(f64, Score)| {
        one.1.false_per_day().total_cmp(&other.1.false_per_day())
    };
    let Some((least, tuned)) = enough.min_by(fewest) else {
        println!("no least score keeps the recall on this half");
        return;
    };
    println!(
        "least score {least} of one half:           {}",
        tuned.line()
    );
    let other = total(corpus, shown, *least, |number| !tuning(number));
    println!("  on the other half                {}", other.line());
}
