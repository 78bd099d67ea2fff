//! `cargo fuzz run metrics_query`: any text is refused, or becomes a query whose selectors all hold the
//! instance's matchers; kept to them once more, it holds them still.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use storex_clouds::prometheus::{Selectors, kept_to};
use storex_series::{Grid, Step};

fuzz_target!(|text: &str| {
    let grid = Grid::new(Timestamp::UNIX_EPOCH, Timestamp::from_second(600).unwrap(), Step::MINUTE);
    let selectors = Selectors { database: "instance=\"fenced\"".to_owned(), host: None };
    let Ok(sent) = kept_to(text, &selectors, &grid) else {
        return;
    };
    let fences = sent.matches("instance=\"fenced\"").count();
    if let Ok(again) = kept_to(&sent, &selectors, &grid) {
        assert!(again.matches("instance=\"fenced\"").count() >= 2 * fences);
    }
});
