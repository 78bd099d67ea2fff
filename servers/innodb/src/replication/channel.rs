//! Channels of one sample in one vocabulary, whatever the flavour. Pure.

use super::applying::{Applying, applying_of_threads};
use super::commit_times::refine;
use super::failure::Failure;
use super::rows::{StatusRow, WorkerRow};
use super::sample::{Applied, Sample};

/// How a thread of replication is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum State {
    /// At work or waiting for work.
    #[default]
    Running,
    /// Trying to reach the source.
    Connecting,
    /// Not running.
    Stopped,
}

impl State {
    /// Its name in an answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Connecting => "connecting",
            Self::Stopped => "stopped",
        }
    }

    pub(super) fn of(text: Option<&str>) -> Option<Self> {
        Some(match text?.to_ascii_lowercase().as_str() {
            "yes" | "on" => Self::Running,
            "connecting" | "preparing" => Self::Connecting,
            _ => Self::Stopped,
        })
    }
}

/// One of a channel's two sides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Side {
    /// How it is.
    pub state: State,
    /// What it does, in the server's words.
    pub doing: Option<String>,
    /// What stopped it or keeps it from connecting.
    pub failure: Option<Failure>,
}

/// Where the time between commit on the source and commit here is lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// Nothing is behind.
    #[default]
    Nowhere,
    /// Transactions have not arrived: the source, the network or the own disk.
    Receiver,
    /// They have arrived and are not applied.
    Applier,
    /// They wait on purpose.
    Delay,
    /// They were late when the direct source committed them.
    Upstream,
}

impl Place {
    /// Its name in an answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nowhere => "nowhere",
            Self::Receiver => "receiver",
            Self::Applier => "applier",
            Self::Delay => "delay by design",
            Self::Upstream => "upstream",
        }
    }
}

/// How far behind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lag {
    /// Seconds; absent where it cannot be known.
    pub seconds: Option<f64>,
    /// Whether it may be more.
    pub at_least: bool,
    /// What it was measured by.
    pub by: &'static str,
    /// Where it sits.
    pub place: Place,
}

/// One channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Channel {
    /// Its name; empty for the only one.
    pub name: String,
    /// `host:port` of its source.
    pub source: String,
    /// What fetches.
    pub receiver: Side,
    /// What applies.
    pub applier: Side,
    /// How far behind.
    pub lag: Lag,
    /// Seconds it stays behind on purpose.
    pub delay_s: u64,
    /// Transactions received and not applied.
    pub gap: Option<u64>,
    /// Bytes received and not applied, where both are in one file of the source.
    pub gap_bytes: Option<u64>,
    /// Relay logs kept.
    pub relay_log_bytes: Option<u64>,
    /// Seconds since anything came from the source.
    pub silent_s: Option<f64>,
    /// Seconds after which the source sends a sign of life when it has nothing else to send.
    pub heartbeat_interval_s: Option<f64>,
    /// From commit on the direct source to arrival of the latest transaction.
    pub arrived_late_s: Option<f64>,
    /// The latest commit time of the source lies so far ahead of the own clock.
    pub clock_ahead_s: Option<f64>,
    /// What is being applied, the longest first.
    pub applying: Vec<Applying>,
}

/// What [`Lag::by`] says of commit times carried by transactions.
pub const BY_COMMIT_TIMES: &str = "commit timestamps";
const BY_STATUS: &str = "Seconds_Behind";
const BY_TRANSACTION: &str = "age of the transaction being applied";

