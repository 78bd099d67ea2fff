//! Reading a log across its files, whatever the source does meanwhile.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;

use super::store::{Event, Store};
use crate::{LogError, LogKind, LogName, LogReport, UnreadWhy, Window, WindowRead};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.build().unwrap().block_on(future)
}

/// The files' contents as they arrive, split where no entry may span.
fn read(store: &Store, window: Option<Window>, budget: u64) -> (Vec<Vec<u8>>, LogReport) {
    block_on(async {
        let opened = WindowRead::open(store, LogKind::Slow, window, budget).await;
        let mut read = opened.unwrap();
        let mut parts: Vec<Vec<u8>> = Vec::new();
        while let Some(chunk) = read.next().await.unwrap() {
            if !chunk.joined {
                parts.push(Vec::new());
            }
            parts.last_mut().unwrap().extend_from_slice(&chunk.bytes);
        }
        (parts, read.into_report())
    })
}

fn name(name: &str) -> LogName {
    LogName::new(name).unwrap()
}

#[test]
fn files_are_read_in_turn_and_each_begins_anew() {
    let store = Store::of(&[b"first file", b"", b"second"], vec![]);
    let (parts, report) = read(&store, None, 1_000);
    assert_eq!(parts, [b"first file".to_vec(), b"second".to_vec()]);
    assert_eq!(report.bytes, 16);
    assert_eq!(report.unread, []);
}

#[test]
fn a_cut_connection_is_taken_up_where_it_broke() {
    let cuts = vec![Event::CutAfter(0), Event::CutAfter(14), Event::CutAfter(7)];
    let store = Store::of(&[b"0123456789abcdefghijklmnopqrstuvwxyz"], cuts);
    let (parts, report) = read(&store, None, 1_000);
    assert_eq!(parts, [b"0123456789abcdefghijklmnopqrstuvwxyz".to_vec()]);
    assert_eq!((report.resumed, report.unread.len()), (3, 0));
}

#[test]
fn a_throttled_store_is_given_the_time_it_asks_for_and_then_some() {
    let retry_in = Duration::from_secs(2);
    let throttled = Event::Fails(LogError::Throttled { retry_in });
    let store = Store::of(&[b"abc"], vec![throttled.clone(), throttled]);
    let (parts, _) = read(&store, None, 1_000);
    assert_eq!(parts, [b"abc".to_vec()]);
    let pauses = store.0.lock().unwrap().pauses.clone();
    assert_eq!(pauses, [retry_in, retry_in * 2]);
}

#[test]
fn a_store_that_never_answers_is_given_up_and_the_next_file_is_read() {
    let error = LogError::Throttled {
        retry_in: Duration::from_secs(1),
    };
    let store = Store::of(&[b"abcdef", b"xyz"], vec![Event::Fails(error); 5]);
    let (parts, report) = read(&store, None, 1_000);
    assert_eq!(parts, [b"xyz".to_vec()]);
    let unread = &report.unread[0];
    assert_eq!(
        (unread.bytes, unread.why),
        (Some(6), UnreadWhy::Unreachable)
    );
    assert_eq!(unread.file, name("slow.log.0"));
}

#[test]
fn what_is_gone_or_damaged_or_refused_is_counted() {
    for (error, why) in [
        (
            LogError::Rotated {
                file: name("slow.log.0"),
            },
            UnreadWhy::Rotated,
        ),
        (
            LogError::Damaged {
                file: name("slow.log.0"),
                compression: "gzip",
                at: 0,
            },
            UnreadWhy::Damaged,
        ),
        (
            LogError::Denied {
                kind: LogKind::Slow,
                remedy: "",
            },
            UnreadWhy::Denied,
        ),
    ] {
        let store = Store::of(&[b"abc", b"def"], vec![Event::Fails(error)]);
        let (parts, report) = read(&store, None, 1_000);
        assert_eq!(parts, [b"def".to_vec()]);
        assert_eq!(report.unread[0].why, why);
    }
}

