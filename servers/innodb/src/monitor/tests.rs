//! The parser over monitors of real servers and over the documented shapes of those not at hand.
//!
//! `mysql97_*` and `mariadb1011_*` were printed by those servers, with most idle sessions taken out;
//! the other fixtures are written by hand after the manuals and the servers' sources.

mod captured;
mod deadlock_log;
mod documented;
mod properties;

use std::fs;
use std::path::{Path, PathBuf};

use super::{Lines, Monitor, parse};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/monitor")
}

fn fixture(name: &str) -> String {
    fs::read_to_string(folder().join(name).with_extension("txt")).unwrap()
}

/// Every fixture's name and text.
fn fixtures() -> Vec<(String, String)> {
    let paths = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = paths
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| (name.clone(), fixture(&name)))
        .collect()
}

/// All lines of a text are counted once.
fn is_accounted_for(text: &str, monitor: &Monitor) -> bool {
    let Lines {
        total,
        structure,
        blank,
        values,
        averages,
        statements,
        records,
        left_out,
        other_sections,
        unparsed,
    } = monitor.lines;
    let counted = structure + blank + values + averages + statements + records;
    let counted = counted + left_out + other_sections + unparsed;
    total == counted && total == text.lines().count() as u64
}
