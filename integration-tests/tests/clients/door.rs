//! Who is let in over HTTP, and what is open to everybody on the machine.

use anyhow::Result;
use reqwest::header::{HOST, ORIGIN, WWW_AUTHENTICATE};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::json;

use crate::product::{Product, Serving};
use storex_integration_tests::Instance;

async fn serving() -> Result<(Product, Serving)> {
    let product = Product::over(&[Instance::nowhere("nowhere")])?;
    let serving = product.serve().await?;
    Ok((product, serving))
}

/// A request that is answered when it is let in.
fn discover(serving: &Serving) -> RequestBuilder {
    discover_with(serving, &serving.token)
}

fn discover_with(serving: &Serving, token: &str) -> RequestBuilder {
    without_token(serving).bearer_auth(token)
}

fn without_token(serving: &Serving) -> RequestBuilder {
    const REVISION: &str = "2026-07-28";
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": { "_meta": {
        "io.modelcontextprotocol/protocolVersion": REVISION,
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    } } });
    Client::new()
        .post(&serving.url)
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", REVISION)
        .header("mcp-method", "server/discover")
        .json(&body)
}

async fn status(request: RequestBuilder) -> Result<StatusCode> {
    Ok(request.send().await?.status())
}

#[tokio::test]
async fn only_the_token_opens_the_protocol() -> Result<()> {
    let (_product, serving) = serving().await?;
    assert_eq!(status(discover(&serving)).await?, StatusCode::OK);
    let longer = format!("{}0", serving.token);
    for request in [
        without_token(&serving),
        discover_with(&serving, "wrong"),
        discover_with(&serving, &longer),
    ] {
        let refused = request.send().await?;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        assert!(
            refused.headers()[WWW_AUTHENTICATE]
                .to_str()?
                .starts_with("Bearer")
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_foreign_host_or_origin_is_refused_even_with_the_token() -> Result<()> {
    let (_product, serving) = serving().await?;
    let rebound = discover(&serving).header(HOST, "evil.example");
    assert_eq!(status(rebound).await?, StatusCode::FORBIDDEN);
    let page = discover(&serving).header(ORIGIN, "https://evil.example");
    assert_eq!(status(page).await?, StatusCode::FORBIDDEN);
    Ok(())
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() -> Result<()> {
    let (_product, serving) = serving().await?;
    let huge = discover(&serving).body(" ".repeat(256 * 1024 + 1));
    assert_eq!(status(huge).await?, StatusCode::PAYLOAD_TOO_LARGE);
    Ok(())
}

#[tokio::test]
async fn health_and_readiness_are_open_and_metrics_need_the_token() -> Result<()> {
    let (_product, serving) = serving().await?;
    let http = Client::new();
    let at = |path: &str| http.get(format!("{}{path}", serving.base()));
    assert_eq!(status(at("/healthz")).await?, StatusCode::OK);
    assert_eq!(status(at("/readyz")).await?, StatusCode::OK);
    assert_eq!(status(at("/metrics")).await?, StatusCode::UNAUTHORIZED);
    let metrics = at("/metrics").bearer_auth(&serving.token).send().await?;
    assert_eq!(metrics.status(), StatusCode::OK);
    assert!(metrics.text().await?.ends_with("# EOF\n"));
    Ok(())
}
