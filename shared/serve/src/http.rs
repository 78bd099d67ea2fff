//! Streamable HTTP in both protocol eras, with health, readiness and metrics beside it. The bearer
//! token is demanded of every request but health and readiness.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use sha2::{Digest, Sha256};
use storex_tool::adapter::Adapter;
use storex_tool::{Credential, Dispatch};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::HttpConfig;
use crate::server::Server;

/// Why HTTP cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The token file is not to be used.
    #[error("token file {path} cannot be used: {why}")]
    Token {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The address cannot be listened on.
    #[error("failed to listen on {address}; is another storex running there?")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The listener failed while serving.
    #[error("failed to serve HTTP")]
    Serve(#[source] std::io::Error),
}

/// Serves until `stop` fires, then lets running calls finish for `drain_s`.
///
/// # Errors
/// When the token or the address cannot be used.
pub async fn serve(
    server: Arc<Server>,
    config: &HttpConfig,
    stop: CancellationToken,
) -> Result<(), HttpError> {
    let token = token(&config.token_file)?;
    let listener = listen(config).await?;
    serve_on(server, config, &token, listener, stop).await
}

/// Takes the configured address.
///
/// # Errors
/// When it cannot be listened on.
pub async fn listen(config: &HttpConfig) -> Result<TcpListener, HttpError> {
    TcpListener::bind(config.listen)
        .await
        .map_err(|source| HttpError::Listen {
            address: config.listen,
            source,
        })
}

/// Serves on a listener that is bound already.
///
/// # Errors
/// When the listener fails.
pub async fn serve_on(
    server: Arc<Server>,
    config: &HttpConfig,
    token: &str,
    listener: TcpListener,
    stop: CancellationToken,
) -> Result<(), HttpError> {
    let sessions = CancellationToken::new();
    let dispatch: Arc<dyn Dispatch> = server.clone();
    let router = Router::new()
        .nest_service(
            "/mcp",
            mcp(config, sessions.clone(), move || {
                Adapter::http(Arc::clone(&dispatch))
            }),
        )
        .route("/metrics", get(metrics))
        .route_layer(from_fn_with_state(Arc::new(Door::new(token)), demand_token))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(server);
    // Without TCP_NODELAY a small answer waits for the client's delayed acknowledgement.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY refused");
        }
    });
    let asked = stop.clone();
    let serving = axum::serve(listener, router)
        .with_graceful_shutdown(async move { asked.cancelled().await });
    let drain = Duration::from_secs(config.drain_s);
    tokio::select! {
        ended = serving => ended.map_err(HttpError::Serve),
        () = async { stop.cancelled().await; tokio::time::sleep(drain).await } => {
            sessions.cancel();
            tracing::warn!("calls were still running when the time to finish them was over");
            Ok(())
        }
    }
}

/// The protocol over HTTP for any handler: both eras, JSON answers, no sessions.
pub fn mcp<H: rmcp::ServerHandler>(
    config: &HttpConfig,
    stop: CancellationToken,
    handler: impl Fn() -> H + Send + Sync + 'static,
) -> StreamableHttpService<H, NeverSessionManager> {
    let settings = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_allowed_hosts(config.allowed_hosts.clone())
        .with_allowed_origins(config.allowed_origins.clone())
        .enforce_origin_validation()
        .with_max_request_body_bytes(config.max_body_bytes)
        .with_cancellation_token(stop);
    StreamableHttpService::new(move || Ok(handler()), Arc::default(), settings)
}

/// Reads the token, or makes one.
///
/// # Errors
/// When others can read it, or it is too short to be one.
pub fn token(path: &Path) -> Result<String, HttpError> {
    let wrong = |why: String| HttpError::Token {
        path: path.to_owned(),
        why,
    };
    if !path.exists() {
        make_token(path).map_err(|error| wrong(format!("it cannot be made: {error}")))?;
    }
    let secret = storex_fleet::Secret::File(path.to_owned());
    let text = secret.resolve().map_err(|error| wrong(error.to_string()))?;
    if text.expose().len() < 32 {
        return Err(wrong(
            "it holds fewer than 32 characters; delete it to have one made".into(),
        ));
    }
    Ok(text.expose().to_owned())
}

fn make_token(path: &Path) -> std::io::Result<()> {
    use std::io::{Read, Write};
    let mut random = [0_u8; 32];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    let (high, low) = random.split_at(16);
    let number = |half: &[u8]| {
        half.iter()
            .fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte))
    };
    let text = format!("{:032x}{:032x}", number(high), number(low));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// Compares digests, so that neither content nor length of the token can be timed.
struct Door(sha2::digest::Output<Sha256>);

impl Door {
    fn new(token: &str) -> Self {
        Self(Sha256::digest(token))
    }

    fn opens(&self, request: &Request) -> bool {
        request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .is_some_and(|(_, token)| Sha256::digest(token.trim()).ct_eq(&self.0).into())
    }
}

async fn demand_token(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    if door.opens(&request) {
        request.extensions_mut().insert(Credential::Local);
        return next.run(request).await;
    }
    let mut response = (
        StatusCode::UNAUTHORIZED,
        "send `Authorization: Bearer` with this server's token\n",
    )
        .into_response();
    response.headers_mut().insert(
        WWW_AUTHENTICATE,
        HeaderValue::from_static("Bearer realm=\"storex\""),
    );
    response
}

async fn metrics(State(server): State<Arc<Server>>) -> Response {
    let text = server.metrics().render(&server.runtime().mounts());
    (
        [(
            "content-type",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        )],
        text,
    )
        .into_response()
}

/// Ready when calls can be audited: without that nothing runs.
async fn ready(State(server): State<Arc<Server>>) -> Response {
    match server.runtime().audit.flush().await {
        Ok(()) => "ready\n".into_response(),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "audit log cannot be written\n",
        )
            .into_response(),
    }
}
