//! The server's own accounting of our account.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;
use storex_integration_tests::LeastAccount;
use storex_testkit::Flavour;

/// Statements of a tool that is beyond the goal.
const LISTED: usize = 5;

/// What our account has run so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Account {
    pub(crate) statements: u64,
    pub(crate) examined: u64,
    pub(crate) sent: u64,
}

impl Account {
    pub(crate) async fn read(root: &mut Conn) -> Result<Self> {
        let query = format!(
            "SELECT CAST(SUM(count_star) AS UNSIGNED), CAST(SUM(sum_rows_examined) AS UNSIGNED), \
             CAST(SUM(sum_rows_sent) AS UNSIGNED) \
             FROM performance_schema.events_statements_summary_by_user_by_event_name \
             WHERE user = '{}'",
            LeastAccount::USER
        );
        let row: Option<(Option<u64>, Option<u64>, Option<u64>)> = root.query_first(query).await?;
        let (statements, examined, sent) = row.context("the server keeps no account")?;
        Ok(Self {
            statements: statements.unwrap_or_default(),
            examined: examined.unwrap_or_default(),
            sent: sent.unwrap_or_default(),
        })
    }
}

/// The processor time of the threads that serve our connections, to the nanosecond: whatever else the
/// server does meanwhile is not in it.
pub(crate) async fn cpu(root: &mut Conn, process_id: i32) -> Result<Duration> {
    let query = format!(
        "SELECT thread_os_id FROM performance_schema.threads WHERE processlist_user = '{}'",
        LeastAccount::USER
    );
    let threads: Vec<u64> = root.query(query).await?;
    ensure!(!threads.is_empty(), "no connection of ours is open");
    let mut nanoseconds = 0;
    for thread in threads {
        let path = format!("/proc/{process_id}/task/{thread}/schedstat");
        let text = std::fs::read_to_string(&path).with_context(|| format!("no {path}"))?;
        let on_processor = text
            .split_whitespace()
            .next()
            .context("unknown schedstat")?;
        nanoseconds += on_processor.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Forgets which statements were run; from here on MySQL also tells the processor time of each.
pub(crate) async fn forget(root: &mut Conn) -> Result<()> {
    let consumer = "UPDATE performance_schema.setup_consumers SET enabled = 'YES' \
                    WHERE name = 'events_statements_cpu'";
    root.query_drop(consumer).await?;
    Ok(root
        .query_drop("TRUNCATE performance_schema.events_statements_history_long")
        .await?)
}

/// The statements of ours that cost most in all since then, a line each.
pub(crate) async fn costliest(root: &mut Conn, flavour: Flavour) -> Result<Vec<String>> {
    // MariaDB tells no processor time, and eight calls at once wait for each other.
    let (what, time) = if flavour.is_mariadb() {
        ("elapsed", "timer_wait")
    } else {
        ("of processor", "cpu_time")
    };
    let query = format!(
        "SELECT SUBSTRING(REGEXP_REPLACE(MAX(h.sql_text), '[[:space:]]+', ' '), 1, 160), \
         CAST(COUNT(*) AS UNSIGNED), CAST(SUM(h.{time}) / 1e9 AS DOUBLE) \
         FROM performance_schema.events_statements_history_long h \
         JOIN performance_schema.threads t ON t.thread_id = h.thread_id \
         WHERE t.processlist_user = '{}' AND h.sql_text IS NOT NULL \
         AND h.event_name NOT LIKE '%prepare%' \
         GROUP BY COALESCE(h.digest, LEFT(h.sql_text, 160)) ORDER BY 3 DESC LIMIT {LISTED}",
        LeastAccount::USER
    );
    let rows: Vec<(Option<String>, u64, f64)> = root.query(query).await?;
    let line = |(text, times, ms): (Option<String>, u64, f64)| {
        let each = ms / times.max(1) as f64;
        let text = text.unwrap_or_default();
        format!("{times} times {each:.2} ms {what}: {text}")
    };
    Ok(rows.into_iter().map(line).collect())
}
