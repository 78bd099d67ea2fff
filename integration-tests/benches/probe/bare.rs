//! The reference: a bare MCP server that runs the same query, and nothing else.

use std::sync::Arc;

use anyhow::Result;
use axum::serve::ListenerExt;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData,
    ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService, stdio_pipes};
use rmcp::{RoleServer, ServerHandler, ServiceExt};
use serde_json::json;
use tokio::sync::Mutex;

#[derive(Clone)]
struct Bare(Arc<Mutex<Conn>>);

impl Bare {
    async fn connect(port: u16) -> Result<Self> {
        let options = OptsBuilder::default()
            .ip_or_hostname("127.0.0.1")
            .tcp_port(port)
            .user(Some("root"));
        Ok(Self(Arc::new(Mutex::new(Conn::new(options).await?))))
    }
}

impl ServerHandler for Bare {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let failed = |error: mysql_async::Error| ErrorData::internal_error(error.to_string(), None);
        let one: Option<u64> = self
            .0
            .lock()
            .await
            .query_first("SELECT 1 AS one")
            .await
            .map_err(failed)?;
        let value = json!({ "one": one });
        let mut result = CallToolResult::success(vec![ContentBlock::text(value.to_string())]);
        result.structured_content = Some(value);
        Ok(CallToolResponse::Complete(result))
    }
}

pub(crate) async fn stdio(port: u16) -> Result<()> {
    let running = Bare::connect(port).await?.serve(stdio_pipes()).await?;
    running.waiting().await?;
    Ok(())
}

pub(crate) async fn http(port: u16) -> Result<()> {
    let bare = Bare::connect(port).await?;
    let settings = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true);
    let service: StreamableHttpService<Bare, NeverSessionManager> =
        StreamableHttpService::new(move || Ok(bare.clone()), Arc::default(), settings);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{} none", listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        let _refused = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, axum::Router::new().nest_service("/mcp", service)).await?)
}
