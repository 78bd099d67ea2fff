//! Decompression, recognised by a file's first bytes rather than by its name.

use std::fs::File;
use std::io::{self, BufReader, Read};

use storex_sources::Compression;

/// Frames that need more memory than this to be decoded are refused: 32 MiB.
const WINDOW_LOG: u32 = 25;
/// Compressed bytes read at a time.
const BUFFER: usize = 256 << 10;

/// How a file that begins so is compressed.
pub(super) fn compression(start: &[u8]) -> Compression {
    match start {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Compression::Bzip2,
        _ => Compression::None,
    }
}

/// The decompressed content of a file from where it stands. It reads as it goes: what a file unpacks
/// to is bounded by who reads it.
pub(super) fn decoder(file: File, compression: Compression) -> io::Result<Box<dyn Read + Send>> {
    let file = BufReader::with_capacity(BUFFER, file);
    Ok(match compression {
        Compression::None => Box::new(file),
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        Compression::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(file)),
        Compression::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(file)?;
            decoder.window_log_max(WINDOW_LOG)?;
            Box::new(decoder)
        }
    })
}

/// Reads until `buffer` is full or the content ends: how much was read, and why no more can be.
pub(super) fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}
