//! One incident on one flavour, from a quiet server to the verdict.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use serde_json::{Value, json};
use storex_testkit::Flavour;
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_tool::Row;

use super::judge::{is_alarm, judge};
use super::{Case, Outcome};
use crate::{House, Instance, asks_for_the_instance_alone, instance_tools, question};

/// What a concise answer may cost its reader at most, in tokens of four bytes.
pub const CONCISE_TOKENS: usize = 1_500;
/// The same for `detail: full`.
pub const FULL_TOKENS: usize = 6_000;

/// A server that has just started reads what it never read before: a condition of starting, and no
/// incident.
const WARM_UP: Duration = Duration::from_secs(5);
/// Every tool is asked for everything, at once.
const ROOM: &str = "[limits]\ncalls_per_instance = 64\n";
const NAME: &str = "shop";

/// Causes the incident and asks; nothing where its stage cannot be set.
///
/// # Errors
/// When something cannot be started, or a tool does not answer.
pub async fn prove(case: &Case, flavour: Flavour) -> Result<Option<Outcome>> {
    let Some(stage) = (case.stage)(flavour).await? else {
        return Ok(None);
    };
    let house = House::build(&[Instance::of(NAME, stage.asked())], ROOM)?;
    let traffic = Traffic::start(stage.server(), &HEALTHY).await?;
    tokio::time::sleep(WARM_UP).await;
    let false_alarms = alarms(&ask_all(&house, "concise").await?);

    let incident = (case.cause)(&stage).await?;
    tokio::time::sleep(case.ripens).await;
    let asking = with((case.arguments)(), "instance", json!(NAME));
    let asked = Instant::now();
    let answer = house.ask(case.tool, asking.clone()).await?;
    let took = asked.elapsed();
    let verdict = judge(&answer, incident.truth(), &case.expected);
    let asking = with(asking, "detail", json!("full"));
    let full = house.ask(case.tool, asking).await?;
    let too_long = too_long(&house, &answer, &full, case.tool).await?;

    incident.end().await?;
    traffic.stop().await;
    drop(stage);
    Ok(Some(Outcome {
        incident: case.name,
        flavour,
        tool: case.tool,
        verdict,
        tokens: tokens(&answer),
        full_tokens: tokens(&full),
        took,
        false_alarms,
        too_long,
        answer,
    }))
}

/// The answers, of every tool of InnoDB in the middle of the incident, that cost more than they may.
async fn too_long(house: &House, answer: &Value, full: &Value, tool: &str) -> Result<Vec<String>> {
    let mut concise = ask_all(house, "concise").await?;
    concise.push((tool, answer.clone()));
    let mut whole = ask_all(house, "full").await?;
    whole.push((tool, full.clone()));
    let over = |answers: Vec<(&str, Value)>, limit: usize| {
        let sizes = answers
            .into_iter()
            .map(|(tool, answer)| (tool, tokens(&answer)));
        let over = sizes.filter(|(_, tokens)| *tokens > limit);
        over.map(|(tool, tokens)| format!("{tool}: {tokens} of {limit} tokens"))
            .collect::<Vec<_>>()
    };
    Ok([over(concise, CONCISE_TOKENS), over(whole, FULL_TOKENS)].concat())
}

/// Asks every tool of InnoDB that asks for nothing but the instance.
async fn ask_all(house: &House, detail: &str) -> Result<Vec<(&'static str, Value)>> {
    let ask = |row: &'static Row| async move {
        let name = row.spec.name;
        anyhow::Ok((name, house.ask(name, question(name, NAME, detail)).await?))
    };
    let tools = instance_tools().filter(|row| asks_for_the_instance_alone(row));
    let answers = try_join_all(tools.map(ask)).await?;
    ensure!(!answers.is_empty(), "no tool was asked");
    Ok(answers)
}

fn with(mut question: Value, argument: &str, value: Value) -> Value {
    if let Value::Object(arguments) = &mut question {
        arguments.insert(argument.to_owned(), value);
    }
    question
}

/// The findings that would wake somebody.
fn alarms(answers: &[(&str, Value)]) -> Vec<String> {
    let of = |(tool, answer): &(&str, Value)| {
        let findings = answer.get("findings").and_then(Value::as_array);
        let alarms = findings.into_iter().flatten().filter(|one| is_alarm(one));
        alarms
            .filter_map(|one| Some(format!("{tool}: {}", one.get("statement")?.as_str()?)))
            .collect::<Vec<_>>()
    };
    answers.iter().flat_map(of).collect()
}

fn tokens(answer: &Value) -> usize {
    answer.to_string().len() / 4
}
