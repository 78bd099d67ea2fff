//! What does not survive a crash.

use super::{Breach, DYNAMIC, RESTART, Rule, View, rule};
use storex_sources::Vendor;

pub(super) const RULES: &[Rule] = &[
    rule(
        "force_recovery",
        "innodb_force_recovery",
        force_recovery,
        (
            "dump what can be read, restore into a fresh server, and start it with innodb_force_recovery = 0",
            RESTART,
            "downtime for the dump and the restore",
        ),
    ),
    rule(
        "redo_log_disabled",
        "innodb_flush_log_at_trx_commit",
        redo_log_disabled,
        (
            "ALTER INSTANCE ENABLE INNODB REDO_LOG",
            "dynamic; needs INNODB_REDO_LOG_ENABLE",
            "redo is written again",
        ),
    ),
    rule(
        "commits_not_flushed",
        "innodb_flush_log_at_trx_commit",
        commits_not_flushed,
        (
            "SET GLOBAL innodb_flush_log_at_trx_commit = 1, and in the configuration",
            DYNAMIC,
            "one flush per group of commits: slower writes on slow disks",
        ),
    ),
    rule(
        "binlog_not_flushed",
        "sync_binlog",
        binlog_not_flushed,
        (
            "SET GLOBAL sync_binlog = 1, and in the configuration",
            DYNAMIC,
            "one flush per group of commits: slower writes on slow disks",
        ),
    ),
    rule(
        "doublewrite_off",
        "innodb_doublewrite",
        doublewrite_off,
        (
            "set innodb_doublewrite = ON in the configuration",
            RESTART,
            "pages are written twice; a few percent on most disks",
        ),
    ),
    rule(
        "page_checksums_off",
        "innodb_checksum_algorithm",
        page_checksums_off,
        (
            "SET GLOBAL innodb_checksum_algorithm = crc32 (MariaDB: full_crc32), and in the configuration",
            DYNAMIC,
            "next to nothing on today's processors",
        ),
    ),
    rule(
        "redo_checksums_off",
        "innodb_log_checksums",
        redo_checksums_off,
        (
            "SET GLOBAL innodb_log_checksums = ON",
            DYNAMIC,
            "next to nothing",
        ),
    ),
    rule(
        "flushing_faked",
        "innodb_flush_method",
        flushing_faked,
        (
            "set innodb_flush_method = O_DIRECT (or fsync) in the configuration",
            RESTART,
            "the flushes the disk really needs",
        ),
    ),
    rule(
        "shutdown_like_a_crash",
        "innodb_fast_shutdown",
        shutdown_like_a_crash,
        (
            "SET GLOBAL innodb_fast_shutdown = 1",
            DYNAMIC,
            "a slower shutdown, a quicker start",
        ),
    ),
];

/// MySQL Reference Manual, "Forcing InnoDB Recovery": 4 and more can permanently corrupt data files.
fn force_recovery(view: &View<'_>) -> Option<Breach> {
    let level = view.number("innodb_force_recovery")?;
    if level >= 4.0 {
        return Some(Breach::critical(
            "parts of recovery are left out and data files can be damaged for good; writes are refused",
        ));
    }
    (level > 0.0).then(|| {
        Breach::warning("InnoDB runs in its mode for rescuing data: damage is passed over, and writes may be refused")
    })
}

/// MySQL Reference Manual, "Disabling Redo Logging": after a crash the whole instance is lost.
fn redo_log_disabled(view: &View<'_>) -> Option<Breach> {
    (view.status.is_on("innodb_redo_log_enabled") == Some(false)).then(|| {
        Breach::critical("but redo logging is disabled: a crash now loses the whole instance")
    })
}

/// MySQL Reference Manual, `innodb_flush_log_at_trx_commit`: 1 is required for full ACID compliance.
fn commits_not_flushed(view: &View<'_>) -> Option<Breach> {
    let value = view.number("innodb_flush_log_at_trx_commit")?;
    if (value - 1.0).abs() < 0.5 {
        return None;
    }
    // MariaDB's 3 flushes as well, in the three steps of its group commit.
    if value > 2.5 {
        return None;
    }
    let crash = if value < 0.5 {
        "a crash of the server"
    } else {
        "a crash of its machine"
    };
    let every = view.number("innodb_flush_log_at_timeout").unwrap_or(1.0);
    Some(Breach::warning(format!(
        "commits are acknowledged before redo is flushed; {crash} loses up to {every} s of them"
    )))
}

/// MySQL Reference Manual, `sync_binlog`: other values than 1 can lose committed transactions from the
/// log. 0 is MariaDB's default: a fact there, not a mistake.
fn binlog_not_flushed(view: &View<'_>) -> Option<Breach> {
    let value = view.number("sync_binlog")?;
    if (value - 1.0).abs() < 0.5 || !view.on("log_bin") {
        return None;
    }
    let flushed = if value < 0.5 {
        "the binary log is not flushed at commit".to_owned()
    } else {
        format!("the binary log is flushed only every {value} commit groups")
    };
    let consequence = format!(
        "{flushed}; after a crash of the machine it can lack transactions the tables have, and replicas then differ"
    );
    Some(if view.changed("sync_binlog") {
        Breach::warning(consequence)
    } else {
        Breach::info(consequence)
    })
}

/// MySQL Reference Manual, "Doublewrite Buffer". Storage that never tears a page makes it needless, and
/// Aurora has such storage.
fn doublewrite_off(view: &View<'_>) -> Option<Breach> {
    if view.server().vendor == Vendor::Aurora {
        return None;
    }
    match view.word("innodb_doublewrite").as_str() {
        "OFF" | "0" | "FALSE" => Some(Breach::warning(
            "a page half written in a crash cannot be repaired, unless the storage writes whole pages",
        )),
        "DETECT_ONLY" => Some(Breach::warning(
            "a page half written in a crash is noticed and cannot be repaired",
        )),
        _ => None,
    }
}

/// MySQL Reference Manual, `innodb_checksum_algorithm`.
fn page_checksums_off(view: &View<'_>) -> Option<Breach> {
    // Aurora's storage checks pages itself.
    if view.server().vendor == Vendor::Aurora {
        return None;
    }
    let value = view.word("innodb_checksum_algorithm");
    ["NONE", "STRICT_NONE"]
        .contains(&value.as_str())
        .then(|| Breach::warning("damage of pages on disk goes unnoticed, and into backups"))
}

/// MySQL Reference Manual, `innodb_log_checksums`.
fn redo_checksums_off(view: &View<'_>) -> Option<Breach> {
    view.off("innodb_log_checksums")
        .then(|| Breach::warning("damage of the redo log goes unnoticed and recovery applies it"))
}

/// MySQL Reference Manual, `innodb_flush_method`: `nosync` and `littlesync` are for testing only.
fn flushing_faked(view: &View<'_>) -> Option<Breach> {
    let value = view.word("innodb_flush_method");
    ["NOSYNC", "LITTLESYNC"].contains(&value.as_str()).then(|| {
        Breach::warning(
            "files are not flushed: a crash of the machine damages data; it is for tests only",
        )
    })
}

/// MySQL Reference Manual, `innodb_fast_shutdown`: 2 is as if MySQL had crashed.
fn shutdown_like_a_crash(view: &View<'_>) -> Option<Breach> {
    (view.number("innodb_fast_shutdown")? > 1.5)
        .then(|| Breach::info("the next shutdown is like a crash, and the start after it recovers"))
}
