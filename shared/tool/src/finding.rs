//! A finding: one thing a tired engineer can act on, with the figures it rests on.

use serde::Serialize;
use serde_json::Value;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Users are being hurt now.
    Critical,
    /// Users will be hurt if it goes on.
    Warning,
    /// Worth knowing.
    Info,
}

/// How sure the evidence makes us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// The server says so itself.
    Certain,
    /// The figures fit no other cause we know of.
    Likely,
    /// A symptom that has several causes.
    Possible,
}

/// A cause where the evidence carries it, otherwise a symptom; never a guess.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Stable name of this kind of finding (`idle_blocker`).
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// How sure we are.
    pub confidence: Confidence,
    /// One sentence; text from the database in it is marked.
    pub statement: String,
    /// The figures it rests on.
    pub evidence: Vec<Evidence>,
    /// Where to look further.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<Next>,
    /// What a person could do about it. Nothing here is ever run by us.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remedy: Vec<Remedy>,
}

/// One figure with its unit, what it is measured against, and where it was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// What was measured (`wait_age`, `rows_locked`).
    pub what: &'static str,
    /// The figure or marked text.
    pub value: Value,
    /// `s`, `rows`, `bytes`, `per_s`, ...
    #[serde(skip_serializing_if = "str::is_empty")]
    pub unit: &'static str,
    /// The baseline or limit it is measured against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Value>,
    /// The table, status or section it was read from.
    pub from: &'static str,
}

/// Another tool with the arguments that look further.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Next {
    /// The tool's name.
    pub tool: &'static str,
    /// Its arguments, complete.
    pub arguments: Value,
}

/// A step a person could take, with its price.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Remedy {
    /// What to do, as a statement or setting.
    pub step: String,
    /// How safe it is, and whether it can be undone.
    pub safety: String,
    /// What it costs.
    pub cost: String,
    /// The runbook that explains it.
    pub runbook: &'static str,
}

impl Finding {
    /// A finding without evidence yet.
    pub fn new(
        id: &'static str,
        severity: Severity,
        confidence: Confidence,
        statement: impl Into<String>,
    ) -> Self {
        Self {
            id,
            severity,
            confidence,
            statement: statement.into(),
            evidence: Vec::new(),
            next: Vec::new(),
            remedy: Vec::new(),
        }
    }

    /// Adds a figure.
    #[must_use]
    pub fn evidence(
        mut self,
        what: &'static str,
        value: impl Into<Value>,
        unit: &'static str,
        from: &'static str,
    ) -> Self {
        self.evidence.push(Evidence {
            what,
            value: value.into(),
            unit,
            limit: None,
            from,
        });
        self
    }

    /// Adds a figure together with the limit it is measured against.
    #[must_use]
    pub fn against(
        mut self,
        what: &'static str,
        value: impl Into<Value>,
        limit: impl Into<Value>,
        unit: &'static str,
        from: &'static str,
    ) -> Self {
        let limit = Some(limit.into());
        self.evidence.push(Evidence {
            what,
            value: value.into(),
            unit,
            limit,
            from,
        });
        self
    }

    /// Adds a tool to look further with.
    #[must_use]
    pub fn next(mut self, tool: &'static str, arguments: Value) -> Self {
        self.next.push(Next { tool, arguments });
        self
    }

    /// Adds a step a person could take.
    #[must_use]
    pub fn remedy(
        mut self,
        step: impl Into<String>,
        safety: impl Into<String>,
        cost: impl Into<String>,
        runbook: &'static str,
    ) -> Self {
        self.remedy.push(Remedy {
            step: step.into(),
            safety: safety.into(),
            cost: cost.into(),
            runbook,
        });
        self
    }
}
