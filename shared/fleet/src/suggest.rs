//! What somebody probably meant.

/// The known word that differs least from `word`, if one is near.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let near = (word.chars().count() / 3).max(2);
    let nearest = known
        .into_iter()
        .map(|known| (distance(word, known), known))
        .min()?;
    (nearest.0 <= near).then_some(nearest.1)
}

/// Letters to add, remove or replace to make one word the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (1..=other.chars().count()).collect();
    for (above, letter) in one.chars().enumerate() {
        let (mut diagonal, mut left) = (above, above + 1);
        for (cell, against) in row.iter_mut().zip(other.chars()) {
            let replaced = diagonal + usize::from(letter != against);
            left = replaced.min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, left);
        }
    }
    row.last().copied().unwrap_or(one.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "tls"), 3);
        assert_eq!(distance("tls", ""), 3);
        assert_eq!(distance("tls", "tls"), 0);
    }

    #[test]
    fn only_a_near_word_is_suggested() {
        assert_eq!(nearest("tsl", ["tags", "tls"]), Some("tls"));
        assert_eq!(
            nearest("ownerteam", ["owner_team", "region"]),
            Some("owner_team")
        );
        assert_eq!(nearest("hostname", ["address", "user"]), None);
        assert_eq!(nearest("x", []), None);
    }
}
