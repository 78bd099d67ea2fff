//! What a person can do about a thread that stopped, by error number: step, safety, cost. Pure.

/// MySQL Error Message Reference; MySQL Reference Manual, "Troubleshooting Replication".
pub(super) fn way_out_of_applier(number: u64) -> (&'static str, &'static str, &'static str) {
    const COMPARE: &str = "compare the row on both servers, make this one as the source had it before, then \
                           START REPLICA";
    const REBUILD: &str = "if more than a few rows differ, rebuild this replica from the source";
    match number {
        // Duplicate key, and a row that is not there.
        1062 | 1032 => (
            COMPARE,
            "safe while nobody else writes here; do not skip the transaction: the data would differ for good",
            REBUILD,
        ),
        // Lock wait time-out and deadlock, once the retries are used up.
        1205 | 1213 => (
            "end what holds the lock (innodb_lock_waits), then START REPLICA",
            "safe: the transaction is applied again from its beginning",
            "whoever held the lock is rolled back if killed",
        ),
        // No such table, column, database; a key that cannot be dropped; a type that does not convert.
        1146 | 1054 | 1049 | 1051 | 1050 | 1060 | 1061 | 1091 | 1677 | 13_146 => (
            "compare SHOW CREATE TABLE on both servers and repair the definition here, then START REPLICA",
            "safe where the definition is made as on the source",
            "a schema change on a large table takes as long here as there",
        ),
        // A relay log that cannot be read.
        1594 | 13_121 => (
            "STOP REPLICA, RESET REPLICA (it keeps the source's address with GTID), START REPLICA",
            "safe with GTID: what has been applied is known; without it note the executed position first",
            "received transactions are fetched again",
        ),
        _ => (
            "remove the cause the message names, then START REPLICA",
            "safe; do not skip the transaction: the data would differ for good",
            REBUILD,
        ),
    }
}

/// MySQL Error Message Reference, server and client errors.
pub(super) fn way_out_of_receiver(number: u64) -> (&'static str, &'static str, &'static str) {
    match number {
        // Access denied, password expired, plugin needs a secure connection, no privilege.
        1044 | 1045 | 1227 | 1820 | 1862 | 2059 | 2061 => (
            "test the replication account on the source by hand; then STOP REPLICA, CHANGE REPLICATION SOURCE TO \
             SOURCE_PASSWORD (MariaDB: CHANGE MASTER TO MASTER_PASSWORD), START REPLICA",
            "safe: positions are kept",
            "none",
        ),
        2026 => (
            "compare what both sides require of TLS: certificates, versions, SOURCE_SSL",
            "safe",
            "none",
        ),
        2002 | 2003 | 2005 | 2006 | 2013 => (
            "see whether the source runs and its port can be reached from this host; the receiver tries again by \
             itself until its retries are used up",
            "safe",
            "none",
        ),
        // The source no longer has what is asked for, or the histories differ.
        1236 | 13_114 => (
            "see in the message whether binary logs were purged or histories differ: clone this replica anew, or \
             point it to a server that still has them",
            "cloning replaces all data here; never start from a later position, which loses transactions",
            "hours for a large server, and load on the donor",
        ),
        // A server with the same id or UUID.
        1593 | 13_117 => (
            "give this server its own server_id and server_uuid (remove auto.cnf of a copied data folder)",
            "needs a restart",
            "a restart",
        ),
        _ => (
            "remove the cause the message names, then START REPLICA",
            "safe: positions are kept",
            "none",
        ),
    }
}
