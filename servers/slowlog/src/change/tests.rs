//! How forms change, and what comes first.

use storex_digest::Digest;
use storex_tool::Finding;

use super::findings::findings;
use super::{Changes, Kind, Side};
use crate::samples::{Logged, digest, window};
use crate::scene::Scene;

const MINUTE: f64 = 60.0;

fn side(digest: &Digest) -> Side<'_> {
    Side {
        digest,
        seconds: MINUTE,
    }
}

fn kinds(before: &Digest, now: &Digest) -> Vec<(String, Kind)> {
    let changes = Changes::between(side(before), side(now));
    let forms = changes.forms.iter();
    forms
        .map(|change| {
            let form = change.form().unwrap();
            let text = String::from_utf8_lossy(&form.group.fingerprint).into_owned();
            (text, change.kind)
        })
        .collect()
}

fn found(before: &Digest, now: &Digest) -> Vec<Finding> {
    let scene = Scene {
        instance: "shop",
        window: window(),
        digest: now,
    };
    findings(&Changes::between(side(before), side(now)), &scene)
}

fn ids(before: &Digest, now: &Digest) -> Vec<&'static str> {
    found(before, now)
        .iter()
        .map(|finding| finding.id)
        .collect()
}

fn page() -> Vec<Logged<'static>> {
    vec![
        Logged::quick("SELECT * FROM orders WHERE id = 17"),
        Logged::quick("SELECT * FROM items WHERE order_id = 17"),
        Logged::quick("UPDATE stock SET n = n - 1 WHERE product = 5"),
    ]
}

fn with(more: Logged<'static>) -> Vec<Logged<'static>> {
    let mut page = page();
    page.push(more);
    page
}

fn lookup(examined: u64, time_s: f64) -> Logged<'static> {
    Logged {
        time_s,
        examined,
        ..Logged::quick("SELECT * FROM orders WHERE customer = 3")
    }
}

#[test]
fn the_same_again_is_no_finding() {
    let (before, now) = (digest(100, &page()), digest(104, &page()));
    assert_eq!(ids(&before, &now), Vec::<&str>::new());
}

#[test]
fn many_more_rows_examined_are_a_changed_plan() {
    let before = digest(100, &with(lookup(3, 0.001)));
    let now = digest(100, &with(lookup(20_000, 0.04)));
    assert_eq!(ids(&before, &now), ["plan_changed"]);
    let finding = found(&before, &now).remove(0);
    assert!(
        finding.statement.contains("20.0 k rows a run, before 3"),
        "{finding:?}"
    );
    assert_eq!(finding.next[0].tool, "slowlog_explain");
}

#[test]
fn a_culprit_stands_before_the_victims_it_slows_down() {
    let before = digest(100, &with(lookup(3, 0.001)));
    let mut slowed = with(lookup(20_000, 0.02));
    for victim in slowed.iter_mut().take(2) {
        victim.time_s = 0.03;
    }
    let now = digest(100, &slowed);
    let kinds = kinds(&before, &now);
    assert_eq!(kinds[0].1, Kind::ReadsMore, "{kinds:?}");
    assert_eq!(kinds[1].1, Kind::Slower, "{kinds:?}");
}

#[test]
fn what_waits_for_locks_is_told_from_what_works_more() {
    let before = digest(100, &page());
    let mut waiting = page();
    waiting[2].time_s = 0.5;
    waiting[2].lock_s = 0.49;
    assert_eq!(ids(&before, &digest(100, &waiting)), ["waits_for_locks"]);
}

#[test]
fn what_is_new_or_gone_or_more_frequent_is_told() {
    let before = digest(100, &with(Logged::quick("SELECT a FROM old")));
    let mut now = with(Logged::quick("SELECT b FROM new"));
    now.extend((0..6).map(|_| Logged::quick("SELECT * FROM items WHERE order_id = 17")));
    let kinds = kinds(&before, &digest(100, &now));
    let of = |part: &str| {
        kinds
            .iter()
            .find(|(text, _)| text.contains(part))
            .unwrap()
            .1
    };
    assert_eq!(of("items"), Kind::MoreOften);
    assert_eq!(of("new"), Kind::New);
    assert_eq!(of("old"), Kind::Less);
    assert_eq!(of("orders"), Kind::Same);
}

#[test]
fn runs_that_begin_to_fail_are_a_retry_storm() {
    let before = digest(50, &page());
    let mut failing = page();
    failing[2] = Logged {
        errno: 1205,
        time_s: 1.0,
        lock_s: 0.99,
        ..Logged::quick("UPDATE stock SET n = n - 1 WHERE product = 5")
    };
    assert_eq!(ids(&before, &digest(50, &failing)), ["retry_storm"]);
}

#[test]
fn larger_results_are_told_with_both_sizes() {
    let documents = |bytes, time_s| Logged {
        time_s,
        bytes,
        ..Logged::quick("SELECT * FROM documents WHERE id = 3")
    };
    let before = digest(50, &with(documents(2_000, 0.001)));
    let now = digest(50, &with(documents(4 << 20, 0.03)));
    let finding = found(&before, &now).remove(0);
    assert_eq!(finding.id, "returns_more");
    assert!(finding.statement.contains("4.0 MiB"), "{finding:?}");
}

#[test]
fn when_everything_is_slower_for_the_same_work_the_server_is_blamed() {
    let before = digest(100, &page());
    let mut slow = page();
    for one in &mut slow {
        one.time_s *= 20.0;
    }
    let ids = ids(&before, &digest(100, &slow));
    assert_eq!(ids[0], "slower_everywhere", "{ids:?}");
}
