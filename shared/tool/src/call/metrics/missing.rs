//! How what a metrics store does not have stands in the coverage: many series that are missing for the
//! same reason in one entry.

use storex_sources::{MetricsError, MissingSeries};

use super::super::Call;
use crate::{Untrusted, clean};

/// Names told for one reason; the others are counted.
const NAMES: usize = 8;
/// Reasons told; the others are counted.
const REASONS: usize = 8;
/// The longest of each.
const LONGEST: usize = 160;

/// Those that are missing for one reason.
struct Same<'m> {
    why: &'m str,
    fix: &'static str,
    names: Vec<&'m str>,
}

impl Call {
    /// Names and reasons come from the store, or from a snapshot, so they are marked.
    pub(super) fn missing_series(&self, missing: &[MissingSeries]) {
        let mut reasons: Vec<Same<'_>> = Vec::new();
        for missing in missing {
            let same = reasons
                .iter_mut()
                .find(|same| same.why == missing.why && same.fix == missing.fix);
            match same {
                Some(same) => same.names.push(&missing.what),
                None => reasons.push(Same {
                    why: &missing.why,
                    fix: missing.fix,
                    names: vec![&missing.what],
                }),
            }
        }
        let told = reasons.iter().take(REASONS);
        for same in told {
            let why = Untrusted::text(same.why, LONGEST);
            self.missing(together(&same.names), why.as_str(), same.fix);
        }
        let rest = reasons.iter().skip(REASONS);
        let rest: usize = rest.map(|same| same.names.len()).sum();
        if rest > 0 {
            self.missing(format!("{rest} further series"), "other reasons", "");
        }
    }

    /// A read of metrics that failed.
    pub(super) fn without_metrics(&self, what: &str, error: MetricsError) {
        if let Some(detail) = error.internal_detail() {
            let detail = clean(detail, 1_000);
            tracing::warn!(store = self.parts.metrics_kind, detail, "metrics failed");
        }
        let fix = error.remedy();
        self.missing(what, crate::error::told(error), fix);
    }
}

/// `a, b and 3 more`.
fn together(names: &[&str]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(NAMES)
        .map(|name| Untrusted::name(name).to_string())
        .collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(NAMES) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
