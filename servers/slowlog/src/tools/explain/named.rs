//! The statement that was named: given as it is, or found as the sample of a digest.

use serde::Deserialize;
use storex_digest::{FormId, Options, Samples};
use storex_sources::{Flavour, Value, Window};
use storex_tool::{Call, Code, ToolError};

use crate::probes::SAMPLE;
use crate::reading::read;
use crate::tools::query::sampled;
use crate::tools::top::BOUNDS;

/// A text that has not been checked yet, and the schema its tables are of.
pub(super) struct Named {
    pub(super) text: String,
    pub(super) schema: Option<String>,
}

impl Named {
    pub(super) fn given(text: String, schema: Option<&str>) -> Self {
        Self {
            text,
            schema: schema.map(str::to_owned),
        }
    }
}

#[derive(Deserialize)]
struct SampleRow {
    db: Option<String>,
    sql_text: Option<String>,
}

/// The sample the server keeps of a digest, of the schema asked for or of the one that took most time.
pub(super) async fn sample(
    call: &Call,
    digest: &str,
    schema: Option<&str>,
) -> Result<Named, ToolError> {
    let hex = digest.len() == 64 || digest.len() == 32;
    if !hex || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ToolError::bad_input(
            "argument `digest`: a digest is 64 hexadecimal digits (MariaDB: 32); call this tool without it \
             for those that took most time",
        ));
    }
    let digest = digest.to_ascii_lowercase();
    let rows = call
        .want_with::<SampleRow>(&SAMPLE, &[Value::Text(digest)])
        .await?;
    let rows = rows.map_or_else(Vec::new, |sample| sample.rows);
    let fits = |row: &SampleRow| {
        schema.is_none_or(|schema| {
            row.db
                .as_deref()
                .is_some_and(|db| db.eq_ignore_ascii_case(schema))
        })
    };
    let found = rows
        .into_iter()
        .filter(fits)
        .find_map(|row| row.sql_text.map(|text| (row.db, text)));
    match found {
        Some((db, text)) => Ok(Named { text, schema: db }),
        None => Err(no_sample(call).await?),
    }
}

/// The slowest run of a slow-log form in the window that was logged whole.
pub(super) async fn slowest(
    call: &Call,
    id: FormId,
    window: Window,
    schema: Option<&str>,
) -> Result<Named, ToolError> {
    let options = Options {
        samples_of: Some(id),
        ..Options::default()
    };
    let reading = read(call, window, options, BOUNDS).await?;
    let reading = reading.ok_or_else(|| {
        ToolError::new(
            Code::Unavailable,
            "there is no slow log to read; pass a `statement` or a `digest`",
        )
    })?;
    let samples = sampled(&reading.digest).and_then(|group| group.samples.as_ref());
    let samples = samples.map_or(&[][..], Samples::slowest_first);
    let whole = samples.iter().find(|sample| !sample.is_cut);
    let Some(sample) = whole else {
        return Err(ToolError::new(
            Code::Unavailable,
            format!(
                "no run of {id} is in this window of the slow log; widen it, or pass a `statement`"
            ),
        ));
    };
    let logged = String::from_utf8_lossy(reading.digest.name(sample.database));
    let schema = schema.map_or_else(|| logged.into_owned(), str::to_owned);
    Ok(Named {
        text: String::from_utf8_lossy(&sample.sql).into_owned(),
        schema: Some(schema).filter(|schema| !schema.is_empty()),
    })
}

async fn no_sample(call: &Call) -> Result<ToolError, ToolError> {
    let why = match call.server().await?.flavour {
        Flavour::MySql => {
            "the server keeps no sample of this digest in that schema (performance_schema must be on, and the \
             digest not have been pushed out)"
        }
        Flavour::MariaDb => {
            "MariaDB keeps samples only in the history of threads that are connected (consumer \
             events_statements_history)"
        }
    };
    Ok(ToolError::new(
        Code::Unavailable,
        format!(
            "{why}; pass a `statement` with its values instead, as the slow log or the application has it"
        ),
    ))
}
