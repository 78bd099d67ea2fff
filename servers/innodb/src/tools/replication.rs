//! `innodb_replication`: what replicates from where, how far behind, and why.

mod read;
mod view;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storex_sources::Flavour;
use storex_tool::{
    Answer, Call, Detail, Effect, Finding, Spec, Target, Tool, ToolError, Untrusted,
};

use self::read::Around;
use self::view::{ChannelView, Other};
use super::gather::rows;
use crate::probes::replication::{
    APPLIER_METADATA_LOCKS, AURORA_REPLICAS, CONNECTED_REPLICAS, GROUP_MEMBERS,
    INNODB_TABLES_WITHOUT_KEY, REPLICA_STATUS, REPLICATION_CHANNELS, REPLICATION_GTIDS,
    REPLICATION_SETTINGS, REPLICATION_THREADS, REPLICATION_WORKERS, SEMI_SYNC_STATUS,
};
use crate::probes::{INNODB_TRX, METADATA_LOCK_INFO, PROCESSLIST, SESSIONS};
use crate::replication::behind::Context;
use crate::replication::channel::Place;
use crate::replication::progress::{Progress, progress};
use crate::replication::sample::Sample;
use crate::replication::{behind, setup, stopped};
use crate::sessions::Sessions;
use crate::variables::Variables;

/// Long enough to see whether lag grows, short enough for someone who waits.
const WINDOW: Duration = Duration::from_millis(1_500);

/// The tool.
pub(super) struct Replication;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    #[serde(default)]
    detail: Detail,
    /// Channels and replicas listed
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// Show literals (sensitive)
    #[serde(default)]
    literals: bool,
}

/// The tool's data.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Data {
    /// none | source | replica | both | group | aurora
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    window_s: Option<f64>,
    channels: Vec<ChannelView>,
    /// Replicas connected here, group members, Aurora instances
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Other>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settings: Vec<Untrusted>,
}

impl Tool for Replication {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "innodb_replication",
        title: "Replication: how far behind, and why",
        description: "Tells whether a server is source or replica and, per channel: lag by commit timestamps and \
                      where it sits, what is applied now (big transaction, table without primary key, lock \
                      wait), what stopped it, GTID gap, errant transactions, semi-sync, group or Aurora \
                      readers. Start here for stale reads.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(15),
        row_limit: 200,
        freshness: Duration::from_secs(2),
        probes: &[
            &REPLICA_STATUS,
            &REPLICATION_CHANNELS,
            &REPLICATION_WORKERS,
            &REPLICATION_GTIDS,
            &REPLICATION_SETTINGS,
            &REPLICATION_THREADS,
            &SEMI_SYNC_STATUS,
            &CONNECTED_REPLICAS,
            &APPLIER_METADATA_LOCKS,
            &INNODB_TABLES_WITHOUT_KEY,
            &GROUP_MEMBERS,
            &AURORA_REPLICAS,
            &INNODB_TRX,
            &METADATA_LOCK_INFO,
            &SESSIONS,
            &PROCESSLIST,
        ],
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &["literals"],
        runbook: include_str!("../../runbooks/innodb_replication.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let (before, began) = read::sample(call).await?;
        let around = read::around(call, &before).await?;
        if around.is_alone() && before.status.is_empty() && before.channels.is_empty() {
            if !call.server().await?.performance_schema {
                call.missing(
                    "tables an applier changes, should this become a replica",
                    "performance_schema is off",
                    "set performance_schema=ON, or on MariaDB INSTALL SONAME 'metadata_lock_info'",
                );
            }
            return Ok(nothing_configured());
        }
        let (after, seconds) = second(call, &before, began).await?;
        let mut progress = progress(&before, &after, seconds);
        read::add_tables(call, &mut progress).await?;
        let settings = Variables::of(rows(call.want(&REPLICATION_SETTINGS).await?));
        let semi_sync = Variables::of(rows(call.want(&SEMI_SYNC_STATUS).await?));
        let context = Context {
            instance: &input.instance,
            literals: input.literals,
            workers: workers(&settings),
        };
        let mut findings = stopped::findings(&progress, context.instance, context.literals);
        findings.extend(behind::findings(&progress, &context));
        if !progress.is_empty() {
            findings.extend(of_replica(call, &before, &after, &settings).await?);
        }
        findings.extend(setup::semi_sync(&settings, &semi_sync));
        findings.extend(setup::group(&around.members));
        findings.extend(setup::aurora(&around.readers));
        findings.extend(of_source(call, &around, &after, &context).await?);
        // Worst first, and of the same severity in the order in which they were looked for.
        findings.sort_by_key(|finding| finding.severity);
        let limit = input.limit.unwrap_or(if full { 50 } else { 10 }).min(200);
        let total = (progress.len(), around.count());
        let data = Data {
            role: around.role(!progress.is_empty()),
            window_s: seconds.map(|seconds| (seconds * 10.0).round() / 10.0),
            channels: view::channels(&progress, limit, full, input.literals),
            others: view::others(&around, limit),
            settings: if full {
                view::settings(&settings, &after)
            } else {
                Vec::new()
            },
        };
        Ok(
            Answer::new(headline(&findings, &progress, &around), findings, data)
                .cut("channels", limit.min(total.0), total.0)
                .cut("others", limit.min(total.1), total.1),
        )
    }
}

