//! `slowlog_query`: one form in a window of the slow log: when it ran, how long, who ran it, and the
//! slowest of its runs.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use storex_digest::{Digest, FormId, Group, Histogram, Names, Options, Sample, Samples, Timeline};
use storex_tool::{
    Answer, Call, Detail, Effect, Spec, Target, Tool, ToolError, Untrusted, WindowArgs,
};

use super::shown::{Covered, Row, moment_us};
use super::top::{BOUNDS, MINUTES};
use crate::costs::{Case, findings_of, time_share};
use crate::form::Form;
use crate::reading::read;
use crate::scene::{Scene, client};
use crate::tables::tables;
use crate::words::{percent, three_digits, time};

/// Slots of time, rows of names and characters of a sample in a concise answer.
const CONCISE: (usize, usize, usize) = (12, 5, 300);
const FULL: (usize, usize, usize) = (64, 20, 4_000);
/// Upper ends of the classes of time, in microseconds, with their names.
const CLASSES: [(u64, &str); 6] = [
    (100, "<100us"),
    (1_000, "<1ms"),
    (10_000, "<10ms"),
    (100_000, "<100ms"),
    (1_000_000, "<1s"),
    (10_000_000, "<10s"),
];

/// The tool.
pub(super) struct Query;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    /// Of `slowlog_top` or `slowlog_compare`
    id: String,
    #[serde(flatten)]
    window: WindowArgs,
    #[serde(default)]
    detail: Detail,
    /// Show samples with their literals (sensitive)
    #[serde(default)]
    literals: bool,
}

/// The tool's data.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Data {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Map<String, Value>>")]
    window: Option<Covered>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Map<String, Value>>")]
    query: Option<Row>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tables: Vec<Untrusted>,
    /// The server's own digest, where it is logged
    #[serde(skip_serializing_if = "Option::is_none")]
    server_digest: Option<Untrusted>,
    /// Runs by time taken
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    runs_taking: Vec<Class>,
    /// Seconds of a slot of `timeline`
    #[serde(skip_serializing_if = "Option::is_none")]
    slot_s: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    timeline: Vec<Slot>,
    /// `user@host`, most runs first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    clients: Vec<Counted>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    tags: Vec<Counted>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    slowest: Vec<Slowest>,
}

#[derive(Debug, Serialize)]
struct Class {
    time: &'static str,
    runs: u64,
}

#[derive(Debug, Serialize)]
struct Slot {
    from: String,
    runs: u64,
    time_s: f64,
}

#[derive(Debug, Serialize)]
struct Counted {
    name: Untrusted,
    runs: u64,
}

#[derive(Debug, Serialize)]
struct Slowest {
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    time_ms: f64,
    lock_ms: f64,
    rows_examined: u64,
    rows_sent: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u64>,
    client: Untrusted,
    /// As it was written, where `literals` asks for it
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<Untrusted>,
}

impl Tool for Query {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "slowlog_query",
        title: "One statement's history",
        description: "One form of the slow log by its id: runs over time, distribution of times, who runs \
                      it, tables, the slowest runs, and what is wrong with it.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(30),
        row_limit: 100,
        freshness: Duration::from_secs(10),
        probes: &[],
        log_bytes: BOUNDS.bytes,
        metric_points: 0,
        sensitive_arguments: &["literals"],
        runbook: include_str!("../../runbooks/slowlog_query.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let id = form_id(&input.id)?;
        let window = input.window.window(call.now(), MINUTES)?;
        let options = Options {
            samples_of: Some(id),
            ..Options::default()
        };
        let Some(reading) = read(call, window, options, BOUNDS).await? else {
            let name = Untrusted::name(&input.instance);
            let headline = format!("there is no slow log of {name} to read");
            return Ok(Answer::new(headline, Vec::new(), Data::default()));
        };
        let digest = &reading.digest;
        let Some(group) = sampled(digest) else {
            let minutes = reading.covered_s() / 60.0;
            let headline =
                format!("no run of {id} ended in these {minutes:.0} min of the slow log");
            let data = Data {
                window: Some(Covered::of(&reading)),
                ..Data::default()
            };
            return Ok(Answer::new(headline, Vec::new(), data));
        };
        let scene = Scene {
            instance: &input.instance,
            window,
            digest,
        };
        let form = Form::of(group);
        let share = time_share(&scene, form);
        let full = input.detail == Detail::Full;
        let data = Data {
            window: Some(Covered::of(&reading)),
            query: Some(Row::of(digest, form, share, true)),
            ..about(
                digest,
                group,
                if full { FULL } else { CONCISE },
                input.literals,
            )
        };
        let figures = form.figures();
        let headline = format!(
            "{} ran {} times and took {} in all, {} of the time of all statements",
            scene.named(form),
            figures.count,
            time(figures.query_us.sum as f64 / 1e6),
            percent(share),
        );
        let findings = findings_of(&Case::of_log(&scene, form)).collect();
        Ok(Answer::new(headline, findings, data))
    }
}

