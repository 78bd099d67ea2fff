//! The statements that took most time, to choose one from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storex_tool::{Answer, Call, ToolError, Untrusted, without_literals};

use super::shown::Data;
use crate::probes::COSTLY;

const SHOWN_CHARS: usize = 200;

#[derive(Deserialize)]
struct CostlyRow {
    db: Option<String>,
    digest: String,
    digest_text: Option<String>,
    runs: u64,
    time_ps: u64,
    rows_examined: u64,
    first_seen_age_s: Option<i64>,
}

/// A statement worth explaining.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(in crate::tools) struct Candidate {
    digest: String,
    schema: Untrusted,
    statement: Untrusted,
    runs: u64,
    time_s: f64,
    rows_examined: u64,
    /// Since when it is counted
    counted_for_s: i64,
}

/// Lists them.
pub(super) async fn answer(
    call: &Call,
    instance: &str,
    schema: Option<&str>,
    limit: usize,
) -> Result<Answer<Data>, ToolError> {
    let rows = call.want::<CostlyRow>(&COSTLY).await?;
    let rows = rows.map_or_else(Vec::new, |sample| sample.rows);
    let wanted: Vec<CostlyRow> = rows
        .into_iter()
        .filter(|row| {
            let db = row.db.as_deref().unwrap_or_default();
            schema.is_none_or(|schema| db.eq_ignore_ascii_case(schema))
        })
        .collect();
    let total = wanted.len();
    let candidates: Vec<Candidate> = wanted.into_iter().take(limit).map(shown).collect();
    let headline = match candidates.first() {
        Some(first) => format!(
            "nothing explained yet: pass `statement`, or the `digest` of one of these {}; most time went into {}",
            candidates.len(),
            first.statement
        ),
        None => format!(
            "nothing explained yet on {}: pass a `statement`",
            Untrusted::name(instance)
        ),
    };
    let kept = candidates.len();
    let data = Data::of(candidates);
    Ok(Answer::new(headline, Vec::new(), data).cut("candidates", kept, total))
}

fn shown(row: CostlyRow) -> Candidate {
    let text = without_literals(row.digest_text.as_deref().unwrap_or_default());
    Candidate {
        digest: row.digest,
        schema: Untrusted::name(row.db.as_deref().unwrap_or_default()),
        statement: Untrusted::text(&text, SHOWN_CHARS),
        runs: row.runs,
        time_s: (row.time_ps as f64 / 1e9).round() / 1e3,
        rows_examined: row.rows_examined,
        counted_for_s: row.first_seen_age_s.unwrap_or(0),
    }
}