/// The channels of a sample, by name.
pub fn channels(sample: &Sample) -> Vec<Channel> {
    let mut names: Vec<&str> = sample.status.iter().map(StatusRow::name).collect();
    for row in &sample.channels {
        let name = row.channel_name.as_str();
        // It works only while a member joins its group.
        let joining =
            name == "group_replication_recovery" && row.receiver.as_deref() == Some("OFF");
        if !names.contains(&name) && !joining {
            names.push(name);
        }
    }
    names.sort_unstable();
    let only = names.len() == 1;
    let channel = |name: &str| {
        let status = sample.status.iter().find(|row| row.name() == name);
        let row = sample.channels.iter().find(|row| row.channel_name == name);
        let mut channel = status
            .map(|status| from_status(status, sample))
            .unwrap_or_default();
        name.clone_into(&mut channel.name);
        if let Some(row) = row {
            let workers: Vec<&WorkerRow> = sample
                .workers
                .iter()
                .filter(|worker| worker.channel_name == name)
                .collect();
            refine(&mut channel, row, &workers, sample);
        } else if only {
            // Threads do not say which channel they work for.
            channel.applying = applying_of_threads(sample);
            lag_of_transaction(&mut channel);
        }
        if channel.gap == Some(0) {
            channel.gap_bytes = None;
        }
        channel
    };
    names.into_iter().map(channel).collect()
}

impl StatusRow {
    fn name(&self) -> &str {
        self.channel_name.as_deref().unwrap_or_default()
    }
}

pub(super) fn address(host: Option<&str>, port: Option<u64>) -> String {
    match (host.unwrap_or_default(), port) {
        ("", _) => "its group".to_owned(),
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    }
}

/// What every server tells.
fn from_status(row: &StatusRow, sample: &Sample) -> Channel {
    let side =
        |running: &Option<String>, doing: &Option<String>, number, message: &Option<String>| Side {
            state: State::of(running.as_deref()).unwrap_or_default(),
            doing: doing.clone().filter(|text| !text.is_empty()),
            failure: Failure::of(number, message.as_deref(), None),
        };
    let received = row
        .gtid_io_pos
        .as_deref()
        .or(row.retrieved_gtid_set.as_deref());
    let gap =
        Applied::parse(received).and_then(|received| received.ahead_of(sample.executed().as_ref()));
    let same_file = row.source_log_file == row.relay_source_log_file;
    let bytes = row.read_source_log_pos.zip(row.exec_source_log_pos);
    let bytes = bytes.filter(|_| same_file);
    let mut channel = Channel {
        name: row.name().to_owned(),
        source: address(row.source_host.as_deref(), row.source_port),
        receiver: side(
            &row.replica_io_running,
            &row.replica_io_state,
            row.last_io_errno,
            &row.last_io_error,
        ),
        applier: side(
            &row.replica_sql_running,
            &row.replica_sql_running_state,
            row.last_sql_errno,
            &row.last_sql_error,
        ),
        delay_s: row.sql_delay.unwrap_or_default(),
        gap,
        gap_bytes: bytes.map(|(read, executed)| read.saturating_sub(executed)),
        relay_log_bytes: row.relay_log_space,
        ..Channel::default()
    };
    let seconds = row
        .seconds_behind_source
        .into_iter()
        .chain(row.master_slave_time_diff);
    channel.lag = Lag {
        seconds: seconds.max().map(|seconds| seconds.max(0) as f64),
        at_least: false,
        by: BY_STATUS,
        place: place(&channel, row.sql_remaining_delay),
    };
    channel
}

fn place(channel: &Channel, remaining_delay_s: Option<u64>) -> Place {
    if channel.receiver.state != State::Running {
        Place::Receiver
    } else if channel.delay_s > 0 && remaining_delay_s.is_some() {
        Place::Delay
    } else if channel.gap.or(channel.gap_bytes).unwrap_or_default() > 0 {
        // With several workers the executed position lies behind what is applied; the sets do not.
        Place::Applier
    } else {
        Place::Nowhere
    }
}

/// `Seconds_Behind_Master` swings to 0 between events; a transaction at work is at least as late as
/// it is old, as its source committed it before it began here.
fn lag_of_transaction(channel: &mut Channel) {
    let oldest = channel.applying.iter().map(|applying| applying.age_s);
    let Some(oldest) = oldest.reduce(f64::max) else {
        return;
    };
    if channel.lag.seconds.unwrap_or_default() < oldest {
        channel.lag.seconds = Some(oldest);
        channel.lag.at_least = true;
        channel.lag.by = BY_TRANSACTION;
        channel.lag.place = Place::Applier;
    }
}

#[cfg(test)]
mod tests;
