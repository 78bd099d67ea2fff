//! What each tool costs the database per call: statements and rows by the server's own accounting of
//! our account, and processor time of the threads that serve it.
//!
//! `cargo bench -p storex-integration-tests --bench cost [-- WORD...]`: words choose flavours
//! (`mysql`, `mariadb`), situations (`idle`, `traffic`, `large`) and tools; `full` asks for all detail.
//! Figures are printed; a tool beyond the goal is named with its costliest statements.

#![expect(clippy::print_stdout, reason = "figures are printed")]

mod accounting;
mod measure;
mod situation;

use anyhow::Result;
use storex_integration_tests::instance_tools;
use storex_testkit::Flavour;

use measure::Bench;
use situation::Situation;

/// Somebody looks this often for as long as an incident lasts.
const EVERY_S: f64 = 10.0;
/// Of one core.
const GOAL_PERCENT: f64 = 1.0;

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let mut beyond = Vec::new();
    for flavour in chosen(&words, &Flavour::ALL, Flavour::name) {
        for situation in chosen(&words, &Situation::ALL, Situation::name) {
            beyond.extend(one(flavour, situation, &words).await?);
        }
    }
    for line in &beyond {
        println!("{line}");
    }
    println!(
        "{} beyond {GOAL_PERCENT} % of a core at a call every {EVERY_S} s",
        beyond.len()
    );
    Ok(())
}

/// Those named, or all when none is.
fn chosen<T: Copy>(words: &[String], all: &[T], name: fn(T) -> &'static str) -> Vec<T> {
    let named = |one: &T| words.iter().any(|word| word == name(*one));
    if all.iter().any(named) {
        all.iter().copied().filter(named).collect()
    } else {
        all.to_vec()
    }
}

/// Every tool in one situation.
async fn one(flavour: Flavour, situation: Situation, words: &[String]) -> Result<Vec<String>> {
    let scene = situation.set(flavour).await?;
    let bench = Bench::over(&scene, words.iter().any(|word| word == "full")).await?;
    let mut beyond = Vec::new();
    println!("{} {}", flavour.name(), situation.name());
    println!(
        "  {:<22} {:>10} {:>9} {:>9} {:>9} {:>9} {:>7}",
        "tool", "statements", "examined", "sent", "wall ms", "cpu ms", "core %"
    );
    let names: Vec<&'static str> = instance_tools().map(|row| row.spec.name).collect();
    for tool in chosen(words, &names, |name| name) {
        let place = format!("{tool} on {} {}", flavour.name(), situation.name());
        match bench.measure(tool).await {
            Ok(figures) => {
                let percent = figures.cpu_ms / 10.0 / EVERY_S;
                println!("  {tool:<22} {figures} {percent:>7.3}");
                if percent > GOAL_PERCENT {
                    let statements = figures.costliest.join("\n    ");
                    beyond.push(format!("{place}: {percent:.2} %\n    {statements}"));
                }
            }
            Err(error) => {
                println!("  {tool:<22} {error:#}");
                beyond.push(format!("{place}: {error:#}"));
            }
        }
    }
    scene.strike().await?;
    Ok(beyond)
}
