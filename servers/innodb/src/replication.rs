//! Replication read for you: channels of one server, how far each is behind and why. Pure.
//!
//! A [`sample`](sample::Sample) is what one round of reads gave; [`channels`](channel::channels) makes
//! of it channels in one vocabulary for every flavour; two of them make [`Progress`](progress::Progress);
//! the detectors say what is wrong.

pub mod applying;
pub mod behind;
pub mod channel;
mod commit_times;
pub mod failure;
pub mod gtid;
mod long_transaction;
pub mod position;
pub mod progress;
pub mod rows;
pub mod sample;
pub mod setup;
pub mod stopped;
mod ways_out;
