//! Replication and clusters.

use storex_tool::Severity;

use super::Class;

pub(super) const REPLICA_REFUSED: Class = Class {
    id: "replica_refused",
    severity: Severity::Critical,
    from: 1,
    codes: &[],
    any: &[
        "Slave I/O",
        "Replica I/O",
        "connecting to source",
        "connecting to master",
    ],
    and: &[
        "Access denied",
        "Authentication",
        "authentication",
        "Error_code: MY-001045",
        "Error_code: 1045",
    ],
    what: "the source refused the replica's account",
    names: false,
    source: "Reference Manual, \"Troubleshooting Replication\"",
    next: Some("innodb_replication"),
    remedy: [
        "check user, password and TLS of the replication channel on both sides",
        "safe",
        "nothing",
    ],
};

pub(super) const REPLICA_DISCONNECTED: Class = Class {
    id: "replica_disconnected",
    severity: Severity::Warning,
    from: 3,
    codes: &[10_557, 11_027, 13_679],
    any: &[
        "error connecting to source",
        "error connecting to master",
        "error reconnecting to",
        "Error reading packet from server",
        "Slave I/O: Got fatal error",
    ],
    and: &[],
    what: "a replica lost its source",
    names: false,
    source: "ER_RPL_REPLICA_ERROR_READING_FROM_SERVER; Reference Manual, \"Troubleshooting Replication\"",
    next: Some("innodb_replication"),
    remedy: [
        "check the network path and whether the source restarted",
        "reading only",
        "nothing",
    ],
};

pub(super) const REPLICATION_STOPPED: Class = Class {
    id: "replication_stopped",
    severity: Severity::Critical,
    from: 1,
    codes: &[10_584, 10_586, 13_114, 13_115, 13_117],
    any: &[
        "Slave SQL: Error",
        "Slave SQL: Could not execute",
        "slave SQL thread aborted",
        "Slave: ",
    ],
    and: &[],
    what: "applying replicated changes failed",
    names: true,
    source: "ER_RPL_REPLICA_ERROR_INFO_FROM_DA; Reference Manual, \"Troubleshooting Replication\"",
    next: Some("innodb_replication"),
    remedy: [
        "find out why the data differ before skipping anything; rebuild the replica when in doubt",
        "skipping a transaction makes the data differ for good",
        "time of a rebuild",
    ],
};

pub(super) const CLUSTER_MEMBER_LOST: Class = Class {
    id: "cluster_member_lost",
    severity: Severity::Critical,
    from: 1,
    codes: &[
        11_452, 11_493, 11_495, 11_496, 11_504, 11_505, 11_522, 11_620, 11_711,
    ],
    any: &[
        "WSREP: Node consistency compromised",
        "no nodes coming from prim view",
    ],
    and: &[],
    what: "a member was cut off from its cluster, or the cluster from its majority",
    names: false,
    source: "ER_GRP_RPL_MEMBER_EXPELLED; Reference Manual, \"Group Replication\"",
    next: Some("innodb_replication"),
    remedy: [
        "check the network between the members and what stalled the one that left",
        "reading only",
        "nothing",
    ],
};
