//! `slowlog_explain`: the plan of a statement given or of a digest's sample, what is wrong with it, and
//! which index would help; without either, the statements worth asking about.

mod candidates;
mod definitions;
mod named;
mod plan;
mod shown;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use storex_tool::{Answer, Call, Detail, Effect, Spec, Target, Tool, ToolError, WindowArgs};

use self::named::Named;
use self::shown::Data;
use super::query::form_id;
use super::top::{BOUNDS, MINUTES};
use crate::probes::{COLUMNS, COSTLY, INDEXES, SAMPLE, STATISTICS, TABLE};

/// The tool.
pub(super) struct Explain;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    #[serde(default)]
    detail: Detail,
    statement: Option<String>,
    digest: Option<String>,
    /// Of `slowlog_top`: its slowest run in the window
    id: Option<String>,
    #[serde(flatten)]
    window: WindowArgs,
    /// Of tables named without
    schema: Option<String>,
    #[schemars(range(min = 1, max = 50))]
    limit: Option<usize>,
}

impl Tool for Explain {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "slowlog_explain",
        title: "Plan of a statement",
        description: "Explains a statement, a digest's sample or a slow-log form's slowest run (`id`), \
                      without running it: its plan, what is wrong with that (scans, sorts, join order, unusable indexes) and which index would \
                      help. Of UPDATE, DELETE, INSERT ... SELECT the part that reads. With neither: the \
                      statements that took most time.",
        // Unlike statistics, values shape a plan: one row found by a unique key is read for it, and
        // ranges are estimated from the index. Who may name values may learn of them.
        effect: Effect::Sensitive,
        target: Target::Instance,
        deadline: Duration::from_secs(30),
        row_limit: 200,
        // Asked again after an index was made, the plan is the new one.
        freshness: Duration::ZERO,
        probes: &[&COSTLY, &SAMPLE, &TABLE, &COLUMNS, &INDEXES, &STATISTICS],
        sensitive_arguments: &[],
        runbook: include_str!("../../runbooks/slowlog_explain.md"),
        aliases: &[],
        log_bytes: BOUNDS.bytes,
        metric_points: 0,
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let schema = input.schema.as_deref();
        let text = match (input.statement, input.digest, input.id) {
            (Some(statement), None, None) => Named::given(statement, schema),
            (None, Some(digest), None) => named::sample(call, &digest, schema).await?,
            (None, None, Some(id)) => {
                let window = input.window.window(call.now(), MINUTES)?;
                named::slowest(call, form_id(&id)?, window, schema).await?
            }
            (None, None, None) => {
                let limit = input.limit.unwrap_or(if full { 30 } else { 10 }).min(50);
                return candidates::answer(call, &input.instance, schema, limit).await;
            }
            _ => {
                return Err(ToolError::bad_input(
                    "argument `statement`: pass one of `statement`, `digest` and `id`",
                ));
            }
        };
        plan::answer(call, &text, &input.instance, full).await
    }
}
