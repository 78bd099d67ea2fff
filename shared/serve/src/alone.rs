//! One domain server on its own: `storex-innodb stdio`, `storex-innodb serve`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use storex_tool::Domain;
use tokio_util::sync::CancellationToken;

use crate::{boot, config::Config, http, stdio, telemetry, watch};

/// Runs one domain as its own server: `<name> stdio|serve [CONFIG]`, with storex.toml as the default.
pub fn alone(name: &'static str, domain: &'static Domain) -> ExitCode {
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| {
            let outcome = runtime.block_on(run(name, domain));
            runtime.shutdown_background();
            outcome
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(name: &'static str, domain: &'static Domain) -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let transport = arguments.next().unwrap_or_default();
    let path = arguments
        .next()
        .map_or_else(|| PathBuf::from("storex.toml"), PathBuf::from);
    let mut config = Config::load(&path)?;
    config.domains = None;
    let _telemetry = telemetry::init(&config.telemetry)?;
    let booted = boot(&config, name, &[domain])?;
    let server = Arc::clone(&booted.server);
    let stop = CancellationToken::new();
    tokio::spawn(watch(booted, stop.clone()));
    let on_interrupt = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            on_interrupt.cancel();
        }
    });
    match transport.as_str() {
        "stdio" => Ok(stdio::serve(server, stop).await?),
        "serve" => Ok(http::serve(server, &config.http, stop).await?),
        _ => anyhow::bail!("usage: {name} stdio|serve [storex.toml]"),
    }
}
