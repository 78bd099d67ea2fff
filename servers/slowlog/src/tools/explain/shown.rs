//! The tool's data as it is shown: without a literal, every name marked where it is not plain.

use schemars::JsonSchema;
use serde::Serialize;
use storex_statement::Explainable;
use storex_tool::{Untrusted, without_literals};

use super::candidates::Candidate;
use crate::explain::plan::{Block, Note, Plan, Step};
use crate::explain::suggest::Suggestion;

const CONCISE_CHARS: usize = 300;
const FULL_CHARS: usize = 2_000;
/// Steps of a concise answer.
const CONCISE_STEPS: usize = 12;

/// The tool's data.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(in crate::tools) struct Data {
    /// What was explained
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<Untrusted>,
    /// The statement, or the part of it that reads
    #[serde(skip_serializing_if = "Option::is_none")]
    explained: Option<String>,
    /// In the order the server takes them
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) steps: Vec<StepShown>,
    /// Those that would help, and why
    #[serde(skip_serializing_if = "Vec::is_empty")]
    indexes: Vec<String>,
    /// Statements to explain
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) candidates: Vec<Candidate>,
}

/// A step.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(in crate::tools) struct StepShown {
    /// Of a subquery: its number and kind
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<Untrusted>,
    /// Access, and by which index
    #[serde(skip_serializing_if = "Option::is_none")]
    read_by: Option<String>,
    /// Each time the step is taken
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept_pct: Option<f64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    does: String,
}

impl Data {
    /// No plan, but statements to choose from.
    pub(super) fn of(candidates: Vec<Candidate>) -> Self {
        Self {
            candidates,
            ..Self::default()
        }
    }
}

/// A plan as it is shown.
pub(super) fn shown(
    statement: &Explainable,
    plan: &Plan,
    suggestions: &[Suggestion],
    full: bool,
) -> Data {
    let (chars, steps) = if full {
        (FULL_CHARS, plan.steps.len())
    } else {
        (CONCISE_CHARS, CONCISE_STEPS)
    };
    Data {
        statement: Some(Untrusted::text(
            &without_literals(statement.as_str()),
            chars,
        )),
        explained: Some(part(statement)),
        steps: plan.steps.iter().take(steps).map(step).collect(),
        indexes: suggestions.iter().map(index).collect(),
        candidates: Vec::new(),
    }
}

/// What was explained, and which of its clauses were not.
fn part(statement: &Explainable) -> String {
    match statement.left_out() {
        [] => statement.part().to_owned(),
        left_out => format!("{}, without {}", statement.part(), left_out.join(" and ")),
    }
}

fn step(step: &Step) -> StepShown {
    let does: Vec<&str> = step.notes.iter().copied().map(Note::as_str).collect();
    StepShown {
        block: (step.block != Block::Outer).then(|| match step.id {
            Some(id) => format!("{id}: {}", step.block.as_str()),
            None => step.block.as_str().to_owned(),
        }),
        table: step.table.as_deref().map(Untrusted::name),
        read_by: step.access.map(|access| match &step.key {
            Some(key) => format!("{} {}", access.as_str(), Untrusted::name(key)),
            None => access.as_str().to_owned(),
        }),
        rows: step.rows,
        kept_pct: step.filtered_pct,
        does: does.join(", "),
    }
}

/// The statement that makes it, with its reason as a comment.
fn index(suggestion: &Suggestion) -> String {
    format!("{} -- {}", suggestion.statement(), suggestion.reason)
}
