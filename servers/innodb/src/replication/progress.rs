//! What changed between two samples of a channel. Pure.

use super::applying::add_rates;
use super::channel::{Channel, State, channels};
use super::sample::Sample;

/// A channel and how it moves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// The channel, of the later sample.
    pub channel: Channel,
    /// Seconds of lag gained (or, below 0, lost) a second.
    pub lag_per_s: Option<f64>,
    /// Transactions applied a second.
    pub applied_per_s: Option<f64>,
    /// Transactions received a second.
    pub received_per_s: Option<f64>,
    /// Seconds until it has caught up, if both go on as they do.
    pub catch_up_s: Option<f64>,
}

/// Below this a change of lag is the clocks' noise.
const STEADY_PER_S: f64 = 0.05;

impl Progress {
    /// Seconds behind beyond what is wanted.
    pub fn unwanted_lag_s(&self) -> f64 {
        let seconds = self.channel.lag.seconds.unwrap_or_default();
        (seconds - self.channel.delay_s as f64).max(0.0)
    }

    /// Whether it falls further behind.
    pub fn is_growing(&self) -> bool {
        self.lag_per_s.is_some_and(|change| change > STEADY_PER_S)
    }

    /// Whether both sides run.
    pub fn runs(&self) -> bool {
        let channel = &self.channel;
        channel.receiver.state == State::Running && channel.applier.state == State::Running
    }
}

/// The channels of the later sample, with what the earlier one adds. `seconds` is the time between
/// them; none without a second sample.
pub fn progress(before: &Sample, after: &Sample, seconds: Option<f64>) -> Vec<Progress> {
    let earlier = channels(before);
    let applied = applied_between(before, after);
    let later = channels(after);
    let only = later.len() == 1;
    let compared = |mut channel: Channel| {
        let first = earlier.iter().find(|first| first.name == channel.name);
        let Some((first, seconds)) = first.zip(seconds.filter(|seconds| *seconds > 0.0)) else {
            return Progress {
                channel,
                ..Progress::default()
            };
        };
        add_rates(&first.applying, &mut channel.applying, seconds);
        let lags = channel.lag.seconds.zip(first.lag.seconds);
        let lag_per_s = lags.map(|(now, then)| (now - then) / seconds);
        // What was applied is told for the server as a whole.
        let applied_per_s = applied.filter(|_| only).map(|count| count as f64 / seconds);
        let received_per_s = received_between(first, &channel, applied)
            .filter(|_| only)
            .map(|count| count as f64 / seconds);
        let lag = channel.lag.seconds.unwrap_or_default();
        let shrinking = lag_per_s.filter(|change| *change < -STEADY_PER_S && lag >= 1.0);
        Progress {
            catch_up_s: shrinking.map(|change| lag / -change),
            channel,
            lag_per_s,
            applied_per_s,
            received_per_s,
        }
    };
    later.into_iter().map(compared).collect()
}

fn applied_between(before: &Sample, after: &Sample) -> Option<u64> {
    after.executed()?.ahead_of(before.executed().as_ref())
}

/// What came in is what was applied and what the gap has grown by.
fn received_between(before: &Channel, after: &Channel, applied: Option<u64>) -> Option<u64> {
    let (before, after) = (before.gap?, after.gap?);
    (applied? + after).checked_sub(before)
}

#[cfg(test)]
mod tests;
