//! The one adapter to the MCP library: tools, progress, cancellation, runbooks and pages over any
//! [`Dispatch`], in both protocol eras.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::FutureExt;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData,
    Implementation, ListResourcesResult, ListToolsResult, MetaObject, PaginatedRequestParams,
    ProgressNotificationParam, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult,
    Resource, ResourceContents, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::dispatch::UnknownTool;
use crate::{App, Credential, Definition, Dispatch, Incoming, ProgressNote, Reply};

/// How long clients may keep the list of tools: policies change, and then what is listed changes.
const LIST_TTL_MS: u64 = 30_000;
const RUNBOOK_URI: &str = "storex://runbooks/";
/// What makes a page an MCP App
/// (<https://github.com/modelcontextprotocol/ext-apps/blob/main/specification/2026-01-26/apps.mdx>).
const APP_MIME_TYPE: &str = "text/html;profile=mcp-app";
/// Where a result carries the data of the tool's page: beside what the model is shown.
const APP_DATA: &str = "storex/app_data";

/// Serves a [`Dispatch`] over the protocol.
#[derive(Clone)]
pub struct Adapter {
    dispatch: Arc<dyn Dispatch>,
    transport: &'static str,
    fallback: Credential,
}

impl Adapter {
    /// An adapter for standard input and output: the caller is the person who started the process.
    pub fn stdio(dispatch: Arc<dyn Dispatch>) -> Self {
        Self {
            dispatch,
            transport: "stdio",
            fallback: Credential::Local,
        }
    }

    /// An adapter for HTTP: the caller is whom the transport verified and left as a [`Credential`]
    /// in the request's extensions; nobody where it left none.
    pub fn http(dispatch: Arc<dyn Dispatch>) -> Self {
        Self {
            dispatch,
            transport: "http",
            fallback: Credential::Missing,
        }
    }

    fn credential(&self, context: &RequestContext<RoleServer>) -> Credential {
        context
            .extensions
            .get::<http::request::Parts>()
            .and_then(|parts| parts.extensions.get::<Credential>())
            .unwrap_or(&self.fallback)
            .clone()
    }

    /// The pages of the tools this caller may call, each once: a page is shown to whom its tool is.
    async fn apps(&self, context: &RequestContext<RoleServer>) -> Vec<&'static App> {
        let credential = self.credential(context);
        let definitions = self.dispatch.list(&credential, self.transport).await;
        let mut apps: Vec<&'static App> = Vec::new();
        for app in definitions.iter().filter_map(|definition| definition.app) {
            if !apps.contains(&app) {
                apps.push(app);
            }
        }
        apps
    }
}

