use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const A: &str = "1956aea5-e715-11f1-96d4-02fc00000001";
const B: &str = "65a193b9-e710-11f1-b603-02fc00000001";

fn set(text: &str) -> GtidSet {
    GtidSet::parse(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn what_the_server_prints_is_read_with_line_breaks_and_tags() {
    let executed = set(&format!("{A}:1-662,\n{B}:1"));
    assert_eq!(executed.count(), 663);
    assert_eq!(executed.from_source(B).to_string(), format!("{B}:1"));
    let tagged = set(&format!("{A}:1-5:7:nightly:1-3:9"));
    assert_eq!(tagged.count(), 10);
    assert_eq!(tagged.to_string(), format!("{A}:1-5:7:nightly:1-3:9"));
    assert!(set("").is_empty());
}

#[test]
fn tags_number_for_themselves() {
    let left = set(&format!("{A}:1-3:a:1-3")).minus(&set(&format!("{A}:1-9")));
    assert_eq!(left.to_string(), format!("{A}:a:1-3"));
}

#[test]
fn what_is_received_and_not_executed_is_the_gap() {
    let gap = set(&format!("{A}:1-10:12")).minus(&set(&format!("{A}:1-4:7-8,{B}:1-90")));
    assert_eq!(gap.to_string(), format!("{A}:5-6:9-10:12"));
    assert_eq!(gap.count(), 5);
}

#[test]
fn nonsense_is_no_set() {
    for text in [
        "x",
        "1-5",
        "0-1-100",
        &format!("{A}:5-1"),
        &format!("{A}:0"),
        &format!("{A}:1-x"),
    ] {
        assert_eq!(GtidSet::parse(text), None, "{text}");
    }
}

/// A small set and the same as plain numbers, to compare with.
fn model() -> impl Strategy<Value = (String, BTreeSet<(usize, u64)>)> {
    let piece = (0_usize..4, 1_u64..40, 0_u64..12);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| {
        let origins = [
            A.to_owned(),
            B.to_owned(),
            format!("{A}:t"),
            format!("{B}:other"),
        ];
        let mut numbers = BTreeSet::new();
        let mut texts = Vec::new();
        for (origin, first, more) in pieces {
            numbers.extend((first..=first + more).map(|number| (origin, number)));
            texts.push(format!("{}:{first}-{}", origins[origin], first + more));
        }
        (texts.join(","), numbers)
    })
}

proptest! {
    #[test]
    fn sets_count_print_and_subtract_as_plain_numbers_do(left in model(), right in model()) {
        let (a, b) = (set(&left.0), set(&right.0));
        prop_assert_eq!(a.count(), left.1.len() as u64);
        prop_assert_eq!(set(&a.to_string()), a.clone());
        let difference = a.minus(&b);
        prop_assert_eq!(difference.count(), left.1.difference(&right.1).count() as u64);
        prop_assert_eq!(difference.minus(&b), difference.clone());
        prop_assert!(difference.minus(&a).is_empty());
        prop_assert_eq!(a.minus(&difference).count() + difference.count(), a.count());
    }

    #[test]
    fn no_text_makes_it_fail(text in ".{0,80}") {
        let _ = GtidSet::parse(&text);
    }

    #[test]
    fn nothing_of_the_grammar_makes_it_fail(text in "[0-9a-f:,\\-_ t]{0,90}") {
        let _ = GtidSet::parse(&format!("{A}:{text}"));
    }
}
