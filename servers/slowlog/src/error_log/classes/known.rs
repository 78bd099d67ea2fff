//! The table of classes. The first row an entry fits is its class.
//!
//! Codes and their messages are those of MySQL 9.7 as its `perror` prints them; phrases stand for MySQL
//! before 8.0, which has no codes, and for MariaDB, whose messages are those of 10.11.

use super::{Class, clients, replication, server, storage};

/// Every class, those that matter most first.
pub static KNOWN: &[Class] = &[
    server::HUNG_AND_KILLED_ITSELF,
    server::CRASH,
    server::OUT_OF_MEMORY,
    storage::INNODB_CORRUPTION,
    storage::TABLE_CRASHED,
    storage::DISK_FULL,
    server::DID_NOT_START,
    clients::TOO_MANY_CONNECTIONS,
    server::NO_FILE_HANDLES,
    replication::REPLICA_REFUSED,
    replication::REPLICA_DISCONNECTED,
    replication::REPLICATION_STOPPED,
    replication::CLUSTER_MEMBER_LOST,
    storage::REDO_LOG_FULL,
    storage::LONG_SEMAPHORE_WAIT,
    server::CRASH_RECOVERY,
    clients::HOST_BLOCKED,
    clients::CERTIFICATE,
    clients::ACCESS_DENIED,
    clients::ABORTED_CONNECTIONS,
    clients::CONNECTIONS_KILLED,
    storage::DEADLOCK,
    storage::FLUSHING_BEHIND,
    server::LIMITS_LOWERED,
    clients::NAME_NOT_RESOLVED,
    server::INSECURE_SETTING,
    server::DEPRECATED,
];
