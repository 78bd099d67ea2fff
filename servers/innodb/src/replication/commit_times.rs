//! What MySQL's performance schema adds to a channel: the commit times its transactions carry. Pure.

use super::applying::applying_of_workers;
use super::channel::{BY_COMMIT_TIMES, Channel, Lag, Place, State, address};
use super::failure::Failure;
use super::rows::{ChannelRow, WorkerRow};
use super::sample::{Applied, Sample};

/// What MySQL's performance schema knows better: states without their locks, and commit times.
pub(super) fn refine(
    channel: &mut Channel,
    row: &ChannelRow,
    workers: &[&WorkerRow],
    sample: &Sample,
) {
    channel.source = address(row.host.as_deref(), row.port);
    channel.delay_s = row.delay_s.unwrap_or(channel.delay_s);
    if let Some(state) = State::of(row.receiver.as_deref()) {
        channel.receiver.state = state;
    }
    if let Some(state) = State::of(row.applier.as_deref()) {
        channel.applier.state = state;
    }
    let receiver = Failure::of(
        row.receiver_error_number,
        row.receiver_error.as_deref(),
        None,
    );
    channel.receiver.failure = receiver.or(channel.receiver.failure.take());
    channel.applier.failure = worst_failure(row, workers).or(channel.applier.failure.take());
    let arrived = Applied::parse(row.received.as_deref());
    if let Some(gap) = arrived.and_then(|arrived| arrived.ahead_of(sample.executed().as_ref())) {
        channel.gap = Some(gap);
    }
    channel.applying = applying_of_workers(workers, sample);
    channel.silent_s = [row.heartbeat_age_s, row.queued_age_s]
        .into_iter()
        .flatten()
        .reduce(f64::min);
    channel.heartbeat_interval_s = row.heartbeat_interval_s;
    channel.arrived_late_s = row.queued_late_s;
    channel.clock_ahead_s = clock_ahead_s(row, workers);
    channel.lag = lag_of_commit_times(channel, row, workers);
}

/// A worker tells what happened; the coordinator only that it did.
fn worst_failure(row: &ChannelRow, workers: &[&WorkerRow]) -> Option<Failure> {
    let of_worker = |worker: &&WorkerRow| {
        Failure::of(
            worker.error_number,
            worker.error.as_deref(),
            worker.error_age_s,
        )
    };
    let coordinator = Failure::of(
        row.applier_error_number,
        row.applier_error.as_deref(),
        row.applier_error_age_s,
    );
    workers.iter().find_map(of_worker).or(coordinator)
}

/// By how much a commit time lies in the future, or after the end of applying.
fn clock_ahead_s(row: &ChannelRow, workers: &[&WorkerRow]) -> Option<f64> {
    let ages = workers
        .iter()
        .flat_map(|worker| {
            [
                worker.applying_original_age_s,
                worker.applied_original_age_s,
                worker.applied_late_s,
            ]
        })
        .chain([row.queued_original_age_s, row.queueing_original_age_s])
        .flatten();
    ages.reduce(f64::min)
        .filter(|age| *age < 0.0)
        .map(|age| -age)
}

fn lag_of_commit_times(channel: &Channel, row: &ChannelRow, workers: &[&WorkerRow]) -> Lag {
    let lag = |seconds: Option<f64>, at_least, place| Lag {
        seconds: seconds.map(|seconds| seconds.max(0.0)),
        at_least,
        by: BY_COMMIT_TIMES,
        place,
    };
    let applying = workers
        .iter()
        .filter(|worker| {
            worker
                .applying
                .as_deref()
                .is_some_and(|gtid| !gtid.is_empty())
        })
        .filter_map(|worker| worker.applying_original_age_s);
    let at_work = applying
        .chain(row.processing_original_age_s)
        .reduce(f64::max);
    let delays = channel.delay_s > 0 && row.remaining_delay_s.is_some();
    // The last to arrive is the youngest of those that wait.
    let waiting = row
        .queued_original_age_s
        .filter(|_| delays || channel.gap.unwrap_or_default() > 0);
    let not_applied = at_work.into_iter().chain(waiting).reduce(f64::max);
    if channel.receiver.state != State::Running {
        return lag(not_applied, true, Place::Receiver);
    }
    let within = |seconds: f64| seconds <= channel.delay_s as f64 + 1.0;
    if channel.delay_s > 0 && (delays || not_applied.is_some_and(within)) {
        return lag(not_applied, false, Place::Delay);
    }
    if let Some(seconds) = not_applied {
        let upstream = row.upstream_late_s.unwrap_or_default();
        let place = if upstream > seconds / 2.0 {
            Place::Upstream
        } else {
            Place::Applier
        };
        return lag(Some(seconds), at_work.is_none(), place);
    }
    let arriving = row.queueing_original_age_s.filter(|age| *age > 0.0);
    if let Some(seconds) = arriving {
        let here = row.queueing_immediate_age_s.unwrap_or(seconds);
        let place = if here < seconds / 2.0 {
            Place::Upstream
        } else {
            Place::Receiver
        };
        return lag(Some(seconds), false, place);
    }
    lag(Some(0.0), false, Place::Nowhere)
}
