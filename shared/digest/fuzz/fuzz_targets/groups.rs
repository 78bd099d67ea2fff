//! `cargo fuzz run groups`: a statement is in the group of its form, whatever statements came before.

#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use storex_digest::{Digest, Entry, Options, fingerprint};

fuzz_target!(|text: &[u8]| {
    let mut digest = Digest::new(Options::default());
    let mut forms = BTreeSet::new();
    // Twice: what is known of a statement decides where it goes the second time.
    for sql in text
        .split(|byte| *byte == b'\n')
        .chain(text.split(|byte| *byte == b'\n'))
    {
        let entry = Entry {
            sql,
            ..Entry::default()
        };
        digest.add(&entry);
        forms.insert(fingerprint(sql));
        assert_eq!(digest.groups().len(), forms.len());
    }
    let mut found: BTreeSet<Vec<u8>> = BTreeSet::new();
    found.extend(
        digest
            .groups()
            .iter()
            .map(|group| group.fingerprint.to_vec()),
    );
    assert_eq!(found, forms);
});
