//! `innodb_lock_waits`: who holds everybody up. Row locks, table locks and metadata locks in one
//! forest, root blockers first.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storex_sources::Flavour;
use storex_tool::{Answer, Call, Detail, Effect, Spec, Target, Tool, ToolError, Untrusted};

use super::gather::{gather, rows};
use crate::flush;
use crate::lock_rows::{LockRow, edges_of};
use crate::mdl::{self, MdlInfoRow, MdlRow, Scope, Stalled};
use crate::picture::Picture;
use crate::probes::{
    DATA_LOCK_WAITS, INNODB_LOCK_WAITS, INNODB_TRX, LAST_STATEMENTS, METADATA_LOCK_INFO,
    METADATA_LOCKS, PROCESSLIST, PROGRAMS, SESSIONS,
};
use crate::sessions::Sessions;
use crate::unseen;
use crate::verdict::{findings, headline};
use crate::view::{Blocker, blockers};
use crate::waits::{Edge, Forest};

/// The tool.
pub(super) struct LockWaits;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Instance name
    instance: String,
    #[serde(default)]
    detail: Detail,
    /// Waiters listed per blocker
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    /// Show literals and key values (sensitive)
    #[serde(default)]
    literals: bool,
}

/// The tool's data.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Data {
    /// Sessions waiting
    waiting: usize,
    blockers: Vec<Blocker>,
    /// Connections waiting in a circle
    #[serde(skip_serializing_if = "Vec::is_empty")]
    circles: Vec<Vec<Untrusted>>,
}

impl Tool for LockWaits {
    type Input = Input;
    type Data = Data;

    const SPEC: Spec = Spec {
        name: "innodb_lock_waits",
        title: "Who blocks whom",
        description: "Finds who is blocking whom right now: root blockers first, each with everyone \
                      waiting behind it, for how long, on which lock, what the blocker last ran and \
                      whether it is idle. Row locks, table locks and metadata locks (DDL pile-ups) in \
                      one picture. Start here when queries hang or time out.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(10),
        row_limit: 200,
        freshness: Duration::from_secs(1),
        probes: &[
            &INNODB_TRX,
            &SESSIONS,
            &PROCESSLIST,
            &PROGRAMS,
            &LAST_STATEMENTS,
            &DATA_LOCK_WAITS,
            &INNODB_LOCK_WAITS,
            &METADATA_LOCKS,
            &METADATA_LOCK_INFO,
        ],
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &["literals"],
        runbook: include_str!("../../runbooks/innodb_lock_waits.md"),
        aliases: &[],
    };

    async fn run(input: Input, call: &Call) -> Result<Answer<Data>, ToolError> {
        let full = input.detail == Detail::Full;
        let gathered = gather(call).await?;
        let mut edges = row_lock_edges(call, &gathered.sessions).await?;
        edges.extend(metadata_edges(call, &gathered.sessions).await?);
        edges.extend(flush::edges(gathered.sessions.all()));
        let forest = Forest::build(&edges);
        let picture = Picture {
            instance: &input.instance,
            forest: &forest,
            sessions: &gathered.sessions,
            transactions: &gathered.transactions,
            literals: input.literals,
        };
        let limit = input.limit.unwrap_or(if full { 50 } else { 10 }).min(200);
        let shown = if full { 20 } else { 5 };
        let blockers = blockers(&picture, shown, limit);
        let circles = forest
            .circles
            .iter()
            .map(|circle| picture.names(circle))
            .collect();
        let listed: usize = blockers.iter().map(|blocker| blocker.waiters.len()).sum();
        let in_all: usize = forest.roots.iter().map(|root| root.waiters.len()).sum();
        let total = forest.roots.len();
        let data = Data {
            waiting: forest.waiting + unseen::waiters(&picture).len(),
            blockers,
            circles,
        };
        Ok(Answer::new(headline(&picture), findings(&picture), data)
            .cut("blockers", shown, total)
            .cut("waiters", listed, in_all))
    }
}

async fn row_lock_edges(call: &Call, sessions: &Sessions) -> Result<Vec<Edge>, ToolError> {
    let probe = match call.server().await?.flavour {
        Flavour::MySql => &DATA_LOCK_WAITS,
        Flavour::MariaDb => &INNODB_LOCK_WAITS,
    };
    let pairs: Vec<LockRow> = rows(call.want(probe).await?);
    Ok(edges_of(&pairs, sessions))
}

/// Metadata locks from the performance schema; on MariaDB, where that is off by default, from the
/// plugin and the sessions' states.
async fn metadata_edges(call: &Call, sessions: &Sessions) -> Result<Vec<Edge>, ToolError> {
    let server = call.server().await?;
    let stalled: Vec<Stalled<'_>> = sessions
        .all()
        .filter_map(|session| {
            Some(Stalled {
                id: session.id,
                scope: Scope::of_state(session.state.as_deref()?)?,
                statement: session.info.as_deref().unwrap_or_default(),
            })
        })
        .collect();
    let mut locks: Vec<MdlRow> = Vec::new();
    if server.performance_schema || server.flavour == Flavour::MySql {
        locks = rows(call.want(&METADATA_LOCKS).await?);
    }
    if !locks.is_empty() || (stalled.is_empty() && server.performance_schema) {
        return Ok(mdl::edges(&locks));
    }
    match server.flavour {
        Flavour::MariaDb => {
            let granted: Vec<MdlInfoRow> = rows(call.want(&METADATA_LOCK_INFO).await?);
            Ok(mdl::edges_from_granted(&granted, &stalled))
        }
        Flavour::MySql => {
            if server.performance_schema {
                call.missing(
                    "metadata locks",
                    "sessions wait for them and the table is empty",
                    "UPDATE performance_schema.setup_instruments SET ENABLED = 'YES' WHERE NAME = \
                     'wait/lock/metadata/sql/mdl'",
                );
            }
            Ok(Vec::new())
        }
    }
}
