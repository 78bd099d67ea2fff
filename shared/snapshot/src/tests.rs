//! Behaviour of recording and replaying, over a source in memory.

mod archives;
mod documented;
mod fake;
mod logs;
mod metrics;
mod opening;
mod recording;
mod replaying;
mod round_trip;
