//! Where reading can go on: for some offsets of a log's text, the token that leads there.

use std::collections::{BTreeMap, HashMap};

/// Tokens by log and offset.
#[derive(Debug, Default)]
pub(super) struct Checkpoints(HashMap<String, BTreeMap<u64, String>>);

impl Checkpoints {
    /// Remembers that the text of `log` from `offset` on is what `token` leads to.
    pub(super) fn add(&mut self, log: &str, offset: u64, token: &str) {
        let of_log = self.0.entry(log.to_owned()).or_default();
        of_log.insert(offset, token.to_owned());
    }

    /// The last known one at or before `offset`.
    pub(super) fn before(&self, log: &str, offset: u64) -> Option<(u64, String)> {
        let (at, token) = self.0.get(log)?.range(..=offset).next_back()?;
        Some((*at, token.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_token_before_an_offset_is_found() {
        let mut points = Checkpoints::default();
        points.add("a", 100, "x");
        points.add("a", 200, "y");
        assert_eq!(points.before("a", 99), None);
        assert_eq!(points.before("a", 100), Some((100, "x".to_owned())));
        assert_eq!(points.before("a", 500), Some((200, "y".to_owned())));
        assert_eq!(points.before("b", 500), None);
    }
}
