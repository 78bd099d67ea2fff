//! Words one after the other, in as many rows as they need.

/// Where a word stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed {
    pub(super) x: f32,
    pub(super) row: u8,
}

/// Places words of these widths in rows of `most` pixels.
pub(super) fn flow(widths: &[f32], most: f32) -> Vec<Placed> {
    let (mut x, mut row) = (0.0, 0_u8);
    widths
        .iter()
        .map(|width| {
            if x > 0.0 && x + width > most {
                (x, row) = (0.0, row.saturating_add(1));
            }
            let placed = Placed { x, row };
            x += width;
            placed
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_does_not_fit_begins_a_row() {
        let placed = flow(&[40.0, 50.0, 20.0, 200.0, 10.0], 100.0);
        let at: Vec<(f32, u8)> = placed.iter().map(|word| (word.x, word.row)).collect();
        assert_eq!(at, [(0.0, 0), (40.0, 0), (0.0, 1), (0.0, 2), (0.0, 3)]);
    }
}
