//! Writes a PNG (<https://www.w3.org/TR/png-3/>): 8 bits each of red, green and blue, no alpha.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// Each row is the difference to the one above: what a chart repeats downwards costs nothing.
const FILTER_UP: u8 = 2;

/// The file of `height` rows of red, green and blue. `rgb` holds nothing but whole rows.
pub(crate) fn encode(width: u32, height: u32, rgb: &[u8]) -> Vec<u8> {
    let mut file = SIGNATURE.to_vec();
    let mut header = Vec::with_capacity(13);
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // Depth 8, colour without alpha, deflate, the five filters, not interlaced.
    header.extend([8, 2, 0, 0, 0]);
    chunk(&mut file, *b"IHDR", &header);
    chunk(&mut file, *b"IDAT", &compressed(width as usize * 3, rgb));
    chunk(&mut file, *b"IEND", &[]);
    file
}

fn compressed(row_bytes: usize, rgb: &[u8]) -> Vec<u8> {
    let mut filtered = Vec::with_capacity(rgb.len() + rgb.len() / row_bytes.max(1));
    let mut above = vec![0; row_bytes];
    for row in rgb.chunks_exact(row_bytes.max(1)) {
        filtered.push(FILTER_UP);
        let differences = row
            .iter()
            .zip(&above)
            .map(|(byte, up)| byte.wrapping_sub(*up));
        filtered.extend(differences);
        above.copy_from_slice(row);
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    let _infallible = encoder.write_all(&filtered);
    encoder.finish().unwrap_or_default()
}

fn chunk(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    file.extend(length.to_be_bytes());
    file.extend(kind);
    file.extend(data);
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    file.extend(crc.sum().to_be_bytes());
}
