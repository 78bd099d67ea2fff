//! What `innodb_replication` shows.

use schemars::JsonSchema;
use serde::Serialize;
use storex_tool::Untrusted;

use super::read::Around;
use crate::replication::applying::Applying;
use crate::replication::channel::{Side, State};
use crate::replication::progress::Progress;
use crate::replication::rows::{AuroraRow, MemberRow, ThreadRow};
use crate::replication::sample::Sample;
use crate::sessions::{SessionRow, show_statement};
use crate::variables::Variables;

const STATEMENT_CHARS: usize = 200;

/// One channel.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct ChannelView {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Untrusted>,
    source: Untrusted,
    /// running | connecting | stopped
    receiver: String,
    applier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    lag_s: Option<f64>,
    /// What measured it
    lag_by: String,
    lag_sits: &'static str,
    /// Wanted lag
    #[serde(skip_serializing_if = "is_zero")]
    delay_s: u64,
    /// Seconds of lag gained a second
    #[serde(skip_serializing_if = "Option::is_none")]
    lag_per_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caught_up_in_s: Option<f64>,
    /// Transactions received, not applied
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    applied_per_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_per_s: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    applying: Vec<ApplyingView>,
}

/// A transaction being applied.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct ApplyingView {
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gtid: Option<Untrusted>,
    age_s: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows_per_s: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tables: Vec<Untrusted>,
    /// Its statement where known, else its state
    #[serde(skip_serializing_if = "Option::is_none")]
    doing: Option<Untrusted>,
}

/// Another server: a replica connected here, a member of the group, an instance of the Aurora cluster.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Other {
    /// replica | member | reader | writer
    kind: &'static str,
    name: Untrusted,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Untrusted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<u64>,
    /// Transactions in its queue
    #[serde(skip_serializing_if = "Option::is_none")]
    to_apply: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lag_ms: Option<f64>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn tenths(figure: f64) -> f64 {
    (figure * 10.0).round() / 10.0
}

/// The channels, furthest behind first.
pub(super) fn channels(
    progress: &[Progress],
    limit: usize,
    full: bool,
    literals: bool,
) -> Vec<ChannelView> {
    let mut sorted: Vec<&Progress> = progress.iter().collect();
    sorted.sort_by(|a, b| b.unwanted_lag_s().total_cmp(&a.unwanted_lag_s()));
    let shown = |progress: &&Progress| channel(progress, full, literals);
    sorted.iter().take(limit).map(shown).collect()
}

fn channel(progress: &Progress, full: bool, literals: bool) -> ChannelView {
    let channel = &progress.channel;
    let name = Some(channel.name.as_str()).filter(|name| !name.is_empty());
    ChannelView {
        name: name.map(Untrusted::name),
        source: Untrusted::name(&channel.source),
        receiver: side(&channel.receiver, full),
        applier: side(&channel.applier, full),
        lag_s: channel.lag.seconds.map(tenths),
        lag_by: if channel.lag.at_least {
            format!("{}, at least", channel.lag.by)
        } else {
            channel.lag.by.to_owned()
        },
        lag_sits: channel.lag.place.as_str(),
        delay_s: channel.delay_s,
        lag_per_s: progress
            .lag_per_s
            .map(|change| (change * 100.0).round() / 100.0),
        caught_up_in_s: progress.catch_up_s.map(f64::round),
        gap: channel.gap,
        gap_bytes: channel.gap_bytes,
        applied_per_s: progress.applied_per_s.map(tenths),
        received_per_s: progress.received_per_s.map(tenths),
        applying: channel
            .applying
            .iter()
            .take(if full { 16 } else { 2 })
            .map(|applying| shown(applying, literals))
            .collect(),
    }
}

/// Its state; in full, and where it tries to connect, with what it does in the server's words.
fn side(side: &Side, full: bool) -> String {
    let state = side.state.as_str();
    match side.doing.as_deref() {
        Some(doing) if full || side.state == State::Connecting => {
            format!("{state}: {}", Untrusted::text(doing, 100))
        }
        _ => state.to_owned(),
    }
}

fn shown(applying: &Applying, literals: bool) -> ApplyingView {
    let state = applying.state.as_deref();
    let state = state.map(|state| Untrusted::text(state, 80));
    let statement = applying.statement.as_deref();
    let statement = statement.map(|sql| show_statement(sql, literals, STATEMENT_CHARS));
    ApplyingView {
        connection: applying.thread,
        gtid: applying.gtid.as_deref().map(Untrusted::name),
        age_s: tenths(applying.age_s),
        rows: applying.rows,
        rows_per_s: applying.rows_per_s,
        tables: applying
            .tables
            .iter()
            .take(5)
            .map(|table| Untrusted::name(&format!("{}.{}", table.schema, table.name)))
            .collect(),
        doing: statement.or(state),
    }
}

/// Who else takes part.
pub(super) fn others(around: &Around, limit: usize) -> Vec<Other> {
    let replicas = around.replicas.iter().map(replica);
    let members = around.members.iter().map(member);
    let readers = around.readers.iter().map(reader);
    replicas.chain(members).chain(readers).take(limit).collect()
}

fn replica(thread: &ThreadRow) -> Other {
    let session = SessionRow {
        user: thread.user.clone(),
        host: thread.host.clone(),
        ..SessionRow::default()
    };
    let user = session.user.as_deref().unwrap_or("?");
    Other {
        kind: "replica",
        name: Untrusted::name(&format!("{user}@{}", session.client_host())),
        state: thread
            .state
            .as_deref()
            .map(|state| Untrusted::text(state, 80)),
        connection: Some(thread.id),
        to_apply: None,
        lag_ms: None,
    }
}

fn member(row: &MemberRow) -> Other {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    let port = row.port.map_or_else(String::new, |port| format!(":{port}"));
    let state = format!("{} {}", text(&row.state), text(&row.role));
    let waiting = row.certifying.into_iter().chain(row.to_apply);
    Other {
        kind: "member",
        name: Untrusted::name(&format!("{}{port}", text(&row.host))),
        state: Some(Untrusted::text(&state, 40)),
        connection: None,
        to_apply: waiting.reduce(u64::saturating_add),
        lag_ms: None,
    }
}

fn reader(row: &AuroraRow) -> Other {
    let writer = row.session_id.as_deref() == Some("MASTER_SESSION_ID");
    Other {
        kind: if writer { "writer" } else { "reader" },
        name: Untrusted::name(&row.server_id),
        state: None,
        connection: None,
        to_apply: None,
        lag_ms: row.lag_ms.map(tenths),
    }
}

/// Settings as `name=value`, by name.
pub(super) fn settings(settings: &Variables, sample: &Sample) -> Vec<Untrusted> {
    let executed = sample.gtids.executed.as_deref();
    let executed = executed.map(|executed| ("executed transactions", executed));
    settings
        .iter()
        .chain(executed)
        .map(|(name, value)| Untrusted::text(&format!("{name}={value}"), 1_000))
        .collect()
}
