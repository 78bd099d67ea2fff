//! The server itself: crashes, starts, limits of the host, settings.

use storex_tool::Severity;

use super::Class;

pub(super) const HUNG_AND_KILLED_ITSELF: Class = Class {
    id: "hung_and_killed_itself",
    severity: Severity::Critical,
    from: 1,
    codes: &[12_872],
    any: &[
        "Semaphore wait has lasted >",
        "innodb_fatal_semaphore_wait_threshold was exceeded",
    ],
    and: &[],
    what: "InnoDB waited for a latch so long that the server ended itself",
    names: false,
    source: "ER_IB_MSG_1047; Reference Manual, innodb_fatal_semaphore_wait_threshold",
    next: Some("innodb_pressure"),
    remedy: [
        "find what held the latch: a stalled disk, a huge purge or a known bug of this version; the monitor printed above the entry names it",
        "reading only",
        "nothing",
    ],
};

pub(super) const CRASH: Class = Class {
    id: "crash",
    severity: Severity::Critical,
    from: 1,
    codes: &[11_067],
    any: &[
        " got signal ",
        " got exception ",
        "Assertion failure",
        "[FATAL]",
    ],
    and: &[],
    what: "the server crashed",
    names: false,
    source: "Reference Manual, \"If MySQL Crashes Repeatedly\"; Knowledge Base, \"How to Produce a Full Stack Trace\"",
    next: None,
    remedy: [
        "look the top frames of the backtrace up in the release notes of later versions; check memory and disk of the host; upgrade within the series",
        "an upgrade within a series can mostly be taken back",
        "a restart",
    ],
};

pub(super) const OUT_OF_MEMORY: Class = Class {
    id: "out_of_memory",
    severity: Severity::Critical,
    from: 1,
    codes: &[10_089, 10_090, 10_134, 10_934, 10_935, 12_956, 13_250],
    any: &[
        "Out of memory",
        "out of memory",
        "Cannot allocate memory",
        "Cannot allocate ",
        "could not allocate memory",
    ],
    and: &[],
    what: "the server was refused memory",
    names: false,
    source: "ER_SERVER_OUTOFMEMORY; Reference Manual, \"Out of memory\"",
    next: Some("innodb_config"),
    remedy: [
        "compare buffer pool, per-session buffers times connections, and other programs with the memory of the host; then lower innodb_buffer_pool_size",
        "dynamic, can be set back",
        "more reads from disk",
    ],
};

pub(super) const DID_NOT_START: Class = Class {
    id: "did_not_start",
    severity: Severity::Critical,
    from: 1,
    codes: &[10_020, 10_119, 10_262, 10_334],
    any: &[
        "Can't start server",
        "Failed to initialize DD Storage Engine",
        "unknown variable",
        "unknown option",
        "Can't init tc log",
        "registration as a STORAGE ENGINE failed",
        "Unknown/unsupported storage engine",
    ],
    and: &[],
    what: "the server gave up while starting",
    names: false,
    source: "ER_ABORTING; Reference Manual, \"Troubleshooting Problems Starting the MySQL Server\"",
    next: None,
    remedy: [
        "read the errors before it: a setting this version does not know, a port taken, files of another owner",
        "reading only",
        "nothing",
    ],
};

pub(super) const NO_FILE_HANDLES: Class = Class {
    id: "no_file_handles",
    severity: Severity::Critical,
    from: 1,
    codes: &[],
    any: &["Too many open files", "errno: 24", "Errcode: 24"],
    and: &[],
    what: "the server had no file handle left",
    names: false,
    source: "EE_OUT_OF_FILERESOURCES; Reference Manual, \"File Not Found and Similar Errors\"",
    next: Some("innodb_pressure"),
    remedy: [
        "raise the limit of the service (LimitNOFILE) and open_files_limit",
        "safe",
        "a restart",
    ],
};

pub(super) const CRASH_RECOVERY: Class = Class {
    id: "crash_recovery",
    severity: Severity::Info,
    from: 0,
    codes: &[10_231, 10_855, 12_551, 12_552],
    any: &[
        "Starting crash recovery",
        "was not shutdown normally",
        "Recovering after a crash",
    ],
    and: &[],
    what: "InnoDB recovered at start",
    names: false,
    source: "ER_IB_MSG_726; Reference Manual, \"InnoDB Recovery\"",
    next: None,
    remedy: ["", "", ""],
};

pub(super) const LIMITS_LOWERED: Class = Class {
    id: "limits_lowered",
    severity: Severity::Info,
    from: 1,
    codes: &[10_139, 10_140, 10_141, 10_142],
    any: &[
        "Changed limits: ",
        "Could not increase number of max_open_files",
    ],
    and: &[],
    what: "the server starts with lower limits than configured",
    names: false,
    source: "ER_CHANGED_MAX_OPEN_FILES; Reference Manual, open_files_limit",
    next: None,
    remedy: [
        "raise the limit of the service (LimitNOFILE)",
        "safe",
        "a restart",
    ],
};

pub(super) const INSECURE_SETTING: Class = Class {
    id: "insecure_setting",
    severity: Severity::Info,
    from: 0,
    codes: &[10_068, 10_069, 10_097, 11_810, 13_595],
    any: &["Insecure configuration for", "is self signed"],
    and: &[],
    what: "settings are weaker than they could be",
    names: false,
    source: "ER_SEC_FILE_PRIV_EMPTY; Reference Manual, \"Making MySQL Secure Against Attackers\"",
    next: None,
    remedy: ["", "", ""],
};

pub(super) const DEPRECATED: Class = Class {
    id: "deprecated",
    severity: Severity::Info,
    from: 0,
    codes: &[
        10_086, 10_918, 11_068, 11_069, 11_070, 13_242, 13_243, 13_244, 13_360, 13_907,
    ],
    any: &["is deprecated"],
    and: &[],
    what: "something in use will be removed",
    names: false,
    source: "ER_WARN_DEPRECATED_SYNTAX; Reference Manual, \"What Is New\"",
    next: None,
    remedy: ["", "", ""],
};