fn nothing_configured() -> Answer<Data> {
    let data = Data {
        role: "none",
        window_s: None,
        channels: Vec::new(),
        others: Vec::new(),
        settings: Vec::new(),
    };
    Answer::new(
        "no replication configured: no channel, no replica connected, no group",
        Vec::new(),
        data,
    )
}

/// The second sample, where there are channels to watch and the source holds one.
async fn second(
    call: &Call,
    before: &Sample,
    began: jiff::Timestamp,
) -> Result<(Sample, Option<f64>), ToolError> {
    let has_channels = !before.status.is_empty() || !before.channels.is_empty();
    if !has_channels || !call.pass(WINDOW).await? {
        return Ok((before.clone(), None));
    }
    let (after, ended) = read::sample(call).await?;
    let seconds = ended.duration_since(began).as_secs_f64();
    Ok((after, Some(seconds).filter(|seconds| *seconds > 0.0)))
}

fn workers(settings: &Variables) -> Option<u64> {
    [
        "replica_parallel_workers",
        "slave_parallel_threads",
        "slave_parallel_workers",
    ]
    .into_iter()
    .find_map(|name| settings.count(name))
}

/// What a replica should not be.
async fn of_replica(
    call: &Call,
    before: &Sample,
    after: &Sample,
    settings: &Variables,
) -> Result<Vec<Finding>, ToolError> {
    let mariadb = call.server().await?.flavour == Flavour::MariaDb;
    let written = setup::written_here(before.written_here(), after.written_here(), mariadb);
    let writable = setup::writable(settings, written.is_some());
    Ok(written.into_iter().chain(writable).collect())
}

/// What a source will send its replicas.
async fn of_source(
    call: &Call,
    around: &Around,
    sample: &Sample,
    context: &Context<'_>,
) -> Result<Option<Finding>, ToolError> {
    if around.replicas.is_empty() || setup::coming(&sample.transactions).is_none() {
        return Ok(None);
    }
    let server = call.server().await?;
    let probe = match server.flavour {
        Flavour::MySql if server.performance_schema => &SESSIONS,
        _ => &PROCESSLIST,
    };
    let sessions = Sessions::join(
        rows(call.want(probe).await?),
        sample.transactions.clone(),
        Vec::new(),
        Vec::new(),
    );
    Ok(setup::big_transaction(
        &sample.transactions,
        &sessions,
        around.replicas.len(),
        context.instance,
        context.literals,
    ))
}

fn headline(findings: &[Finding], progress: &[Progress], around: &Around) -> String {
    if let Some(worst) = findings.first() {
        return worst.statement.clone();
    }
    let sends = match around.replicas.len() {
        0 => None,
        1 => Some("source of one connected replica".to_owned()),
        many => Some(format!("source of {many} connected replicas")),
    };
    let worst = progress
        .iter()
        .max_by(|a, b| a.unwanted_lag_s().total_cmp(&b.unwanted_lag_s()));
    let follows = worst.map(|worst| {
        let source = Untrusted::name(&worst.channel.source);
        let channels = match progress.len() {
            1 => String::new(),
            many => format!(", the latest of {many} channels"),
        };
        match (worst.channel.lag.seconds, worst.channel.lag.place) {
            (Some(lag), Place::Delay) => {
                format!("replica of {source}{channels}: {lag:.0} s behind, which is its delay by design")
            }
            (Some(lag), _) if worst.channel.delay_s > 0 => {
                let delay = worst.channel.delay_s;
                format!("replica of {source}{channels}: {lag:.0} s behind, delayed by design by {delay} s")
            }
            (Some(lag), _) => format!("replica of {source}{channels}: running, {lag:.1} s behind"),
            (None, _) => format!("replica of {source}{channels}: how far behind cannot be told"),
        }
    });
    let group = match around.members.len() {
        0 => None,
        members => Some(format!("group of {members} members, all online")),
    };
    let readers = match around.readers.len() {
        0 => None,
        instances => Some(format!(
            "Aurora cluster of {instances} instances, none behind"
        )),
    };
    let parts: Vec<String> = [follows, sends, group, readers]
        .into_iter()
        .flatten()
        .collect();
    parts.join("; ")
}
