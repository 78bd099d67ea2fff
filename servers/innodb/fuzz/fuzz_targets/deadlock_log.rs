//! `cargo fuzz run deadlock_log corpus/deadlock_log ../fixtures/error_log`: any text is answered,
//! every line is counted once, and every deadlock read can be explained.

#![no_main]

use libfuzzer_sys::fuzz_target;
use storex_innodb::deadlock::{Cycle, Party, Programs, order, pattern};
use storex_innodb::monitor::deadlock_log::parse_log;

fuzz_target!(|text: &str| {
    let log = parse_log(text);
    let lines = log.lines;
    assert_eq!(
        lines.total,
        lines.blank + lines.deadlock + lines.other + lines.unparsed
    );
    for one in &log.deadlocks {
        let cycle = Cycle::of(&one.deadlock);
        let programs = Programs::new();
        let parties: Vec<Party> = cycle
            .members
            .iter()
            .map(|member| Party::of(member, &programs))
            .collect();
        let _ = (pattern(&cycle), order(&cycle, &parties));
    }
});
