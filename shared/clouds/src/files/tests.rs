//! Behaviour of log files in a real folder.

mod folder;
mod reading;
mod rotating;
mod safety;
