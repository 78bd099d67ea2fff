//! What a tool is and what it answers: the [`Tool`] trait and its [`Spec`], the [`Call`] it reads
//! through, [`Answer`]s made of findings, evidence and coverage, and the one adapter to the MCP
//! library. Domain servers know this crate and the sources, and nothing of the protocol.

pub mod adapter;
mod answer;
mod attachment;
mod budget;
mod call;
mod definition;
mod dispatch;
mod error;
mod facts;
mod finding;
mod render;
mod spec;
mod sql_text;
mod tool;
mod untrusted;
mod window;

pub use answer::{Answer, Coverage, Missing, Truncated};
pub use attachment::{
    APP_DATA_BUDGET_BYTES, App, Attachments, PICTURES_BUDGET_BYTES, Picture, add_notes,
};
pub use budget::{Detail, fit};
pub use call::{
    Call, CallLogs, CallMetrics, CallParts, LogBounds, LogReading, Other, Progress, ProgressNote,
    Sample, SeriesReading,
};
pub use definition::Definition;
pub use dispatch::{About, Credential, Dispatch, Identity, Incoming, Reply, Runbook, UnknownTool};
pub use error::{Code, ToolError};
pub use facts::InstanceFacts;
pub use finding::{Confidence, Evidence, Finding, Next, Remedy, Severity};
pub use render::markdown;
pub use spec::{Effect, Spec, Target};
pub use sql_text::without_literals;
pub use tool::{Domain, Parsed, Row, Run, Tool, row};
pub use untrusted::{Untrusted, clean};
pub use window::{BaselineArgs, WindowArgs};
