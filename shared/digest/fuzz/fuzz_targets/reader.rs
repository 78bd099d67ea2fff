//! `cargo fuzz run reader`: any bytes are read, in one piece as in many, and nothing is lost.

#![no_main]

use libfuzzer_sys::fuzz_target;
use storex_digest::{Digest, Options, Reader};

fuzz_target!(|input: (&[u8], u8)| {
    let (bytes, chunk) = input;
    let read = |size: usize| {
        let mut digest = Digest::new(Options::default());
        let mut reader = Reader::default();
        for chunk in bytes.chunks(size) {
            reader.feed(chunk, &mut digest);
        }
        reader.finish(&mut digest);
        (digest.totals().clone(), *digest.unread(), digest.groups().len())
    };
    assert_eq!(read(bytes.len().max(1)), read(usize::from(chunk) + 1));
});
