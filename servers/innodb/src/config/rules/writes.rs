//! What is not checked, and who cannot write.

use storex_sources::Vendor;

use super::{Breach, DYNAMIC, NEW_SESSIONS, RESTART, Rule, View, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "grants_ignored",
        "skip_grant_tables",
        grants_ignored,
        (
            "FLUSH PRIVILEGES, and remove skip_grant_tables from the configuration",
            DYNAMIC,
            "none",
        ),
    ),
    rule(
        "offline",
        "offline_mode",
        offline,
        (
            "SET GLOBAL offline_mode = OFF",
            DYNAMIC,
            "clients connect again",
        ),
    ),
    rule(
        "innodb_read_only",
        "innodb_read_only",
        innodb_read_only,
        (
            "remove innodb_read_only from the configuration",
            RESTART,
            "downtime of a restart",
        ),
    ),
    rule(
        "read_only_without_source",
        "read_only",
        read_only_without_source,
        (
            "make sure that no other server takes the writes, then SET GLOBAL super_read_only = OFF, read_only = OFF",
            "dynamic; two writable servers of one cluster diverge",
            "none",
        ),
    ),
    rule(
        "replica_writable",
        "read_only",
        replica_writable,
        (
            "SET GLOBAL super_read_only = ON (MariaDB: read_only = ON)",
            "dynamic; applications that write here get errors",
            "none",
        ),
    ),
    rule(
        "sql_mode_lenient",
        "sql_mode",
        sql_mode_lenient,
        (
            "SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',STRICT_TRANS_TABLES'), after testing the applications",
            NEW_SESSIONS,
            "statements that were bent silently now fail",
        ),
    ),
    rule(
        "foreign_keys_unchecked",
        "foreign_key_checks",
        foreign_keys_unchecked,
        (
            "SET GLOBAL foreign_key_checks = ON; look for rows without a parent written meanwhile",
            NEW_SESSIONS,
            "none; rows already there are not checked",
        ),
    ),
    rule(
        "unique_keys_unchecked",
        "unique_checks",
        unique_keys_unchecked,
        (
            "SET GLOBAL unique_checks = ON",
            NEW_SESSIONS,
            "none; rows already there are not checked",
        ),
    ),
    rule(
        "check_constraints_off",
        "check_constraint_checks",
        check_constraints_off,
        (
            "SET GLOBAL check_constraint_checks = ON",
            NEW_SESSIONS,
            "none; rows already there are not checked",
        ),
    ),
    rule(
        "autocommit_off",
        "autocommit",
        autocommit_off,
        (
            "SET GLOBAL autocommit = ON, and look for init_connect and drivers that switch it off",
            NEW_SESSIONS,
            "applications that relied on it commit each statement",
        ),
    ),
    rule(
        "writes_refused",
        "transaction_read_only",
        writes_refused,
        (
            "SET GLOBAL transaction_read_only = OFF (MariaDB before 11.1: tx_read_only)",
            NEW_SESSIONS,
            "none",
        ),
    ),
    rule(
        "chained_transactions",
        "completion_type",
        chained_transactions,
        (
            "SET GLOBAL completion_type = NO_CHAIN",
            NEW_SESSIONS,
            "none",
        ),
    ),
    rule(
        "local_infile_on",
        "local_infile",
        local_infile_on,
        (
            "SET GLOBAL local_infile = OFF where nothing loads files from clients",
            DYNAMIC,
            "LOAD DATA LOCAL fails",
        ),
    ),
    rule(
        "files_anywhere",
        "secure_file_priv",
        files_anywhere,
        (
            "set secure_file_priv to a folder, or to NULL, in the configuration",
            RESTART,
            "exports go there only",
        ),
    ),
    rule(
        "events_off",
        "event_scheduler",
        events_off,
        (
            "SET GLOBAL event_scheduler = ON",
            DYNAMIC,
            "events that are due run at once",
        ),
    ),
];

/// MySQL Reference Manual, `--skip-grant-tables`.
fn grants_ignored(view: &View<'_>) -> Option<Breach> {
    view.on("skip_grant_tables")
        .then(|| Breach::critical("everybody who can connect may do everything"))
}

