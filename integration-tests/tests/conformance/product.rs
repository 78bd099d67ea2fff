//! The scenarios that need no fixture, against the program people install. The suite sends no bearer
//! token, so a relay on loopback adds the product's.

use anyhow::Result;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::response::{IntoResponse, Response};
use storex_integration_tests::Instance;
use storex_testkit::clients::Suite;
use tokio::net::TcpListener;

use super::{Run, suite};
use crate::product::{Product, Serving};

/// What a relay needs to know.
#[derive(Clone)]
struct Behind {
    url: String,
    token: String,
}

/// Passes everything on, headers and all, with the token added. The Host stays the caller's, so that
/// the product sees it.
async fn relay(State(behind): State<Behind>, request: Request) -> Response {
    match pass_on(&behind, request).await {
        Ok(response) => response,
        Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
    }
}

async fn pass_on(behind: &Behind, request: Request) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let mut headers = parts.headers;
    headers.remove(CONTENT_LENGTH);
    headers.insert(AUTHORIZATION, format!("Bearer {}", behind.token).parse()?);
    let answer = reqwest::Client::new()
        .request(parts.method, &behind.url)
        .headers(headers)
        .body(to_bytes(body, usize::MAX).await?)
        .send()
        .await?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != CONTENT_LENGTH && name != TRANSFER_ENCODING && name != HOST {
            response = response.header(name, value);
        }
    }
    Ok(response.body(Body::from(answer.bytes().await?))?)
}

/// A product and the address of its relay.
async fn serve() -> Result<(Product, Serving, String)> {
    let product = Product::over(&[Instance::nowhere("nowhere")])?;
    let serving = product.serve().await?;
    let behind = Behind {
        url: serving.url.clone(),
        token: serving.token.clone(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/mcp", listener.local_addr()?);
    let router = Router::new().fallback(relay).with_state(behind);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((product, serving, url))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_product_conforms_where_the_revisions_with_sessions_need_no_fixture() -> Result<()> {
    let (_product, _serving, url) = serve().await?;
    for scenario in ["server-initialize", "ping", "tools-list", "resources-list"] {
        let words = ["--scenario", scenario];
        Run::of(suite(Suite::Sessions, &url, &words)?)
            .await?
            .conforms(1)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_product_conforms_where_the_stateless_revision_needs_no_fixture() -> Result<()> {
    let (_product, _serving, url) = serve().await?;
    for scenario in [
        "tools-list",
        "resources-list",
        "sep-2164-resource-not-found",
        "http-header-validation",
        "input-required-result-unsupported-methods",
    ] {
        let words = ["--scenario", scenario, "--spec-version", "2026-07-28"];
        Run::of(suite(Suite::Stateless, &url, &words)?)
            .await?
            .conforms(1)?;
    }
    Ok(())
}

/// Whether all that fails in a scenario fails for want of something the product does not have.
async fn conforms_but_for(scenario: &str, excuse: &str, at_least: usize) -> Result<()> {
    let (_product, _serving, url) = serve().await?;
    let words = ["--scenario", scenario, "--spec-version", "2026-07-28"];
    let run = Run::of(suite(Suite::Stateless, &url, &words)?).await?;
    let real = |failed: &&String| !failed.contains(excuse);
    let failed: Vec<&String> = run.failed.iter().filter(real).collect();
    assert!(failed.is_empty(), "{failed:#?}\n{}", run.said);
    assert!(run.passed >= at_least, "{}", run.said);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_product_is_stateless_as_far_as_can_be_seen_without_diagnostic_tools() -> Result<()> {
    let excuse = "server does not list the diagnostic tool";
    conforms_but_for("server-stateless", excuse, 20).await
}

#[tokio::test(flavor = "multi_thread")]
async fn all_the_product_lists_and_reads_says_how_long_it_may_be_kept() -> Result<()> {
    conforms_but_for("caching", "prompts/list returned JSON-RPC error -32601", 7).await
}
