//! A digest as a page of text.

use std::fmt::Write as _;

use storex_digest::report::{By, top};
use storex_digest::{Digest, FormId, Group};

/// Of a statement's form so much is shown.
const FORM: usize = 400;

/// The report.
pub(super) fn report(digest: &Digest, by: By, limit: usize) -> String {
    let mut page = String::new();
    head(&mut page, digest);
    for (number, ranked) in (1..).zip(top(digest, by, limit)) {
        statement(&mut page, digest, number, ranked.group, ranked.share);
    }
    left_out(&mut page, digest, limit);
    page
}

fn head(page: &mut String, digest: &Digest) {
    let totals = digest.totals();
    let figures = &totals.figures;
    let quantile = |q| time(totals.times.quantile(q).unwrap_or(0));
    let _ = writeln!(
        page,
        "{} statements of {} forms, {} in all; p50 {}, p95 {}, p99 {}, max {}",
        figures.count,
        digest.groups().len() as u64 + digest.rest().1,
        time(figures.query_us.sum),
        quantile(0.5),
        quantile(0.95),
        quantile(0.99),
        time(figures.query_us.max),
    );
    if let (Some(first), Some(last)) = (figures.first_us, figures.last_us) {
        let _ = writeln!(page, "{} to {}", moment(first), moment(last));
    }
}

fn statement(page: &mut String, digest: &Digest, number: usize, group: &Group, share: f64) {
    let figures = &group.figures;
    let quantile = |q| time(group.times.quantile(q).unwrap_or(0));
    let _ = writeln!(
        page,
        "\n#{number}  {}  {:.1} %  {} in {} calls; p50 {}, p95 {}, p99 {}, max {}; locks {}",
        FormId::of(&group.fingerprint),
        share * 100.0,
        time(figures.query_us.sum),
        figures.count,
        quantile(0.5),
        quantile(0.95),
        quantile(0.99),
        time(figures.query_us.max),
        time(figures.lock_us.sum),
    );
    let _ = writeln!(
        page,
        "    rows examined {}, sent {}, affected {}{}",
        figures.rows_examined.sum,
        figures.rows_sent.sum,
        figures.rows_affected.sum,
        extras(group),
    );
    for (what, names) in [
        ("databases", &group.databases),
        ("clients", &group.clients),
        ("tags", &group.tags),
    ] {
        let counts = names.by_count();
        let first: Vec<String> = counts
            .iter()
            .take(3)
            .map(|(name, count)| format!("{} ({count})", shown(digest.name(*name))))
            .collect();
        if !first.is_empty() {
            let more = counts.len().saturating_sub(first.len());
            let more = if more > 0 {
                format!(", {more} more")
            } else {
                String::new()
            };
            let _ = writeln!(page, "    {what}: {}{more}", first.join(", "));
        }
    }
    let _ = writeln!(page, "    {}", shown(&group.fingerprint));
}

fn extras(group: &Group) -> String {
    let figures = &group.figures;
    let mut text = String::new();
    for (what, count) in [
        ("temporary tables on disk", figures.tmp_disk_tables),
        ("full scans", figures.full_scans),
        ("errors", figures.failed),
        ("killed", figures.killed),
    ] {
        if count > 0 {
            let _ = write!(text, "; {what} {count}");
        }
    }
    text
}

fn left_out(page: &mut String, digest: &Digest, limit: usize) {
    let shown = digest.groups().len().min(limit) as u64;
    let (rest, folded) = digest.rest();
    let more = digest.groups().len() as u64 - shown + folded;
    if more > 0 {
        let _ = writeln!(page, "\n{more} more forms");
    }
    if folded > 0 {
        let _ = writeln!(
            page,
            "{folded} forms with little time were not kept apart: {} statements, {}",
            rest.count,
            time(rest.query_us.sum),
        );
    }
    let unread = digest.unread();
    for (count, what) in [
        (unread.broken_entries, "entries are cut, mingled or garbage"),
        (unread.broken_bytes, "bytes of such entries"),
        (
            unread.head_bytes,
            "bytes stand before the first whole entry",
        ),
        (unread.cut_entries, "last entry is not complete"),
        (
            unread.long_statements,
            "statements are so long that only their beginning was read",
        ),
        (unread.outside_window, "statements are outside the window"),
        (
            unread.without_time,
            "statements without a time cannot be placed in the window",
        ),
    ] {
        if count > 0 {
            let _ = writeln!(page, "not read: {count} {what}");
        }
    }
}

/// Without what a terminal would obey.
fn shown(bytes: &[u8]) -> String {
    storex_tool::clean(&String::from_utf8_lossy(bytes), FORM)
}

fn time(us: u64) -> String {
    let us = us as f64;
    match us {
        ..1e3 => format!("{us:.0} us"),
        ..1e6 => format!("{:.1} ms", us / 1e3),
        ..6e8 => format!("{:.1} s", us / 1e6),
        _ => format!("{:.0} s", us / 1e6),
    }
}

fn moment(us: i64) -> String {
    jiff::Timestamp::from_microsecond(us).map_or_else(|_| "?".to_owned(), |at| at.to_string())
}

/// A length to draw.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bar of some characters"
)]
pub(super) fn rounded(length: f64) -> usize {
    length.clamp(0.0, 200.0) as usize
}
