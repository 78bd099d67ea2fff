//! A statement checked, explained and judged.

use storex_sources::{Flavour, SourceError};
use storex_statement::{Explainable, Grammar, Refused, TableName};
use storex_tool::{Answer, Call, Code, ToolError, Untrusted};

use super::definitions;
use super::named::Named;
use super::shown::{Data, shown};
use crate::explain::findings::Explained;
use crate::explain::outline::outline;
use crate::explain::plan::{Plan, PlanRow};

/// Explains the statement named.
pub(super) async fn answer(
    call: &Call,
    named: &Named,
    instance: &str,
    full: bool,
) -> Result<Answer<Data>, ToolError> {
    let grammar = match call.server().await?.flavour {
        Flavour::MySql => Grammar::MySql,
        Flavour::MariaDb => Grammar::MariaDb,
    };
    let statement = Explainable::allow(&named.text, named.schema.as_deref(), grammar)
        .map_err(|refused| refusal(&refused))?;
    let definitions = definitions::read(call, statement.tables()).await?;
    let rows = match call.explain::<PlanRow>(&statement).await {
        Ok(sample) => sample.rows,
        Err(error) => return Err(unexplained(error, &statement)),
    };
    let plan = Plan::of(rows);
    let outline = outline(statement.query());
    let explained = Explained {
        instance,
        plan: &plan,
        outline: &outline,
        definitions: &definitions,
    };
    let (findings, suggestions) = explained.judge();
    let headline = match findings.first() {
        Some(first) => first.statement.clone(),
        None if plan.finds_nothing() => {
            "the server finds that no row can match these values; try those of a run that found some".to_owned()
        }
        None => "nothing is wrong with this plan".to_owned(),
    };
    let data = shown(&statement, &plan, &suggestions, full);
    let (kept, total) = (data.steps.len(), plan.steps.len());
    Ok(Answer::new(headline, findings, data).cut("steps", kept, total))
}

fn refusal(refused: &Refused) -> ToolError {
    ToolError::bad_input(format!("not explained: {refused}"))
}

/// The server's own words stay in the log: they may hold the statement's values.
fn unexplained(error: SourceError, statement: &Explainable) -> ToolError {
    let code = match &error {
        SourceError::Denied { .. } => return denied(statement.tables()),
        SourceError::NotCaptured { .. } => {
            return ToolError::new(
                Code::Unavailable,
                "a snapshot holds no plans: explain on the instance itself, or on one with the same tables",
            );
        }
        SourceError::Query { code, .. } => *code,
        _ => return error.into(),
    };
    let why = match code {
        1054 => "it names a column its tables do not have",
        1052 => "it names a column that several of its tables have; write the table before it",
        1064 => "the server does not read it as SQL of its version",
        1235 => "the server's optimizer cannot explain it in this form (hypergraph_optimizer=on?)",
        1305 => "it calls a function this server does not have",
        1066 => "two of its tables go by one name",
        1140 | 1055 => "it mixes groups and single rows",
        1176 => "it names an index that is not there",
        _ => "the server refused it",
    };
    ToolError::new(
        Code::BadInput,
        format!("not explained: {why} (server error {code}); correct the statement"),
    )
    .internally(format!("server error {code}"))
}

/// The server wants for a plan what it wants for a run.
fn denied(tables: &[TableName]) -> ToolError {
    let grants = tables.iter().map(|table| {
        format!(
            "SELECT ON {}.{}",
            Untrusted::name(&table.schema),
            Untrusted::name(&table.name)
        )
    });
    let grants: Vec<String> = grants.collect();
    ToolError::new(
        Code::Unavailable,
        format!(
            "the server explains only what an account may run, and this one may not read its tables; GRANT {} \
             TO the monitoring account, or ask where it has that right",
            grants.join(", ")
        ),
    )
}
