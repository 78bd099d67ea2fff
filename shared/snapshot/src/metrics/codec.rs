//! How figures lie in a piece: the bytes of all of them, the first bytes of each first, then the second
//! ones and so on, compressed. Neighbouring figures share their first bytes, so that they take little.

use std::io::{self, Read};

/// On figures laid out so, higher levels gain little.
const LEVEL: i32 = 3;

/// The figures of some series, one after the other, as a piece.
pub(crate) fn encode(figures: &[f64]) -> io::Result<Vec<u8>> {
    let mut planes = vec![0; size_of_val(figures)];
    for (place, figure) in figures.iter().enumerate() {
        for (number, byte) in figure.to_be_bytes().into_iter().enumerate() {
            if let Some(slot) = planes.get_mut(number * figures.len() + place) {
                *slot = byte;
            }
        }
    }
    let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
    encoder.include_checksum(true)?;
    io::Write::write_all(&mut encoder, &planes)?;
    encoder.finish()
}

/// The `count` figures of a piece.
///
/// # Errors
/// Where it is damaged, or holds more or fewer. No more memory is taken than that many need.
pub(crate) fn decode(piece: &[u8], count: usize) -> io::Result<Vec<f64>> {
    let length = count.saturating_mul(size_of::<f64>());
    let mut planes = Vec::new();
    let decoder = zstd::Decoder::new(piece)?;
    // One more, so that a piece that holds more is noticed.
    decoder.take(length as u64 + 1).read_to_end(&mut planes)?;
    if planes.len() != length {
        return Err(io::Error::other("it does not hold the figures listed"));
    }
    let figure = |place: usize| {
        let mut bytes = [0; size_of::<f64>()];
        for (number, byte) in bytes.iter_mut().enumerate() {
            *byte = planes.get(number * count + place).copied().unwrap_or(0);
        }
        f64::from_be_bytes(bytes)
    };
    Ok((0..count).map(figure).collect())
}

/// Whether a piece holds `count` figures, without keeping them.
pub(crate) fn fits(piece: &[u8], count: usize) -> bool {
    let length = count.saturating_mul(size_of::<f64>()) as u64;
    let decoded = zstd::Decoder::new(piece)
        .and_then(|decoder| io::copy(&mut decoder.take(length + 1), &mut io::sink()));
    decoded.is_ok_and(|decoded| decoded == length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits(figures: &[f64]) -> Vec<u64> {
        figures.iter().map(|figure| figure.to_bits()).collect()
    }

    #[test]
    fn figures_that_change_little_take_little() {
        let figures: Vec<f64> = (0..10_000).map(|n| f64::from(1_000_000 + n % 7)).collect();
        let piece = encode(&figures).unwrap();
        assert!(piece.len() < 10_000, "{} bytes", piece.len());
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        let piece = encode(&vec![0.0; 4_000_000]).unwrap();
        assert!(piece.len() < 10_000);
        assert!(!fits(&piece, 10) && decode(&piece, 10).is_err());
        assert!(!fits(&piece, 4_000_001) && decode(&piece, 4_000_001).is_err());
    }

    proptest! {
        #[test]
        fn figures_come_back_bit_for_bit(raw in proptest::collection::vec(any::<u64>(), 0..200)) {
            let figures: Vec<f64> = raw.iter().map(|bits| f64::from_bits(*bits)).collect();
            let piece = encode(&figures).unwrap();
            prop_assert!(fits(&piece, figures.len()));
            prop_assert_eq!(bits(&decode(&piece, figures.len()).unwrap()), raw);
        }

        #[test]
        fn a_changed_piece_is_refused(
            raw in proptest::collection::vec(any::<u64>(), 1..60), at in any::<prop::sample::Index>(), flip in 1..=255_u8,
        ) {
            let figures: Vec<f64> = raw.iter().map(|bits| f64::from_bits(*bits)).collect();
            let mut piece = encode(&figures).unwrap();
            let at = at.index(piece.len());
            piece[at] ^= flip;
            if let Ok(read) = decode(&piece, figures.len()) {
                // A bit of the frame's head may mean nothing.
                prop_assert_eq!(bits(&read), raw);
            }
        }
    }
}
