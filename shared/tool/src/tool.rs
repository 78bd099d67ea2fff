//! The trait a tool implements, and the row of a server's table it becomes.

use std::any::Any;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Answer, App, Attachments, Call, Definition, Runbook, Spec, ToolError};

/// One tool. A tool has no state: it reads through its [`Call`] and answers.
pub trait Tool: 'static {
    /// The arguments. Must carry `#[serde(deny_unknown_fields)]`; a whole-table test checks it.
    type Input: DeserializeOwned + JsonSchema + Send + Sync + 'static;
    /// The tool's own data: an object whose fields stand beside the headline.
    type Data: Serialize + JsonSchema + Send + 'static;
    /// What it declares about itself.
    const SPEC: Spec;
    /// The page clients that show pages draw its results with, where it has one.
    const APP: Option<&'static App> = None;

    /// Answers one call.
    fn run(
        input: Self::Input,
        call: &Call,
    ) -> impl Future<Output = Result<Answer<Self::Data>, ToolError>> + Send;
}

/// Arguments that passed the tool's own type, kept together with their JSON.
pub struct Parsed {
    input: Box<dyn Any + Send + Sync>,
    /// The arguments as they came.
    pub arguments: Arc<Map<String, Value>>,
}

impl std::fmt::Debug for Parsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parsed").finish_non_exhaustive()
    }
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The structured answer, not yet cut to a budget.
    pub structured: Value,
    /// What goes beside it, not yet held against its budget.
    pub attachments: Attachments,
}

/// One line of a server's table of tools.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// What the tool declares.
    pub spec: &'static Spec,
    parse: fn(Map<String, Value>) -> Result<Parsed, ToolError>,
    run: fn(Parsed, Arc<Call>) -> BoxFuture<'static, Result<Run, ToolError>>,
    definition: fn() -> Definition,
}

/// The row of a tool: `static TOOLS: &[Row] = &[row::<LockWaits>(), ...]`.
pub const fn row<T: Tool>() -> Row {
    Row {
        spec: const { &T::SPEC },
        parse: parse::<T>,
        run: run::<T>,
        definition: || Definition::of::<T>(),
    }
}

impl Row {
    /// Types the arguments; unknown ones are refused.
    ///
    /// # Errors
    /// [`crate::Code::BadInput`] naming the argument and what it should be.
    pub fn parse(&self, arguments: Map<String, Value>) -> Result<Parsed, ToolError> {
        (self.parse)(arguments)
    }

    /// Runs the tool. Only the last layer of the stack calls this.
    pub fn run(
        &self,
        parsed: Parsed,
        call: Arc<Call>,
    ) -> BoxFuture<'static, Result<Run, ToolError>> {
        (self.run)(parsed, call)
    }

    /// The tool as clients see it.
    pub fn definition(&self) -> Definition {
        (self.definition)()
    }
}

/// A domain server: its table of tools and its pages.
#[derive(Debug)]
pub struct Domain {
    /// `innodb`, `slowlog`, ...: the prefix of its tools' names and a group in policies.
    pub name: &'static str,
    /// What it is for, in a sentence for the server's instructions.
    pub about: &'static str,
    /// Its tools, in the order clients see them.
    pub tools: &'static [Row],
    /// Runbooks that belong to a symptom rather than to one tool.
    pub runbooks: &'static [Runbook],
}

fn parse<T: Tool>(arguments: Map<String, Value>) -> Result<Parsed, ToolError> {
    if let Some((name, _)) = arguments.iter().find(|(_, value)| is_beyond_policy(value)) {
        return Err(ToolError::bad_input(format!(
            "argument `{name}`: the number is too large"
        )));
    }
    let arguments = Arc::new(arguments);
    let input: T::Input = serde_path_to_error::deserialize(Value::Object((*arguments).clone()))
        .map_err(|error| {
            let path = error.path().to_string();
            let place = if path == "." {
                String::new()
            } else {
                format!("argument `{path}`: ")
            };
            ToolError::bad_input(format!("{place}{}", error.into_inner()))
        })?;
    Ok(Parsed {
        input: Box::new(input),
        arguments,
    })
}

/// Policies count in 64 signed bits. What they could not look at would be denied there, in words that
/// do not say why.
fn is_beyond_policy(value: &Value) -> bool {
    value.is_u64() && !value.is_i64()
}

fn run<T: Tool>(parsed: Parsed, call: Arc<Call>) -> BoxFuture<'static, Result<Run, ToolError>> {
    async move {
        let input = parsed.input.downcast::<T::Input>().map_err(|_| {
            ToolError::internal("arguments of another tool were passed to this one")
        })?;
        let mut answer = T::run(*input, &call).await?;
        let attachments = std::mem::take(&mut answer.attachments);
        let structured = call.envelope(answer).await?;
        Ok(Run {
            structured,
            attachments,
        })
    }
    .boxed()
}
