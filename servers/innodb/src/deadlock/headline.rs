//! One sentence for the whole picture, and ages in words.

use storex_tool::Finding;

use super::Picture;

/// One sentence for the whole picture.
pub fn headline(picture: &Picture<'_>, findings: &[Finding]) -> String {
    let worst = findings.iter().min_by_key(|finding| finding.severity);
    if let Some(worst) = worst {
        return worst.statement.clone();
    }
    let sampled = match (picture.in_window, picture.window_s) {
        (Some(_), Some(window)) => format!("none in the {window:.0} s sampled"),
        _ => "the rate is not known".to_owned(),
    };
    let latest = picture.seen.first().and_then(|seen| seen.age_s);
    match (latest, picture.counted) {
        (Some(age), _) => format!("last deadlock {} ago, {sampled}", span(age)),
        (None, Some((0, since))) => {
            let since = since.map_or_else(String::new, |seconds| {
                format!(" in {}", span(i64::try_from(seconds).unwrap_or(i64::MAX)))
            });
            format!("no deadlock{since}")
        }
        (None, _) if !picture.seen.is_empty() => {
            format!("a deadlock at a time that is not printed, {sampled}")
        }
        (None, _) => format!("no deadlock is printed, {sampled}"),
    }
}

/// `40 s`, `12 min`, `3 h`, `5 d`.
pub(super) fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{} s", seconds.max(0)),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}
