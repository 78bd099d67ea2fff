//! Callers asking for as long as an incident lasts, over HTTP, of a server under sysbench: no error,
//! no growth, no connection more than configured, and what it takes from the server's throughput.
//!
//! `cargo bench -p storex-integration-tests --bench soak -- [--minutes 10] [--rate 5] [--callers 20]
//! [--flavour mysql|mariadb] [--tool innodb_status]`. Segments without and with the callers alternate
//! within one run of sysbench, so that whatever else the machine does touches both alike. Figures are
//! printed; errors, growth and connections beyond the limit fail the run, throughput does not: it is for
//! a machine at rest, in a release build.

#![expect(clippy::print_stdout, reason = "figures are printed")]

mod callers;
mod figures;
mod load;
mod program;
mod watch;

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use storex_integration_tests::{LeastAccount, process};
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema, accounts};

use callers::Callers;
use figures::median;
use load::Load;
use program::Program;
use watch::Watch;

/// A change of segments needs a moment to show.
const SETTLING: Duration = Duration::from_secs(3);
/// What allocators and caches may still take in after the first third.
const GROWTH_MB: f64 = 4.0;
/// `max_connections` of an instance, unless configured.
const CONNECTIONS: u64 = 2;

#[derive(Parser)]
struct Arguments {
    /// Minutes on each flavour
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// Calls a second, of all callers together
    #[arg(long, default_value_t = 5.0)]
    rate: f64,
    #[arg(long, default_value_t = 20)]
    callers: u32,
    /// Seconds of a segment
    #[arg(long, default_value_t = 20)]
    segment_s: u64,
    /// Threads of sysbench
    #[arg(long, default_value_t = 4)]
    threads: u32,
    /// mysql or mariadb; both when absent
    #[arg(long)]
    flavour: Option<String>,
    /// Ask this tool only; may be given again
    #[arg(long)]
    tool: Vec<String>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let wanted = |flavour: &Flavour| {
        let name = arguments.flavour.as_deref();
        name.is_none_or(|name| name == flavour.name())
    };
    let flavours: Vec<Flavour> = Flavour::ALL.into_iter().filter(wanted).collect();
    ensure!(!flavours.is_empty(), "--flavour is mysql or mariadb");
    for flavour in flavours {
        soak(flavour, &arguments).await?;
    }
    Ok(())
}

async fn soak(flavour: Flavour, arguments: &Arguments) -> Result<()> {
    let options = Options {
        performance_schema: PerformanceSchema::Full,
        ..Options::default()
    };
    let server = MySqlServer::start(flavour, options).await?;
    accounts::create_shop(&server).await?;
    let account = LeastAccount::create(&server, 3).await?;
    let program = Program::start(&[account.instance("shop", &server)]).await?;
    let segment = Duration::from_secs(arguments.segment_s);
    // An odd number: it begins and ends without us.
    let time = Duration::from_secs_f64(arguments.minutes * 60.0);
    let pairs = u32::try_from(time.as_secs() / (2 * arguments.segment_s.max(1)))?.max(1);
    let segments = 2 * pairs + 1;

    let mut load = Load::start(&server, arguments.threads, segment * segments).await?;
    let process_id = program.process_id().context("storex has ended")?;
    let cpu_before = process::cpu(process_id)?;
    let watch = Watch::start(&server, process_id).await?;
    let mut callers = Callers::new(&program, arguments);
    let mut done = Vec::new();
    for number in 0..segments {
        let settling = SETTLING.min(segment);
        let with_us = number % 2 == 1;
        for part in [settling, segment.saturating_sub(settling)] {
            load.forget()?;
            if with_us {
                callers.run(part).await;
            } else {
                tokio::time::sleep(part).await;
            }
        }
        done.push(load.segment()?);
    }
    drop(load);
    let watched = watch.stop().await?;
    let cpu = process::cpu(process_id)?.saturating_sub(cpu_before);
    println!(
        "{} for {} segments of {segment:?}",
        flavour.name(),
        segments
    );
    let calls = callers.print();
    println!(
        "  storex itself: {:.1} ms of processor a call",
        cpu.as_secs_f64() * 1e3 / calls.max(1) as f64
    );
    let (first, last) = watched.rss_mb();
    println!("  rss: {first:.1} MiB in the first third, {last:.1} MiB in the last");
    println!("  connections of ours: {} at most", watched.connections);
    print_ratio("transactions/s", done.iter().map(|one| one.per_s));
    print_ratio("server ms/transaction", done.iter().map(|one| one.cpu_ms));
    server.stop().await?;
    ensure!(
        callers.errors().is_empty(),
        "errors: {:#?}",
        callers.errors()
    );
    ensure!(
        last - first <= GROWTH_MB,
        "memory grows: {first:.1} to {last:.1} MiB"
    );
    ensure!(watched.connections <= CONNECTIONS, "too many connections");
    Ok(())
}

/// Segments without us stand before and after each with us.
fn print_ratio(what: &str, figures: impl Iterator<Item = f64>) {
    let figures: Vec<f64> = figures.collect();
    let ratios: Vec<f64> = figures
        .windows(3)
        .step_by(2)
        .filter_map(|three| match three {
            [before, with_us, after] => Some(with_us / f64::midpoint(*before, *after)),
            _ => None,
        })
        .collect();
    let every_other = |from: usize| median(figures.iter().copied().skip(from).step_by(2));
    let each: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.3}")).collect();
    println!(
        "  {what}: {:.3} without us, {:.3} with us; ratio {:.3}, the median of {}",
        every_other(0),
        every_other(1),
        median(ratios.iter().copied()),
        each.join(" ")
    );
}