/// MySQL Reference Manual, `offline_mode`.
fn offline(view: &View<'_>) -> Option<Breach> {
    view.on("offline_mode")
        .then(|| Breach::critical("ordinary accounts are disconnected and refused"))
}

/// MySQL Reference Manual, "Configuring InnoDB for Read-Only Operation". A reader of Aurora is so by
/// nature.
fn innodb_read_only(view: &View<'_>) -> Option<Breach> {
    (view.on("innodb_read_only") && view.server().vendor != Vendor::Aurora)
        .then(|| Breach::warning("every write to an InnoDB table fails"))
}

/// MySQL Reference Manual, `read_only`: meant for replicas. After a failover that stopped half-way no
/// server takes writes.
fn read_only_without_source(view: &View<'_>) -> Option<Breach> {
    (view.on("read_only") && view.channels == Some(0) && view.server().vendor != Vendor::Aurora).then(|| {
        Breach::warning("writes are refused although this server replicates from no other: a failover half done?")
            .possible()
    })
}

/// MySQL Reference Manual, `read_only` and `super_read_only`.
fn replica_writable(view: &View<'_>) -> Option<Breach> {
    (view.is_replica() && view.off("read_only") && view.server().vendor != Vendor::Aurora).then(|| {
        Breach::warning("this replica takes writes of its own: it can drift from its source, and its applier stop")
    })
}

/// MySQL Reference Manual, "Strict SQL Mode".
fn sql_mode_lenient(view: &View<'_>) -> Option<Breach> {
    let mode = view.word("sql_mode");
    (view.settings.get("sql_mode").is_some()
        && !mode.contains("STRICT_")
        && !mode.contains("TRADITIONAL"))
    .then(|| Breach::warning("it is not strict: values too long or out of range are cut silently"))
}

/// MySQL Reference Manual, `foreign_key_checks`.
fn foreign_keys_unchecked(view: &View<'_>) -> Option<Breach> {
    view.off("foreign_key_checks")
        .then(|| Breach::warning("rows without a parent get in, and nothing checks them later"))
}

/// MySQL Reference Manual, `unique_checks`: InnoDB may then take doubled keys into secondary indexes.
fn unique_keys_unchecked(view: &View<'_>) -> Option<Breach> {
    view.off("unique_checks")
        .then(|| Breach::warning("doubled keys can get into unique secondary indexes"))
}

/// MariaDB Knowledge Base, `check_constraint_checks`.
fn check_constraints_off(view: &View<'_>) -> Option<Breach> {
    view.off("check_constraint_checks")
        .then(|| Breach::warning("rows that break a CHECK get in"))
}

/// MySQL Reference Manual, `autocommit`.
fn autocommit_off(view: &View<'_>) -> Option<Breach> {
    view.off("autocommit").then(|| {
        Breach::warning(
            "every new session that reads holds a read view, and one that writes its locks, until it commits",
        )
    })
}

/// MySQL Reference Manual, `transaction_read_only`.
fn writes_refused(view: &View<'_>) -> Option<Breach> {
    view.on("transaction_read_only")
        .then(|| Breach::warning("new sessions cannot write"))
}

/// MySQL Reference Manual, `completion_type`.
fn chained_transactions(view: &View<'_>) -> Option<Breach> {
    view.changed("completion_type")
        .then(|| Breach::warning("COMMIT begins another transaction, or ends the session"))
}

/// MySQL Reference Manual, "Security Considerations for LOAD DATA LOCAL". On is MariaDB's default.
fn local_infile_on(view: &View<'_>) -> Option<Breach> {
    (view.on("local_infile") && view.changed("local_infile"))
        .then(|| Breach::info("LOAD DATA LOCAL works; a server can ask such clients for files"))
}

/// MySQL Reference Manual, `secure_file_priv`: empty means no restriction. Empty is MariaDB's default.
fn files_anywhere(view: &View<'_>) -> Option<Breach> {
    (view.is_mysql() && view.settings.text("secure_file_priv") == Some(""))
        .then(|| Breach::info("accounts with FILE read and write files wherever the server may"))
}

/// MySQL Reference Manual, `event_scheduler`. Off is MariaDB's default.
fn events_off(view: &View<'_>) -> Option<Breach> {
    (view.changed("event_scheduler") && view.word("event_scheduler") != "ON")
        .then(|| Breach::info("scheduled events do not run"))
}
