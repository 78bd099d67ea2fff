//! Standard input and output: one process, one person.

use std::sync::Arc;

use rmcp::ServiceExt;
use rmcp::transport::stdio_pipes;
use storex_tool::Dispatch;
use storex_tool::adapter::Adapter;
use tokio_util::sync::CancellationToken;

/// Why standard input and output cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("failed to serve the protocol on standard input and output: {0}")]
pub struct StdioError(String);

/// Serves until the client closes its end or `stop` fires.
///
/// # Errors
/// When the client does not speak the protocol.
pub async fn serve(dispatch: Arc<dyn Dispatch>, stop: CancellationToken) -> Result<(), StdioError> {
    let failed = |error: &dyn std::fmt::Display| StdioError(error.to_string());
    let running = Adapter::stdio(dispatch)
        .serve_with_ct(stdio_pipes(), stop)
        .await
        .map_err(|error| failed(&error))?;
    running
        .waiting()
        .await
        .map(|_| ())
        .map_err(|error| failed(&error))
}
