//! `cargo fuzz run fingerprint`: the form of a form is itself, whatever the bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use storex_digest::fingerprint;

fuzz_target!(|sql: &[u8]| {
    let form = fingerprint(sql);
    assert_eq!(fingerprint(&form), form);
});
