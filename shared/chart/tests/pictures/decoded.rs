//! Reads a PNG by the book, apart from what writes it.

use std::io::Read as _;

use flate2::Crc;
use flate2::read::ZlibDecoder;

pub(crate) type Rgb = [u8; 3];

/// A picture.
pub(crate) struct Decoded {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pixels: Vec<Rgb>,
}

impl Decoded {
    /// Of a PNG with 8 bits each of red, green and blue.
    pub(crate) fn of(file: &[u8]) -> Self {
        let mut rest = file.strip_prefix(b"\x89PNG\r\n\x1a\n").expect("a PNG");
        let (mut width, mut height, mut packed) = (0, 0, Vec::new());
        let mut kinds = Vec::new();
        while !rest.is_empty() {
            let length = be32(&rest[..4]);
            let (kind, data) = (&rest[4..8], &rest[8..8 + length]);
            let mut crc = Crc::new();
            crc.update(&rest[4..8 + length]);
            assert_eq!(be32(&rest[8 + length..12 + length]), crc.sum() as usize);
            kinds.push(kind.to_vec());
            match kind {
                b"IHDR" => {
                    (width, height) = (be32(&data[..4]), be32(&data[4..8]));
                    assert_eq!(data[8..], [8, 2, 0, 0, 0], "8 bits of red, green and blue");
                }
                b"IDAT" => packed.extend_from_slice(data),
                _ => assert_eq!(kind, b"IEND"),
            }
            rest = &rest[12 + length..];
        }
        assert_eq!(kinds.first().unwrap(), b"IHDR");
        assert_eq!(kinds.last().unwrap(), b"IEND");
        let mut raw = Vec::new();
        ZlibDecoder::new(packed.as_slice())
            .read_to_end(&mut raw)
            .unwrap();
        assert_eq!(raw.len(), height * (1 + width * 3));
        let mut above = vec![0_u8; width * 3];
        let mut pixels = Vec::new();
        for row in raw.chunks(1 + width * 3) {
            let mut now = row[1..].to_vec();
            match row[0] {
                0 => {}
                2 => now
                    .iter_mut()
                    .zip(&above)
                    .for_each(|(byte, up)| *byte = byte.wrapping_add(*up)),
                other => panic!("filter {other}"),
            }
            pixels.extend(now.chunks(3).map(|rgb| [rgb[0], rgb[1], rgb[2]]));
            above = now;
        }
        Self {
            width,
            height,
            pixels,
        }
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> Rgb {
        self.pixels[y * self.width + x]
    }

    /// Pixels of exactly this colour within a rectangle of columns and rows.
    pub(crate) fn count(
        &self,
        columns: std::ops::Range<usize>,
        rows: std::ops::Range<usize>,
        rgb: Rgb,
    ) -> usize {
        let cells = rows.flat_map(|y| columns.clone().map(move |x| (x, y)));
        cells.filter(|(x, y)| self.at(*x, *y) == rgb).count()
    }

    /// The share of pixels that differ by more than a shade, and the mean difference of all (0 to 255).
    pub(crate) fn difference(&self, other: &Self) -> (f64, f64) {
        assert_eq!(
            (self.width, self.height),
            (other.width, other.height),
            "another size"
        );
        let distances: Vec<u32> = self
            .pixels
            .iter()
            .zip(&other.pixels)
            .map(|(a, b)| {
                a.iter()
                    .zip(b)
                    .map(|(a, b)| u32::from(a.abs_diff(*b)))
                    .max()
                    .unwrap()
            })
            .collect();
        let all = distances.len() as f64;
        let off = distances.iter().filter(|distance| **distance > 24).count() as f64;
        (off / all, f64::from(distances.iter().sum::<u32>()) / all)
    }
}

fn be32(bytes: &[u8]) -> usize {
    u32::from_be_bytes(bytes.try_into().unwrap()) as usize
}
