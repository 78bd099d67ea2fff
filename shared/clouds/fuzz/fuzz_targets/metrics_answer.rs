//! `cargo fuzz run metrics_answer`: any bytes are no answer, or series within the bounds asked for.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use storex_clouds::prometheus::decoded;
use storex_series::{Grid, Step};

fuzz_target!(|bytes: &[u8]| {
    let grid = Grid::new(Timestamp::UNIX_EPOCH, Timestamp::from_second(600).unwrap(), Step::MINUTE);
    for values in decoded(bytes, &grid, 3).unwrap_or_default() {
        assert_eq!(values.len(), 10);
        assert!(!values.iter().any(|value| value.is_infinite()));
    }
    assert!(decoded(bytes, &grid, 3).is_none_or(|series| series.len() <= 3));
});
