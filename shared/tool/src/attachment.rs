//! What an answer carries beside its structured value: pictures, and figures for the page that draws them.

use std::fmt;

use serde_json::{Value, json};

use crate::Truncated;

/// Bytes of all pictures of an answer together, as they are sent (base64). Some clients take no more
/// than a megabyte of one answer.
pub const PICTURES_BUDGET_BYTES: usize = 256 * 1024;
/// Bytes of the data for a page, as JSON.
pub const APP_DATA_BUDGET_BYTES: usize = 256 * 1024;

/// A PNG.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(Vec<u8>);

impl Picture {
    /// This PNG.
    pub fn png(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes it takes as base64.
    fn sent_bytes(&self) -> usize {
        self.0.len().div_ceil(3) * 4
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} bytes)", self.0.len())
    }
}

/// A page that a client draws a tool's results with, inside the conversation: an MCP App
/// (<https://modelcontextprotocol.io/extensions/apps/overview>). It needs no network.
#[derive(Debug, PartialEq, Eq)]
pub struct App {
    /// `ui://storex/<name>`.
    pub uri: &'static str,
    /// A short name.
    pub name: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// The page: one HTML document with all it needs.
    pub html: &'static str,
}

/// What an answer carries beside its structured value. It never holds a fact that the structured value
/// does not: many clients show neither.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attachments {
    /// Pictures, for people and for models that can see.
    pub pictures: Vec<Picture>,
    /// What the tool's [`App`] draws. Clients hand it to the page and not to the model.
    pub app_data: Option<Value>,
}

impl Attachments {
    /// What fits into the budgets, and notes of what does not.
    #[must_use]
    pub fn fit(mut self) -> (Self, Vec<Truncated>) {
        let mut notes = Vec::new();
        let total = self.pictures.len();
        let mut left = PICTURES_BUDGET_BYTES;
        self.pictures
            .retain(|picture| match left.checked_sub(picture.sent_bytes()) {
                Some(rest) => {
                    left = rest;
                    true
                }
                None => false,
            });
        if self.pictures.len() < total {
            notes.push(left_out("pictures", self.pictures.len(), total));
        }
        if let Some(data) = &self.app_data
            && data.to_string().len() > APP_DATA_BUDGET_BYTES
        {
            self.app_data = None;
            notes.push(left_out("data of the interactive page", 0, 1));
        }
        (self, notes)
    }

    /// Bytes of what is sent beside the text.
    pub fn bytes(&self) -> usize {
        let pictures: usize = self.pictures.iter().map(Picture::sent_bytes).sum();
        let data = self
            .app_data
            .as_ref()
            .map_or(0, |data| data.to_string().len());
        pictures + data
    }
}

fn left_out(what: &str, kept: usize, total: usize) -> Truncated {
    Truncated {
        what: what.to_owned(),
        kept,
        total,
        how: "ask for fewer series or a shorter window".to_owned(),
    }
}

/// Adds notes to an answer's own `truncated`.
pub fn add_notes(answer: &mut Value, notes: &[Truncated]) {
    if let Value::Object(map) = answer
        && !notes.is_empty()
    {
        let notes = notes.iter().map(|note| json!(note));
        match map.get_mut("truncated") {
            Some(Value::Array(own)) => own.extend(notes),
            _ => {
                map.insert("truncated".to_owned(), notes.collect());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_too_large_is_left_out_and_that_is_said() {
        let small = Picture::png(vec![1; 3_000]);
        let large = Picture::png(vec![2; PICTURES_BUDGET_BYTES]);
        let (kept, notes) = Attachments {
            pictures: vec![small.clone(), large],
            app_data: Some(json!({ "values": "1".repeat(APP_DATA_BUDGET_BYTES) })),
        }
        .fit();
        assert_eq!(kept.pictures, [small]);
        assert_eq!(kept.app_data, None);
        let mut answer = json!({ "truncated": [{ "what": "rows" }] });
        add_notes(&mut answer, &notes);
        let what: Vec<&Value> = answer["truncated"]
            .as_array()
            .unwrap()
            .iter()
            .map(|note| &note["what"])
            .collect();
        assert_eq!(what, ["rows", "pictures", "data of the interactive page"]);
        assert_eq!(answer["truncated"][1]["kept"], 1);
        assert_eq!(answer["truncated"][1]["total"], 2);
    }

    #[test]
    fn what_fits_is_kept_without_a_note() {
        let whole = Attachments {
            pictures: vec![Picture::png(vec![1; 60_000]); 3],
            app_data: Some(json!({ "values": [1, 2, 3] })),
        };
        let (kept, notes) = whole.clone().fit();
        assert_eq!(kept, whole);
        assert!(notes.is_empty());
        let mut answer = json!({ "headline": "quiet" });
        add_notes(&mut answer, &notes);
        assert_eq!(answer, json!({ "headline": "quiet" }));
        assert_eq!(whole.bytes(), 3 * 80_000 + r#"{"values":[1,2,3]}"#.len());
    }
}
