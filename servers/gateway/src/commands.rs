//! The command line.

mod audit;
mod call;
pub(crate) mod client_config;
mod digest;
mod doctor;
mod generate;
pub(crate) mod init;
mod policy;
mod record;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use storex_serve::telemetry::Telemetry;
use storex_serve::{Boot, Config, boot_file};

use crate::DOMAINS;

pub(crate) use serve::on_signal;

/// Debug MySQL and MariaDB fleets from your AI client, within exactly the permissions you have.
#[derive(Debug, Parser)]
#[command(name = "storex", version)]
pub struct Arguments {
    /// Configuration file; else `$STOREX_CONFIG`, ./storex.toml or ~/.config/storex/storex.toml
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve over standard input and output, for desktop and IDE clients
    Stdio,
    /// Serve over HTTP on loopback
    Serve,
    /// Show a recorded real incident: no database and no configuration needed
    Demo(crate::demo::Demo),
    /// Call one tool and print its answer: `storex call innodb_lock_waits instance=shop-1`
    Call(call::Call),
    /// Write a configuration, inventory and policies to start from
    Init(init::Init),
    /// Check configuration, connections and what each account lacks
    Doctor(doctor::Doctor),
    /// Print what to paste into an AI client's configuration
    ClientConfig(client_config::ClientConfig),
    /// Say why a call is or is not allowed
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Check the audit log
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Record an instance into a snapshot that can be replayed
    Record(record::Record),
    /// Digest slow logs: which statements took the time
    Digest(digest::Digest),
    /// Write the generated files of the repository
    #[command(hide = true)]
    Generate(generate::Generate),
}

/// Runs a command.
///
/// # Errors
/// Whatever kept it from its work, in words that say what to do.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(
            std::thread::available_parallelism()
                .map_or(2, usize::from)
                .clamp(2, 8),
        )
        .enable_all()
        .build()
        .context("failed to start the runtime")?;
    let outcome = runtime.block_on(dispatch(arguments));
    // A read of standard input that blocks must not keep the process alive.
    runtime.shutdown_background();
    outcome
}

async fn dispatch(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = arguments.config;
    match arguments.command {
        Command::Stdio => serve::stdio(config).await,
        Command::Serve => serve::over_http(config).await,
        Command::Demo(demo) => demo.run().await,
        Command::Call(call) => call.run(config).await,
        Command::Init(init) => init.run(),
        Command::Doctor(doctor) => doctor.run(config).await,
        Command::ClientConfig(client) => client.run(config),
        Command::Policy(policy) => policy.run(config),
        Command::Audit(audit) => audit.run(config),
        Command::Record(record) => record.run(config).await,
        Command::Digest(digest) => digest.run(),
        Command::Generate(generate) => generate.run().await,
    }
}

/// The configuration file to use.
fn config_path(given: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(path) = given.or_else(|| std::env::var_os("STOREX_CONFIG").map(PathBuf::from)) {
        return Ok(path);
    }
    let home = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")));
    let candidates = [
        Some(PathBuf::from("storex.toml")),
        home.map(|home| home.join("storex/storex.toml")),
    ];
    match candidates.into_iter().flatten().find(|path| path.exists()) {
        Some(path) => Ok(path),
        None => bail!(
            "there is no storex.toml here or in ~/.config/storex; run `storex init` to make one"
        ),
    }
}

/// Configuration, telemetry and server.
fn start(config: Option<PathBuf>) -> anyhow::Result<(Config, Telemetry, Boot)> {
    let path = config_path(config)?;
    let settings = Config::load(&path)?;
    let telemetry = storex_serve::telemetry::init(&settings.telemetry)?;
    let (config, boot) = boot_file(&path, "storex", DOMAINS)?;
    Ok((config, telemetry, boot))
}