/// The id the caller named.
pub(super) fn form_id(text: &str) -> Result<FormId, ToolError> {
    text.parse().map_err(|_| {
        ToolError::bad_input(
            "argument `id`: an id is 16 hexadecimal digits; slowlog_top lists them",
        )
    })
}

/// The form whose samples were kept.
pub(super) fn sampled(digest: &Digest) -> Option<&Group> {
    digest.groups().iter().find(|group| group.samples.is_some())
}

fn about(
    digest: &Digest,
    group: &Group,
    (most, rows, chars): (usize, usize, usize),
    literals: bool,
) -> Data {
    let text = String::from_utf8_lossy(&group.fingerprint);
    let server_digest = group.server_digest.as_deref();
    let (slot_s, over_time) = timeline(&group.timeline, most);
    let samples = group.samples.iter().flat_map(Samples::slowest_first);
    let shown = samples.map(|sample| slowest(digest, sample, literals.then_some(chars)));
    Data {
        tables: tables(&text).into_iter().map(Untrusted::name).collect(),
        server_digest: server_digest
            .map(|digest| Untrusted::name(&String::from_utf8_lossy(digest))),
        runs_taking: classes(&group.times),
        slot_s: Some(slot_s),
        timeline: over_time,
        clients: counted(digest, &group.clients, rows, client),
        tags: counted(digest, &group.tags, rows, str::to_owned),
        slowest: shown.collect(),
        ..Data::default()
    }
}

fn classes(times: &Histogram) -> Vec<Class> {
    let mut classes = Vec::new();
    let mut below = 0;
    for (end, name) in CLASSES {
        let now = times.below(end);
        classes.push(Class {
            time: name,
            runs: now.saturating_sub(below),
        });
        below = now;
    }
    classes.push(Class {
        time: ">=10s",
        runs: times.total().saturating_sub(below),
    });
    classes.retain(|class| class.runs > 0);
    classes
}

/// The timeline in at most so many slots.
fn timeline(timeline: &Timeline, most: usize) -> (u64, Vec<Slot>) {
    let all: Vec<(i64, storex_digest::Slot)> = timeline.slots().collect();
    let joined = all.len().div_ceil(most.max(1)).max(1);
    let slots = all.chunks(joined).map(|chunk| {
        let from = chunk
            .first()
            .map(|(from, _)| from.saturating_mul(1_000_000));
        Slot {
            from: moment_us(from).unwrap_or_default(),
            runs: chunk.iter().map(|(_, slot)| slot.count).sum(),
            time_s: three_digits(
                chunk
                    .iter()
                    .map(|(_, slot)| slot.time_us as f64 / 1e6)
                    .sum(),
            ),
        }
    });
    (timeline.slot_s() * joined as u64, slots.collect())
}

fn counted(
    digest: &Digest,
    names: &Names,
    rows: usize,
    shown: impl Fn(&str) -> String,
) -> Vec<Counted> {
    let known = names.by_count().into_iter().filter(|(name, _)| *name > 0);
    known
        .take(rows)
        .map(|(name, runs)| Counted {
            name: Untrusted::name(&shown(&String::from_utf8_lossy(digest.name(name)))),
            runs,
        })
        .collect()
}

fn slowest(digest: &Digest, sample: &Sample, chars: Option<usize>) -> Slowest {
    let who = String::from_utf8_lossy(digest.name(sample.client));
    let text = String::from_utf8_lossy(&sample.sql);
    Slowest {
        ended: moment_us(sample.ended_us),
        time_ms: three_digits(sample.query_us as f64 / 1e3),
        lock_ms: three_digits(sample.lock_us as f64 / 1e3),
        rows_examined: sample.rows_examined,
        rows_sent: sample.rows_sent,
        connection: sample.connection,
        client: Untrusted::name(&client(&who)),
        statement: chars.map(|chars| Untrusted::text(&text, chars)),
    }
}
