//! `storex stdio` and `storex serve`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use storex_serve::http;
use tokio_util::sync::CancellationToken;

pub(super) async fn stdio(config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let (_, _telemetry, boot) = super::start(config)?;
    let stop = on_signal();
    let server = Arc::clone(&boot.server);
    tokio::spawn(storex_serve::watch(boot, stop.clone()));
    storex_serve::stdio::serve(server, stop).await?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn over_http(config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let (config, _telemetry, boot) = super::start(config)?;
    let stop = on_signal();
    let server = Arc::clone(&boot.server);
    tokio::spawn(storex_serve::watch(boot, stop.clone()));
    let token = http::token(&config.http.token_file)?;
    let listener = http::listen(&config.http).await?;
    eprintln!("storex listens on http://{}/mcp", listener.local_addr()?);
    eprintln!("bearer token: in {}", config.http.token_file.display());
    http::serve_on(server, &config.http, &token, listener, stop)
        .await
        .context("HTTP ended")?;
    Ok(ExitCode::SUCCESS)
}

/// Fires on interrupt and on terminate.
pub(crate) fn on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let fire = stop.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        fire.cancel();
    });
    stop
}

#[cfg(unix)]
async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(error) => tracing::warn!(%error, "signals cannot be watched"),
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "signals cannot be watched");
    }
}
