//! The size of an answer: cut to a budget of bytes, saying what was cut.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// How much a caller wants to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Detail {
    /// At most about 1,500 tokens.
    #[default]
    Concise,
    /// At most about 6,000 tokens.
    Full,
}

impl Detail {
    /// The budget of the structured value in bytes, at four bytes a token.
    pub const fn budget_bytes(self) -> usize {
        match self {
            Self::Concise => 6_000,
            Self::Full => 24_000,
        }
    }
}

/// Cuts an answer to `budget_bytes` by shortening its longest lists from the end, then its longest
/// texts, and says what was cut in `truncated`. Headline and coverage are never cut.
pub fn fit(mut answer: Value, budget_bytes: usize) -> Value {
    let mut cuts: Vec<(String, usize, usize)> = Vec::new();
    while size(&answer) > budget_bytes {
        let Value::Object(map) = &mut answer else {
            break;
        };
        let Some((path, kept, total)) = cut_longest(map) else {
            break;
        };
        match cuts.iter_mut().find(|(cut, ..)| *cut == path) {
            Some(cut) => cut.1 = kept,
            None => cuts.push((path, kept, total)),
        }
        let notes = cuts.iter().map(|(what, kept, total)| {
            json!({ "what": what, "kept": kept, "total": total,
                    "how": "ask with `detail`: \"full\", or narrow the question" })
        });
        map.insert("cut_to_fit".to_owned(), Value::Array(notes.collect()));
    }
    merge_cuts(answer)
}

/// The notes of cuts join the tool's own under `truncated`.
fn merge_cuts(mut answer: Value) -> Value {
    if let Value::Object(map) = &mut answer
        && let Some(Value::Array(cuts)) = map.remove("cut_to_fit")
    {
        match map.get_mut("truncated") {
            Some(Value::Array(own)) => own.extend(cuts),
            _ => {
                map.insert("truncated".to_owned(), Value::Array(cuts));
            }
        }
    }
    answer
}

fn size(value: &Value) -> usize {
    // Counting beats building the text: this runs for every answer.
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        Err(_) => usize::MAX,
    }
}

/// Halves the longest list of the answer, or the longest text when no list is left to cut.
fn cut_longest(map: &mut Map<String, Value>) -> Option<(String, usize, usize)> {
    let mut best: Option<(String, usize)> = None;
    for (key, value) in map.iter() {
        if !matches!(
            key.as_str(),
            "coverage" | "headline" | "cut_to_fit" | "truncated"
        ) {
            longest(value, &format!("/{key}"), &mut best);
        }
    }
    let (pointer, _) = best?;
    let (first, rest) = pointer.strip_prefix('/')?.split_once('/').map_or_else(
        || (pointer.trim_start_matches('/'), String::new()),
        |(first, rest)| (first, format!("/{rest}")),
    );
    let target = map.get_mut(first)?.pointer_mut(&rest)?;
    let name = pointer.trim_start_matches('/').replace('/', ".");
    match target {
        Value::Array(items) => {
            let total = items.len();
            items.truncate(total / 2);
            Some((name, items.len(), total))
        }
        Value::String(text) => {
            let total = text.chars().count();
            *text = text.chars().take(total / 2).chain(['…']).collect();
            Some((name, total / 2, total))
        }
        _ => None,
    }
}

/// Finds the list or text with the most bytes. A list of one is cut inside, not away, and texts
/// count a quarter, so that lists go first.
fn longest(value: &Value, at: &str, best: &mut Option<(String, usize)>) {
    let weight = match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                longest(item, &format!("{at}/{index}"), best);
            }
            if items.len() < 2 { 0 } else { size(value) }
        }
        Value::Object(map) => {
            for (key, item) in map {
                longest(item, &format!("{at}/{key}"), best);
            }
            0
        }
        Value::String(text) if text.len() > 80 => text.len() / 4,
        _ => 0,
    };
    if weight > best.as_ref().map_or(0, |(_, most)| *most) {
        *best = Some((at.to_owned(), weight));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_answer_within_its_budget_is_left_alone() {
        let answer = json!({ "headline": "quiet", "rows": [1, 2, 3] });
        assert_eq!(fit(answer.clone(), 100), answer);
    }

    #[test]
    fn the_longest_list_is_cut_and_the_cut_is_said() {
        let rows: Vec<Value> = (0..500)
            .map(|i| json!({ "id": i, "text": "x".repeat(20) }))
            .collect();
        let answer = fit(
            json!({ "headline": "busy", "rows": rows, "coverage": { "expected": 1 } }),
            2_000,
        );
        assert!(size(&answer) <= 2_000);
        assert_eq!(answer["headline"], "busy");
        assert_eq!(answer["truncated"][0]["what"], "rows");
        assert_eq!(answer["truncated"][0]["total"], 500);
        assert_eq!(
            answer["truncated"][0]["kept"],
            answer["rows"].as_array().unwrap().len()
        );
    }

    proptest! {
        #[test]
        fn whatever_is_cut_the_budget_holds(lists in prop::collection::vec(prop::collection::vec(".{0,200}", 0..60), 0..6)) {
            let mut answer = json!({ "headline": "h" });
            for (index, list) in lists.iter().enumerate() {
                answer[format!("list{index}")] = json!(list);
            }
            prop_assert!(size(&fit(answer, 3_000)) <= 3_000);
        }
    }
}
