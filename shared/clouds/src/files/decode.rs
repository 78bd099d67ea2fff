//! Decompression, recognised by a file's first bytes rather than by its name.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

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
    unpack(BufReader::with_capacity(BUFFER, file), compression)
}

fn unpack(
    file: impl BufRead + Send + 'static,
    compression: Compression,
) -> io::Result<Box<dyn Read + Send>> {
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

/// The content of a file, unpacked as it is read; how it is packed is recognised by its first bytes.
///
/// # Errors
/// When it cannot be opened or read.
pub fn unpacked(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    let mut file = File::open(path)?;
    let mut start = [0; 4];
    let (filled, error) = fill(&mut file, &mut start);
    if let Some(error) = error {
        return Err(error);
    }
    let compression = compression(start.get(..filled).unwrap_or_default());
    // What cannot be rewound, as a pipe, gives its first bytes again from here.
    if file.rewind().is_ok() {
        return decoder(file, compression);
    }
    let start = io::Cursor::new(start).take(filled as u64);
    unpack(
        BufReader::with_capacity(BUFFER, start.chain(file)),
        compression,
    )
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
