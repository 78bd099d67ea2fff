//! Whether an answer is right: its first finding names the true cause and the culprit. Pure.

use std::fmt;

use serde_json::Value;
use storex_testkit::incidents::Truth;

/// What the first finding must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// The ids that name the true cause.
    pub findings: &'static [&'static str],
    /// What it must name of the truth.
    pub names: &'static [Part],
}

/// A part of the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// One of the culprit's connections.
    Connection,
    /// The culprit's account.
    User,
    /// The culprit's program.
    Program,
    /// What it is about: a table, a setting.
    Object,
    /// One of these words: a setting whose name differs between flavours, a shape of statement.
    Word(&'static [&'static str]),
}

/// What an answer is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The first finding names cause and culprit.
    Right,
    /// A later one does, or the first names the cause without all of the culprit.
    Partial(String),
    /// The cause is not named.
    Wrong(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Right => "right",
            Self::Partial(_) => "partial",
            Self::Wrong(_) => "wrong",
        })
    }
}

/// Judges an answer.
pub fn judge(answer: &Value, truth: &Truth, expected: &Expected) -> Verdict {
    let none = Vec::new();
    let findings = answer
        .get("findings")
        .and_then(Value::as_array)
        .unwrap_or(&none);
    let causal = |finding: &&Value| expected.findings.contains(&text(finding, "id"));
    let first = findings
        .first()
        .map_or("nothing", |first| text(first, "id"));
    let Some(place) = findings.iter().position(|finding| causal(&finding)) else {
        return Verdict::Wrong(format!("it finds {first}"));
    };
    let missing = findings
        .get(place)
        .map(|finding| unnamed(finding, truth, expected.names))
        .unwrap_or_default();
    match (place, missing.as_slice()) {
        (0, []) => Verdict::Right,
        (0, missing) => Verdict::Partial(format!("it does not name {}", missing.join(", "))),
        (place, _) => {
            Verdict::Partial(format!("the cause is finding {}, after {first}", place + 1))
        }
    }
}

/// Whether a finding would wake somebody.
pub(super) fn is_alarm(finding: &Value) -> bool {
    matches!(text(finding, "severity"), "critical" | "warning")
}

/// What the finding does not say of what it must.
fn unnamed(finding: &Value, truth: &Truth, names: &[Part]) -> Vec<String> {
    let said = said(finding);
    let culprit = &truth.culprit;
    let missing = |part: &Part| {
        let (wanted, said_so) = match part {
            Part::Connection => {
                let mut words = culprit
                    .connection_ids
                    .iter()
                    .map(|id| format!("connection {id}"));
                (
                    "the connection".to_owned(),
                    words.any(|word| has_word(&said, &word)),
                )
            }
            Part::User => (
                format!("user {}", culprit.user),
                has_word(&said, &culprit.user),
            ),
            Part::Program => (
                format!("program {}", culprit.program_name),
                has_word(&said, &culprit.program_name),
            ),
            Part::Object => (truth.object.clone(), has_word(&said, &truth.object)),
            Part::Word(words) => (
                words.join(" or "),
                words.iter().any(|word| has_word(&said, word)),
            ),
        };
        (!said_so).then_some(wanted)
    };
    names.iter().filter_map(missing).collect()
}

/// The sentence and the figures it rests on; what could be done about it proves nothing.
fn said(finding: &Value) -> String {
    let mut said = text(finding, "statement").to_owned();
    let figures = finding.get("evidence").and_then(Value::as_array);
    for value in figures
        .into_iter()
        .flatten()
        .filter_map(|one| one.get("value"))
    {
        said.push('\n');
        match value {
            Value::String(text) => said.push_str(text),
            other => said.push_str(&other.to_string()),
        }
    }
    said
}

fn text<'a>(finding: &'a Value, field: &str) -> &'a str {
    finding
        .get(field)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Whether `word` stands in `text` by itself: `batch` is not in `nightly-batch`, nor 4 in 42.
fn has_word(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let (before, rest) = text.split_at(at);
            let after = rest.get(word.len()..).unwrap_or_default();
            !before.ends_with(joins) && !after.starts_with(joins)
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use storex_testkit::incidents::Party;

    use super::*;

    const EXPECTED: Expected = Expected {
        findings: &["idle_blocker"],
        names: &[Part::Connection, Part::User, Part::Object],
    };

    fn truth() -> Truth {
        Truth {
            incident: "hot_row".into(),
            culprit: Party {
                user: "batch".into(),
                program_name: "nightly-batch".into(),
                connection_ids: vec![4, 91],
            },
            via: Vec::new(),
            victims: Vec::new(),
            object: "shop.inventory".into(),
            statement: None,
        }
    }

    fn finding(id: &str, statement: &str) -> Value {
        json!({ "id": id, "severity": "critical", "statement": statement, "evidence": [] })
    }

    fn verdict(findings: &[Value]) -> Verdict {
        judge(&json!({ "findings": findings }), &truth(), &EXPECTED)
    }

    const WHOLE: &str = "connection 91 (nightly-batch, user batch@10.0.0.1) holds shop.inventory";

    #[test]
    fn cause_and_culprit_in_the_first_finding_are_right() {
        assert_eq!(verdict(&[finding("idle_blocker", WHOLE)]), Verdict::Right);
    }

    #[test]
    fn a_later_finding_or_a_nameless_cause_is_half_right() {
        let later = [finding("other", ""), finding("idle_blocker", WHOLE)];
        assert!(matches!(verdict(&later), Verdict::Partial(_)));
        let nameless = [finding(
            "idle_blocker",
            "connection 911 (nightly-batch) holds shop.inventory",
        )];
        assert_eq!(
            verdict(&nameless),
            Verdict::Partial("it does not name the connection, user batch".into())
        );
    }

    #[test]
    fn another_cause_and_silence_are_wrong() {
        assert!(matches!(
            verdict(&[finding("other", WHOLE)]),
            Verdict::Wrong(_)
        ));
        assert!(matches!(verdict(&[]), Verdict::Wrong(_)));
    }
}
