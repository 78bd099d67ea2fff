//! What is read in each sample, and the names of the files it goes to.

use std::collections::HashSet;

use storex_sources::Value;

use crate::capture::params_key;
use crate::manifest::{broken, is_safe_name};
use crate::{Read, Recording, SnapshotError};

/// A read and the file its captures go to, the same in every sample.
pub(crate) struct Item<'a> {
    pub(crate) read: &'a Read,
    pub(crate) file: String,
    pub(crate) answered_once: bool,
}

/// The reads without repetitions, each with its file.
pub(crate) fn items<'a>(recording: &Recording<'a>) -> Result<Vec<Item<'a>>, SnapshotError> {
    let refuse = |why: &str| SnapshotError::Plan {
        why: why.to_owned(),
    };
    if recording.reads.is_empty() {
        return Err(refuse("name at least one probe to read"));
    }
    if recording.plan.samples == 0 {
        return Err(refuse("take at least one sample"));
    }
    let (mut items, mut keys, mut files) = (Vec::new(), HashSet::new(), HashSet::new());
    for read in recording.reads {
        let probe = read.probe.name;
        if !is_safe_name(probe) {
            return Err(refuse(&format!("probe name {probe:?} cannot name a file")));
        }
        let key = params_key(&read.params).map_err(|error| broken(probe, error))?;
        if !keys.insert((probe, key)) {
            continue;
        }
        let stem = stem(read);
        let names = (1..).map(|n| {
            if n == 1 {
                stem.clone()
            } else {
                format!("{stem}-{n}")
            }
        });
        let mut names = names.map(|name| format!("{name}.json"));
        // On some systems file names that differ in case only are the same.
        let file = names.find(|name| files.insert(name.to_ascii_lowercase()));
        items.extend(file.map(|file| Item {
            read,
            file,
            answered_once: false,
        }));
    }
    Ok(items)
}

/// The probe, and below it what is readable of the parameters. A replay looks inside the file, so
/// this is for people only.
fn stem(read: &Read) -> String {
    let probe = read.probe.name;
    if read.params.is_empty() {
        return probe.to_owned();
    }
    let shown = read.params.iter().map(|value| match value {
        Value::Null => "null".to_owned(),
        Value::UInt(number) => number.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Text(text) => text.chars().take(50).collect(),
    });
    let shown = shown.collect::<Vec<_>>().join("-");
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    format!(
        "{probe}/p-{}",
        shown.chars().map(safe).take(50).collect::<String>()
    )
}