#[test]
fn a_stopped_call_ends_the_reading() {
    let store = Store::of(&[b"abc"], vec![Event::Fails(LogError::Cancelled)]);
    block_on(async {
        let opened = WindowRead::open(&store, LogKind::Slow, None, 10).await;
        let ended = opened.unwrap().next().await;
        assert!(matches!(ended, Err(LogError::Cancelled)), "{ended:?}");
    });
}

#[test]
fn what_a_rotation_adds_to_the_old_file_is_read_before_the_new_one() {
    let rotates = Event::Rotates {
        added: b" and more".to_vec(),
        next: b"new file".to_vec(),
    };
    let store = Store::of(&[b"old file"], vec![rotates]);
    let (parts, report) = read(&store, None, 1_000);
    assert_eq!(parts, [b"old file and more".to_vec(), b"new file".to_vec()]);
    assert_eq!(report.unread, []);
}

#[test]
fn the_budget_is_of_all_files_and_what_it_leaves_is_counted() {
    let store = Store::of(&[b"0123456789", b"0123456789", b"0123456789"], vec![]);
    let (parts, report) = read(&store, None, 15);
    assert_eq!(parts.concat().len(), 15);
    let unread: Vec<_> = report
        .unread
        .iter()
        .map(|unread| (unread.bytes, unread.why))
        .collect();
    assert_eq!(
        unread,
        [(Some(5), UnreadWhy::Budget), (Some(10), UnreadWhy::Budget)]
    );
}

#[test]
fn what_the_budget_left_is_counted_once_though_the_log_is_rotated() {
    let rotates = Event::Rotates {
        added: b"and more".to_vec(),
        next: b"new".to_vec(),
    };
    let store = Store::of(&[b"0123456789"], vec![rotates]);
    let (_, report) = read(&store, None, 4);
    let unread: Vec<_> = report.unread.iter().map(|unread| unread.bytes).collect();
    assert_eq!(unread, [Some(6), Some(3)]);
}

#[test]
fn files_outside_the_window_are_not_opened() {
    let store = Store::of(&[b"a", b"b", b"c", b"d"], vec![]);
    let store = store.covering(&[(0, 1_000), (1_000, 2_000), (2_000, 3_000), (3_000, 4_000)]);
    let at = |second| Timestamp::from_second(second).unwrap();
    let window = Window {
        from: at(1_500),
        to: at(2_500),
    };
    let (parts, _) = read(&store, Some(window), 100);
    assert_eq!(parts.concat(), b"bc");
    assert_eq!(store.0.lock().unwrap().opened, ["slow.log.1", "slow.log.2"]);
}

#[test]
fn of_a_file_whose_end_is_not_known_the_next_ones_start_tells_it_in_a_rotated_set_only() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let window = Window {
        from: at(1_500),
        to: at(2_500),
    };
    for (in_turn, expected) in [(true, "bc"), (false, "abc")] {
        let store = Store::of(&[b"a", b"b", b"c", b"d"], vec![]);
        let firsts = [0, 1_000, 2_000, 3_000];
        {
            let mut inner = store.0.lock().unwrap();
            inner.in_turn = in_turn;
            for (covered, first) in inner.covered.iter_mut().zip(firsts) {
                covered.first = Some(at(first));
            }
        }
        let (parts, _) = read(&store, Some(window), 100);
        assert_eq!(parts.concat(), expected.as_bytes());
    }
}

proptest! {
    #[test]
    fn cuts_neither_lose_nor_double_a_byte(
        files in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..4),
        cuts in prop::collection::vec(0..60_u64, 0..4),
    ) {
        let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
        let store = Store::of(&files, cuts.into_iter().map(Event::CutAfter).collect());
        let (parts, report) = read(&store, None, 10_000);
        prop_assert_eq!(parts.concat(), files.concat());
        prop_assert_eq!(report.unread, vec![]);
    }
}
