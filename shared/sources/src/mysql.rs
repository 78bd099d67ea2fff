//! The MySQL seam: a source hands out one reader per call; a reader reads probes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::Timestamp;
use storex_statement::Explainable;
use tokio_util::sync::CancellationToken;

use crate::{Needs, Probe, Rows, Server, SourceError, Value};

/// The bounds of one call.
#[derive(Debug, Clone)]
pub struct Limits {
    /// When the call must have answered.
    pub deadline: Instant,
    /// Fires when the caller goes away; a running statement is then killed on the server.
    pub cancel: CancellationToken,
}

/// One instance's MySQL, live or replayed, shared by all calls.
pub trait MySqlSource: Send + Sync {
    /// A reader for one call. Opening costs nothing; connections are taken by the first read.
    fn open(&self, limits: Limits) -> Box<dyn MySql>;

    /// Where the data comes from, in a word or two for the answer's `source`: `live`, `snapshot`.
    fn kind(&self) -> &'static str;
}

/// The bounds of [`MySql::explain`], and what it needs. It is no read of its own: it has no statement.
pub static EXPLAIN: Probe = Probe {
    name: "explain",
    statements: &[],
    // A step for each table of each query block: a statement of more is refused before.
    row_limit: 200,
    timeout: Duration::from_secs(5),
    needs: Needs {
        grants: &["SELECT ON the tables the statement reads"],
        performance_schema: false,
        remedy: "",
    },
};

/// One call's view of an instance.
#[async_trait]
pub trait MySql: Send + Sync {
    /// What kind of server this is.
    async fn server(&self) -> Result<Arc<Server>, SourceError>;

    /// Runs a probe, with `params` bound to its `?` in order.
    async fn read(&self, probe: &'static Probe, params: &[Value]) -> Result<Rows, SourceError>;

    /// Has the server tell the plan of a statement a caller named, one row a step: the one text that
    /// is not compiled in. Only its allow-list makes an [`Explainable`], so no other text gets here.
    /// The statement is prepared, never run, in a read-only transaction; its tables are named with
    /// their schemas, so the session keeps none.
    async fn explain(&self, statement: &Explainable) -> Result<Rows, SourceError>;

    /// The source's time: the wall clock, or the time of the snapshot's current sample.
    fn now(&self) -> Timestamp;

    /// Lets about `gap` pass before the next sample: a live source sleeps (and stops when the call
    /// is cancelled), a replayed one moves on to its next sample. Figures are computed from the
    /// samples' `read_at`, never from `gap`. Returns `false` where there is no further sample.
    async fn pass(&self, gap: Duration) -> Result<bool, SourceError>;
}
