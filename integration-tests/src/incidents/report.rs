//! What came of the proofs, as a table for people.

use std::fmt;
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

/// The heads of the columns of an [`Outcome`]'s line.
pub fn heading() -> String {
    line(
        ["incident", "flavour", "tool", "verdict"],
        ["tokens", "full", "ms", "false alarms"].map(str::to_owned),
    )
}

fn line(names: [&str; 4], figures: [String; 4]) -> String {
    let [incident, flavour, tool, verdict] = names;
    let [tokens, full, time_ms, alarms] = figures;
    format!(
        "{incident:<22} {flavour:<8} {tool:<20} {verdict:<8} {tokens:>7} {full:>7} {time_ms:>7} {alarms:>12}"
    )
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = [
            self.tokens.to_string(),
            self.full_tokens.to_string(),
            self.took.as_millis().to_string(),
            self.false_alarms.len().to_string(),
        ];
        let verdict = self.verdict.to_string();
        let names = [self.incident, self.flavour.name(), self.tool, &verdict];
        f.write_str(&line(names, figures))?;
        if let Verdict::Partial(why) | Verdict::Wrong(why) = &self.verdict {
            let headline = self.answer.get("headline").and_then(Value::as_str);
            write!(f, "\n  {why}: {}", headline.unwrap_or_default())?;
        }
        for problem in self.false_alarms.iter().chain(&self.too_long) {
            write!(f, "\n  {problem}")?;
        }
        Ok(())
    }
}