impl ServerHandler for Adapter {
    fn get_info(&self) -> ServerConfig {
        let about = self.dispatch.about();
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new(about.name, about.version))
            .with_instructions(about.instructions.clone())
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let definitions = self
            .dispatch
            .list(&self.credential(&context), self.transport)
            .await;
        let mut result =
            ListToolsResult::with_all_items(definitions.iter().map(|d| tool(d)).collect());
        result.ttl_ms = Some(LIST_TTL_MS);
        result.cache_scope = Some(CacheScope::Private);
        Ok(result)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let (progress, notes) = match context.meta.get_progress_token() {
            Some(token) => {
                let (sender, receiver) = unbounded_channel();
                (
                    Some(sender),
                    Some(forward(context.peer.clone(), token, receiver)),
                )
            }
            None => (None, None),
        };
        let arguments = request.arguments.unwrap_or_default();
        let credential = self.credential(&context);
        let mut incoming = Incoming::new(request.name, arguments, credential, self.transport);
        incoming.progress = progress;
        incoming.cancel = context.ct.clone();
        // A panic must not leave the client waiting for ever.
        let called = AssertUnwindSafe(self.dispatch.call(incoming)).catch_unwind();
        let outcome = match notes {
            // The forwarder ends when the call drops its sender, so no note follows the answer.
            Some(notes) => futures::future::join(called, notes).await.0,
            None => called.await,
        };
        match outcome {
            Ok(Ok(reply)) => Ok(CallToolResponse::Complete(result(&reply))),
            Ok(Err(unknown @ UnknownTool(_))) => {
                Err(ErrorData::invalid_params(unknown.to_string(), None))
            }
            Err(_panic) => Err(ErrorData::internal_error(
                "storex failed inside; the log of this server says how",
                None,
            )),
        }
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let apps = self.apps(&context).await;
        let apps = apps.iter().map(|app| {
            Resource::new(app.uri, app.name)
                .with_title(app.title)
                .with_mime_type(APP_MIME_TYPE)
        });
        let pages = self.dispatch.runbooks().iter().map(|page| {
            Resource::new(format!("{RUNBOOK_URI}{}", page.name), page.name)
                .with_title(page.title)
                .with_mime_type("text/markdown")
        });
        let mut result = ListResourcesResult::with_all_items(pages.chain(apps).collect());
        result.ttl_ms = Some(LIST_TTL_MS);
        result.cache_scope = Some(CacheScope::Private);
        Ok(result)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let apps = self.apps(&context).await;
        if let Some(app) = apps.iter().find(|app| app.uri == request.uri) {
            // Without a policy of its own a page gets the strictest: it may load nothing from anywhere.
            let contents = ResourceContents::text(app.html, request.uri)
                .with_mime_type(APP_MIME_TYPE)
                .with_meta(ui(serde_json::json!({ "prefersBorder": true })));
            let mut result = ReadResourceResult::new(vec![contents]);
            result.ttl_ms = Some(LIST_TTL_MS);
            result.cache_scope = Some(CacheScope::Private);
            return Ok(result.into());
        }
        let page = request
            .uri
            .strip_prefix(RUNBOOK_URI)
            .and_then(|name| {
                self.dispatch
                    .runbooks()
                    .iter()
                    .find(|page| page.name == name)
            })
            .ok_or_else(|| {
                ErrorData::resource_not_found(
                    "no such page; resources/list names those there are",
                    Some(serde_json::json!({ "uri": request.uri })),
                )
            })?;
        let contents =
            ResourceContents::text(page.text, request.uri).with_mime_type("text/markdown");
        Ok(ReadResourceResult::new(vec![contents]).into())
    }
}

async fn forward(
    peer: rmcp::Peer<RoleServer>,
    token: rmcp::model::ProgressToken,
    mut notes: UnboundedReceiver<ProgressNote>,
) {
    while let Some(note) = notes.recv().await {
        let mut params = ProgressNotificationParam::new(token.clone(), note.done);
        params.total = note.total;
        params.message = Some(note.message);
        if peer.notify_progress(params).await.is_err() {
            // The client is gone; the call itself is cancelled by its token.
            return;
        }
    }
}

fn result(reply: &Reply) -> CallToolResult {
    let attached = &reply.attachments;
    let mut content = vec![ContentBlock::text(reply.text.clone())];
    let pictures = attached.pictures.iter();
    content.extend(
        pictures.map(|picture| ContentBlock::image(BASE64.encode(picture.bytes()), "image/png")),
    );
    let mut result = if reply.is_error {
        CallToolResult::error(content)
    } else {
        CallToolResult::success(content)
    };
    result.structured_content = Some(reply.structured.clone());
    result.meta = attached.app_data.as_ref().map(|data| {
        let data = (APP_DATA.to_owned(), data.clone());
        MetaObject(std::iter::once(data).collect())
    });
    result
}

fn tool(definition: &Definition) -> Tool {
    let annotations = ToolAnnotations::new()
        .read_only(definition.read_only)
        .open_world(false);
    let tool = Tool::new(
        definition.name,
        definition.description,
        Arc::clone(&definition.input_schema),
    )
    .with_title(definition.title)
    .with_raw_output_schema(Arc::clone(&definition.output_schema))
    .with_annotations(annotations);
    match definition.app {
        Some(app) => tool.with_meta(ui(serde_json::json!({ "resourceUri": app.uri }))),
        None => tool,
    }
}

/// What the extension for pages reads.
fn ui(value: serde_json::Value) -> MetaObject {
    MetaObject(std::iter::once(("ui".to_owned(), value)).collect())
}
