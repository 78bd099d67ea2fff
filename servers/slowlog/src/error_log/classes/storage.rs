//! Storage: damage, full disks, the redo log, latches, locks.

use storex_tool::Severity;

use super::Class;

pub(super) const INNODB_CORRUPTION: Class = Class {
    id: "innodb_corruption",
    severity: Severity::Critical,
    from: 1,
    codes: &[
        12_519, 12_523, 12_525, 12_531, 12_562, 12_965, 13_535, 14_048, 15_090,
    ],
    any: &[
        "page corruption",
        "corrupted page",
        "Corrupted page",
        "is corrupted",
        "marked as corrupted",
        "database is now corrupt",
    ],
    and: &[],
    what: "InnoDB found data that is damaged",
    names: true,
    source: "ER_IB_MSG_LOG_CORRUPT; Reference Manual, \"Forcing InnoDB Recovery\"",
    next: None,
    remedy: [
        "fail over to a replica and stop writing here; CHECK TABLE what is named; restore it from a backup or copy it out under innodb_force_recovery = 1",
        "innodb_force_recovery of 4 and more can lose data",
        "the time of a restore",
    ],
};

pub(super) const TABLE_CRASHED: Class = Class {
    id: "table_crashed",
    severity: Severity::Warning,
    from: 1,
    codes: &[],
    any: &[
        "is marked as crashed",
        "Incorrect key file for table",
        "marked as crashed and should be repaired",
    ],
    and: &[],
    what: "a table outside InnoDB is damaged",
    names: true,
    source: "ER_CRASHED_ON_USAGE; Reference Manual, \"MyISAM Table Maintenance and Crash Recovery\"",
    next: None,
    remedy: [
        "CHECK TABLE, then REPAIR TABLE; convert it to InnoDB",
        "REPAIR can drop rows: copy the files first",
        "the table is locked meanwhile",
    ],
};

pub(super) const DISK_FULL: Class = Class {
    id: "disk_full",
    severity: Severity::Critical,
    from: 1,
    codes: &[13_133],
    any: &[
        "Disk is full",
        "Disk full",
        "disk is full",
        "No space left on device",
        "errno: 28",
        "Errcode: 28",
        "error number 28",
        "error: 28",
    ],
    and: &[],
    what: "a disk the server writes to was full",
    names: false,
    source: "EE_DISK_FULL; Reference Manual, \"How MySQL Handles a Full Disk\"",
    next: Some("innodb_pressure"),
    remedy: [
        "free space, first from what is not the server's; then PURGE BINARY LOGS a replica has read",
        "a purged log is gone",
        "replicas behind it must be rebuilt",
    ],
};

pub(super) const REDO_LOG_FULL: Class = Class {
    id: "redo_log_full",
    severity: Severity::Warning,
    from: 1,
    codes: &[13_059, 13_062, 13_865, 13_867, 13_934, 14_084, 14_089],
    any: &[
        "The age of the last checkpoint is",
        "insufficient innodb_log_file_size",
    ],
    and: &[],
    what: "writes waited because the redo log was full",
    names: false,
    source: "ER_IB_MSG_LOG_WRITER_WAIT_ON_NEW_LOG_FILE; Reference Manual, \"Configuring Redo Log Capacity\"",
    next: Some("innodb_pressure"),
    remedy: [
        "raise innodb_redo_log_capacity (MariaDB: innodb_log_file_size)",
        "dynamic on MySQL 8.0.30+ and MariaDB 10.9+, can be set back",
        "disk space; a longer crash recovery",
    ],
};

pub(super) const LONG_SEMAPHORE_WAIT: Class = Class {
    id: "long_semaphore_wait",
    severity: Severity::Warning,
    from: 1,
    codes: &[],
    any: &["A long semaphore wait", "A long wait (", "Long wait ("],
    and: &[],
    what: "threads waited minutes for a latch",
    names: false,
    source: "Reference Manual, \"InnoDB Standard Monitor and Lock Monitor Output\"; innodb_fatal_semaphore_wait_threshold",
    next: Some("innodb_pressure"),
    remedy: [
        "look at what holds the latch while it lasts: after 600 s the server ends itself",
        "reading only",
        "nothing",
    ],
};

pub(super) const DEADLOCK: Class = Class {
    id: "deadlock",
    severity: Severity::Warning,
    from: 10,
    codes: &[12_468],
    any: &[
        "deadlock detected, dumping",
        "deadlock found when trying to get lock",
    ],
    and: &[],
    what: "deadlocks were printed",
    names: false,
    source: "innodb_print_all_deadlocks; Reference Manual, \"Deadlocks in InnoDB\"",
    next: Some("innodb_deadlocks"),
    remedy: [
        "see which programs lock in opposite order; retry on error 1213",
        "safe",
        "nothing",
    ],
};

pub(super) const FLUSHING_BEHIND: Class = Class {
    id: "flushing_behind",
    severity: Severity::Warning,
    from: 5,
    codes: &[],
    any: &[
        "page_cleaner: 1000ms intended loop took",
        "double-write buffer flush",
    ],
    and: &[],
    what: "flushing took longer than it should",
    names: false,
    source: "Reference Manual, \"Configuring Buffer Pool Flushing\"",
    next: Some("innodb_pressure"),
    remedy: [
        "compare innodb_io_capacity with what the disk can do",
        "dynamic, can be set back",
        "writes compete with reads",
    ],
};
