//! The reads of `innodb_replication`.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use storex_sources::{Flavour, Probe, Vendor};
use storex_tool::{Call, ToolError};

use super::rows;
use crate::mdl::MdlInfoRow;
use crate::probes::replication::{
    APPLIER_METADATA_LOCKS, AURORA_REPLICAS, CONNECTED_REPLICAS, GROUP_MEMBERS,
    INNODB_TABLES_WITHOUT_KEY, REPLICA_STATUS, REPLICATION_CHANNELS, REPLICATION_GTIDS,
    REPLICATION_THREADS, REPLICATION_WORKERS,
};
use crate::probes::{INNODB_TRX, METADATA_LOCK_INFO};
use crate::replication::applying::{Applying, add_keys, add_locks, add_table};
use crate::replication::progress::Progress;
use crate::replication::rows::{AuroraRow, GtidRow, MemberRow, TableRow, ThreadRow};
use crate::replication::sample::Sample;

/// One round of reads, and when it was made.
pub(super) async fn sample(call: &Call) -> Result<(Sample, Timestamp), ToolError> {
    let server = call.server().await?;
    let in_performance_schema = server.flavour == Flavour::MySql && server.performance_schema;
    let gtids = call.want::<GtidRow>(&REPLICATION_GTIDS).await?;
    let read_at = gtids
        .as_ref()
        .map_or_else(|| call.now(), |sample| sample.read_at);
    let mut sample = Sample {
        status: read(call, &REPLICA_STATUS).await?,
        gtids: rows(gtids).into_iter().next().unwrap_or_default(),
        ..Sample::default()
    };
    if in_performance_schema {
        sample.channels = read(call, &REPLICATION_CHANNELS).await?;
        sample.workers = read(call, &REPLICATION_WORKERS).await?;
    } else {
        sample.threads = read(call, &REPLICATION_THREADS).await?;
    }
    sample.transactions = read(call, &INNODB_TRX).await?;
    Ok((sample, read_at))
}

async fn read<T: DeserializeOwned>(
    call: &Call,
    probe: &'static Probe,
) -> Result<Vec<T>, ToolError> {
    Ok(rows(call.want(probe).await?))
}

/// Who else takes part.
pub(super) struct Around {
    /// Threads that send the binary log to replicas.
    pub(super) replicas: Vec<ThreadRow>,
    /// Members of the group.
    pub(super) members: Vec<MemberRow>,
    /// Instances of the Aurora cluster.
    pub(super) readers: Vec<AuroraRow>,
}

impl Around {
    /// Whether nobody does.
    pub(super) fn is_alone(&self) -> bool {
        self.replicas.is_empty() && self.members.is_empty() && self.readers.len() < 2
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.replicas.len() + self.members.len() + self.readers.len()
    }

    /// What the server is to the others.
    pub(super) fn role(&self, has_channels: bool) -> &'static str {
        match (has_channels, self.replicas.is_empty()) {
            _ if !self.members.is_empty() => "group",
            (true, true) => "replica",
            (true, false) => "both",
            (false, false) => "source",
            (false, true) if self.readers.len() > 1 => "aurora",
            (false, true) => "none",
        }
    }
}

/// Reads who else takes part, by the means this server has.
pub(super) async fn around(call: &Call, sample: &Sample) -> Result<Around, ToolError> {
    let server = call.server().await?;
    let in_performance_schema = server.flavour == Flavour::MySql && server.performance_schema;
    let (replicas, members) = if in_performance_schema {
        (
            read(call, &CONNECTED_REPLICAS).await?,
            read(call, &GROUP_MEMBERS).await?,
        )
    } else {
        let senders = sample.threads.iter().filter(|thread| thread.sends());
        let replicas = senders.cloned().collect();
        // Only the performance schema shows a group; without it the coverage says so.
        let members = match server.flavour {
            Flavour::MySql => read(call, &GROUP_MEMBERS).await?,
            Flavour::MariaDb => Vec::new(),
        };
        (replicas, members)
    };
    let readers = match server.vendor {
        Vendor::Aurora => read(call, &AURORA_REPLICAS).await?,
        _ => Vec::new(),
    };
    Ok(Around {
        replicas,
        members,
        readers,
    })
}

/// Adds to transactions that take long which tables they change, what they wait for, and whether
/// a key names the tables' rows.
pub(super) async fn add_tables(call: &Call, progress: &mut [Progress]) -> Result<(), ToolError> {
    let slow = |applying: &&mut Applying| applying.long || applying.waits();
    let mut at_work: Vec<&mut Applying> = progress
        .iter_mut()
        .flat_map(|progress| progress.channel.applying.iter_mut())
        .filter(slow)
        .collect();
    if at_work.is_empty() {
        return Ok(());
    }
    let server = call.server().await?;
    if server.performance_schema {
        let locks = read(call, &APPLIER_METADATA_LOCKS).await?;
        for applying in &mut at_work {
            add_locks(std::slice::from_mut(applying), &locks);
        }
    } else if server.flavour == Flavour::MariaDb {
        let granted: Vec<MdlInfoRow> = read(call, &METADATA_LOCK_INFO).await?;
        for applying in &mut at_work {
            for lock in &granted {
                if let (Some(schema), Some(name)) = (&lock.object_schema, &lock.object_name)
                    && applying.thread == Some(lock.id)
                    && lock.object_type.as_deref() == Some("Table metadata lock")
                {
                    add_table(applying, schema, name, None);
                }
            }
        }
    }
    let unknown = |applying: &&mut Applying| !applying.tables.is_empty();
    if server.flavour == Flavour::MariaDb && at_work.iter().any(unknown) {
        let listed = call.want::<TableRow>(&INNODB_TABLES_WITHOUT_KEY).await?;
        if let Some(without_key) = listed.filter(|listed| !listed.truncated) {
            for applying in at_work {
                add_keys(applying, &without_key.rows);
            }
        }
    }
    Ok(())
}
