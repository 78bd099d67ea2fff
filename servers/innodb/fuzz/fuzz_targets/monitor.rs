//! `cargo fuzz run monitor corpus/monitor ../fixtures/monitor`: any text is answered, and every line
//! is counted once.

#![no_main]

use libfuzzer_sys::fuzz_target;
use storex_innodb::monitor::parse;

fuzz_target!(|text: &str| {
    let lines = parse(text).lines;
    let read = lines.structure + lines.blank + lines.values + lines.averages;
    let counted = lines.statements + lines.records + lines.left_out + lines.other_sections;
    assert_eq!(lines.total, read + counted + lines.unparsed);
});
