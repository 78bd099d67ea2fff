//! What a tool declares about itself: everything policy, limits and clients need to know before it
//! runs.

use std::time::Duration;

use storex_sources::Probe;

/// What a call does to the world. Policies group tools by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Reads figures and statement shapes.
    Read,
    /// Reads what may hold personal data or secrets.
    Sensitive,
    /// Changes something. No read server has such a tool.
    Mutate,
}

impl Effect {
    /// The name policies use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Sensitive => "sensitive",
            Self::Mutate => "mutate",
        }
    }
}

/// What resource a tool's input names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The instance in the argument `instance`.
    Instance,
    /// The instance in the argument `instance` and, where the caller names one, a second one in the
    /// argument of this name, to compare it with. Policy decides on both.
    InstanceAnd(&'static str),
    /// The fleet as a whole; the tool sees only what its caller may see.
    Fleet,
}

/// A tool's declaration: one constant beside its code.
#[derive(Debug)]
pub struct Spec {
    /// `<domain>_<what>`, `snake_case`, at most 40 characters.
    pub name: &'static str,
    /// A short title for people.
    pub title: &'static str,
    /// Three or four sentences for the model, what matters first.
    pub description: &'static str,
    /// What it does to the world.
    pub effect: Effect,
    /// What resource it names.
    pub target: Target,
    /// How long a call may take in all.
    pub deadline: Duration,
    /// Rows of its own data it returns at most, whatever `limit` asks.
    pub row_limit: u32,
    /// How old an answer may be that is given to another caller asking the same.
    pub freshness: Duration,
    /// Every probe it may read. Reading another is a programming error.
    pub probes: &'static [&'static Probe],
    /// Bytes of log files a call reads at most, decompressed; 0 for a tool that reads none.
    pub log_bytes: u64,
    /// Figures of metrics a call reads at most, one for each series and moment; 0 for a tool that reads
    /// none.
    pub metric_points: u64,
    /// Names of boolean arguments that make a call sensitive when they are true.
    pub sensitive_arguments: &'static [&'static str],
    /// The runbook page, Markdown.
    pub runbook: &'static str,
    /// Former names, served for one release.
    pub aliases: &'static [&'static str],
}
