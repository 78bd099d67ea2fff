//! The tool's data as it is shown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use storex_sources::{Compression, LogFile, LogKind, LogListing};
use storex_tool::{Finding, Severity, Untrusted};

use crate::log_files::{Known, covered, size_bytes};

/// Characters of a setting.
const CHARS: usize = 120;

/// The tool's data.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::tools) struct Data {
    /// Where logs come from
    logs_from: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logs: Vec<LogShown>,
    /// Newest first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileShown>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    settings: BTreeMap<String, Untrusted>,
}

/// One log.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct LogShown {
    log: &'static str,
    files: usize,
    size_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<String>,
    /// Files missing between others
    #[serde(skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<String>,
}

/// One file.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct FileShown {
    log: &'static str,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    packed: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<String>,
}

impl Data {
    /// How many files are listed.
    pub(super) fn files(&self) -> usize {
        self.files.len()
    }
}

/// The data, and how many files there are.
pub(super) fn shown(known: &Known, logs_from: &'static str, limit: usize) -> (Data, usize) {
    let logs = listings(known);
    let files = logs
        .iter()
        .flat_map(|(_, listing)| listing.files.iter().rev().take(limit))
        .map(file)
        .collect();
    let settings = known.server.iter().flat_map(|asked| asked.settings.iter());
    let data = Data {
        logs_from,
        logs: logs
            .iter()
            .map(|(kind, listing)| log(*kind, listing))
            .collect(),
        files,
        settings: settings
            .map(|(name, value)| (name.to_owned(), value_shown(value)))
            .collect(),
    };
    let total = logs.iter().map(|(_, listing)| listing.files.len()).sum();
    (data, total)
}

/// One sentence: what is wrong, else what there is.
pub(super) fn headline(known: &Known, findings: &[Finding]) -> String {
    let logs = listings(known);
    let each = logs.iter().map(|(kind, listing)| {
        let files = listing.files.len();
        let size = size_bytes(listing);
        match covered(listing) {
            (Some(first), Some(last)) => {
                format!("{kind} log: {files} file(s), {size} bytes, {first:.0} to {last:.0}")
            }
            _ => format!("{kind} log: {files} file(s), {size} bytes"),
        }
    });
    let each: Vec<String> = each.collect();
    let there_is = if each.is_empty() {
        "no log file can be listed".to_owned()
    } else {
        each.join("; ")
    };
    let worst = findings
        .iter()
        .filter(|finding| finding.severity != Severity::Info)
        .min_by_key(|finding| finding.severity);
    match worst {
        Some(worst) => format!("{}; {there_is}", worst.statement),
        None => there_is,
    }
}

fn listings(known: &Known) -> Vec<(LogKind, &LogListing)> {
    let slow = known.slow.iter().map(|listing| (LogKind::Slow, listing));
    let error = known.error.iter().map(|listing| (LogKind::Error, listing));
    slow.chain(error).collect()
}

fn log(kind: LogKind, listing: &LogListing) -> LogShown {
    let (first, last) = covered(listing);
    let gaps = listing.gaps.iter().map(|gap| {
        format!(
            "{} file(s) between {} and {}",
            gap.files, gap.after, gap.before
        )
    });
    LogShown {
        log: kind.as_str(),
        files: listing.files.len(),
        size_bytes: size_bytes(listing),
        first: first.map(moment),
        last: last.map(moment),
        gaps: gaps.collect(),
    }
}

fn file(file: &LogFile) -> FileShown {
    FileShown {
        log: file.kind.as_str(),
        name: file.name.to_string(),
        size_bytes: file.size_bytes,
        packed: (file.compression != Compression::None).then(|| file.compression.as_str()),
        first: file.covered.first.map(moment),
        last: file.covered.last.max(file.modified_at).map(moment),
    }
}

/// Switches, figures and names are plain; paths are marked.
fn value_shown(value: &str) -> Untrusted {
    if value.len() <= 64 {
        Untrusted::name(value)
    } else {
        Untrusted::text(value, CHARS)
    }
}

fn moment(at: Timestamp) -> String {
    format!("{at:.0}")
}
