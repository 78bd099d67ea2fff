//! One statement on one connection: rows up to the caps, never more than a bounded number of bytes.

use std::time::{Duration, Instant};

use futures::FutureExt;
use jiff::Timestamp;
use mysql_async::prelude::{Protocol, Queryable};
use mysql_async::{Conn, Params, QueryResult, Row, Value as Raw};
use storex_sources::{Explainable, Flavour, Rows, Value, wall_clock};

use crate::values::convert;

/// All of a probe's values together, kept or skipped.
pub(crate) const MAX_TOTAL_BYTES: usize = 32 << 20;
/// One text value: `SHOW ENGINE INNODB STATUS` is one and ends at 1 MB by itself.
const MAX_VALUE_BYTES: usize = 1 << 20;

/// What a statement gave.
pub(crate) struct Answer {
    pub(crate) rows: Rows,
    /// Whether the connection may run another statement.
    pub(crate) reusable: bool,
}

/// What is sent to the server.
#[derive(Clone)]
pub(crate) enum Order {
    /// A text of ours, and the values bound to it.
    Probe(&'static str, Vec<Raw>),
    /// `EXPLAIN` of a statement that passed the allow-list.
    Explain(String),
}

impl Order {
    /// `EXPLAIN` in the form that is the same on both flavours: a row a step, without any literal.
    /// MariaDB tells the share of rows kept only when asked so; MySQL's default form may be another.
    pub(crate) fn explain(statement: &Explainable, flavour: Flavour) -> Self {
        let explain = match flavour {
            Flavour::MySql => "EXPLAIN FORMAT=TRADITIONAL",
            Flavour::MariaDb => "EXPLAIN EXTENDED",
        };
        Self::Explain(format!("{explain} {}", statement.as_str()))
    }
}

/// Runs one statement in one round trip: as text without parameters, else prepared (two the first
/// time on a connection). What is explained is always prepared, which takes one statement only, and
/// forgotten afterwards: it would not be met again.
pub(crate) async fn run(
    conn: &mut Conn,
    order: Order,
    row_limit: u32,
) -> Result<Answer, mysql_async::Error> {
    let started = Instant::now();
    match order {
        Order::Probe(sql, params) if params.is_empty() => {
            collect(conn.query_iter(sql).await?, row_limit, started).await
        }
        Order::Probe(sql, params) => {
            let params = Params::Positional(params);
            collect(conn.exec_iter(sql, params).await?, row_limit, started).await
        }
        Order::Explain(sql) => {
            let prepared = conn.prep(sql).await?;
            let told = conn.exec_iter(&prepared, Params::Empty).await?;
            let answer = collect(told, row_limit, started).await?;
            if answer.reusable {
                conn.close(prepared).await?;
            }
            Ok(answer)
        }
    }
}

/// Ends a connection whose result has not been read to its end, without reading it to its end.
pub(crate) fn abandon(mut conn: Conn) {
    // The driver drains a connection dropped with rows pending; one dropped within a command it
    // just closes. So a command is begun and not awaited.
    let _ = conn.ping().now_or_never();
}

async fn collect<P: Protocol>(
    mut result: QueryResult<'_, 'static, P>,
    row_limit: u32,
    started: Instant,
) -> Result<Answer, mysql_async::Error> {
    let read_at = wall_clock();
    let columns = result.columns().unwrap_or_default();
    let mut kept = Kept::new(row_limit);
    let mut reusable = true;
    // The one way of reading row by row that can stop early and takes no allocation per row.
    while let Some(row) = result.next().await? {
        if !kept.take(row) {
            reusable = false;
            break;
        }
    }
    // A probe is one statement with one result; whatever follows is not read.
    reusable = reusable && result.is_empty();
    let names = columns
        .iter()
        .map(|c| c.name_str().to_lowercase())
        .collect();
    Ok(Answer {
        rows: kept.into_rows(names, read_at, started.elapsed()),
        reusable,
    })
}

struct Kept {
    rows: Vec<Vec<Value>>,
    row_limit: usize,
    bytes: usize,
    truncated: bool,
}

impl Kept {
    fn new(row_limit: u32) -> Self {
        Self {
            rows: Vec::new(),
            row_limit: usize::try_from(row_limit).unwrap_or(usize::MAX),
            bytes: 0,
            truncated: false,
        }
    }

    /// Takes one row; `false` once the byte cap is passed.
    fn take(&mut self, row: Row) -> bool {
        let columns = row.columns();
        let values = row.unwrap_raw();
        self.bytes += values.iter().flatten().map(size).sum::<usize>();
        if self.bytes > MAX_TOTAL_BYTES {
            self.truncated = true;
            return false;
        }
        if self.rows.len() >= self.row_limit {
            self.truncated = true;
            return true;
        }
        let row = values
            .into_iter()
            .zip(columns.iter())
            .map(|(value, column)| {
                let raw = value.unwrap_or(Raw::NULL);
                let (value, cut) = convert(raw, column, MAX_VALUE_BYTES);
                self.truncated |= cut;
                value
            });
        let row = row.collect();
        self.rows.push(row);
        true
    }

    fn into_rows(self, columns: Vec<String>, read_at: Timestamp, took: Duration) -> Rows {
        Rows {
            columns,
            rows: self.rows,
            read_at,
            took,
            truncated: self.truncated,
        }
    }
}

fn size(value: &Raw) -> usize {
    match value {
        Raw::Bytes(bytes) => bytes.len(),
        _ => size_of::<Raw>(),
    }
}
