//! What came of the proofs, as a table for people.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::Value;
use storex_testkit::Flavour;

use super::Verdict;

/// What came of one incident on one flavour.
pub struct Outcome {
    /// The incident.
    pub incident: &'static str,
    /// Where.
    pub flavour: Flavour,
    /// Who was asked.
    pub tool: &'static str,
    /// What its answer is worth.
    pub verdict: Verdict,
    /// What the concise answer costs its reader.
    pub tokens: usize,
    /// What the full answer costs.
    pub full_tokens: usize,
    /// How long the concise answer took.
    pub took: Duration,
    /// Findings that would have woken somebody while the server was well.
    pub false_alarms: Vec<String>,
    /// Answers, of any tool in the middle of the incident, that cost more than they may.
    pub too_long: Vec<String>,
    /// The concise answer.
    pub answer: Value,
}

impl Outcome {
    /// # Errors
    /// When anything is not as it must be.
    pub fn check(&self) -> Result<()> {
        let answer = &self.answer;
        match &self.verdict {
            Verdict::Right => {}
            Verdict::Partial(why) => anyhow::bail!("half right: {why}: {answer:#}"),
            Verdict::Wrong(why) => anyhow::bail!("wrong: {why}: {answer:#}"),
        }
        ensure!(
            self.false_alarms.is_empty(),
            "alarms on a healthy server: {:#?}",
            self.false_alarms
        );
        ensure!(
            self.too_long.is_empty(),
            "answers that are too long: {:#?}",
            self.too_long
        );
        Ok(())
    }
}

/// The outcomes side by side, then what is wrong with them.
pub fn report(outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "{:<22} {:<8} {:<20} {:<8} {:>7} {:>7} {:>7} {:>12}\n",
        "incident", "flavour", "tool", "verdict", "tokens", "full", "ms", "false alarms"
    );
    for one in outcomes {
        // Writing to a string does not fail.
        let _infallible = writeln!(
            text,
            "{:<22} {:<8} {:<20} {:<8} {:>7} {:>7} {:>7} {:>12}",
            one.incident,
            one.flavour.name(),
            one.tool,
            one.verdict.to_string(),
            one.tokens,
            one.full_tokens,
            one.took.as_millis(),
            one.false_alarms.len()
        );
    }
    for one in outcomes {
        let why = match &one.verdict {
            Verdict::Right => None,
            Verdict::Partial(why) | Verdict::Wrong(why) => Some(why),
        };
        for line in why
            .into_iter()
            .chain(&one.false_alarms)
            .chain(&one.too_long)
        {
            let _infallible = writeln!(text, "{} on {}: {line}", one.incident, one.flavour.name());
        }
    }
    text
}
