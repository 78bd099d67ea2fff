//! The table of incidents. Another incident is another row: its claim, the flavours it is proved on,
//! and its case.

use std::time::Duration;

use futures::FutureExt;
use serde_json::json;
use storex_testkit::incidents::Kind;
use storex_testkit::incidents::replication_lag::{self, Table};
use storex_testkit::{Flavour, Options, PerformanceSchema, Place};

use super::{Case, Expected, Incident, Part, Stage};

/// What names a session to an engineer: its connection, its account and its program.
const SESSION: [Part; 3] = [Part::Connection, Part::User, Part::Program];

/// The table, handed to a macro: the tests make a test of each claim on each flavour.
#[macro_export]
macro_rules! every_incident {
    ($then:ident) => {
        $then! {
            the_idle_holder_of_a_hot_row_is_named on mysql mariadb: Case {
                name: Kind::HotRow.name(),
                stage: |flavour| Stage::alone(flavour, recording(flavour)),
                cause: |stage| Kind::HotRow.start(stage.server()).boxed(),
                tool: "innodb_lock_waits",
                arguments: || json!({}),
                ripens: Duration::from_secs(3),
                expected: Expected {
                    findings: &["idle_blocker"],
                    names: &[Part::Connection, Part::User, Part::Program, Part::Object],
                },
            };
            the_holder_behind_a_queued_schema_change_is_named on mysql mariadb: Case {
                name: Kind::MdlPileup.name(),
                stage: |flavour| Stage::alone(flavour, recording(flavour)),
                cause: |stage| Kind::MdlPileup.start(stage.server()).boxed(),
                tool: "innodb_lock_waits",
                arguments: || json!({}),
                ripens: Duration::from_secs(3),
                expected: Expected {
                    findings: &["idle_metadata_lock_holder"],
                    names: &[Part::Connection, Part::User, Part::Program, Part::Object],
                },
            };
            the_holder_of_the_oldest_read_view_is_named on mysql mariadb: Case {
                name: Kind::LongReadView.name(),
                stage: |flavour| Stage::alone(flavour, recording(flavour)),
                cause: |stage| Kind::LongReadView.start(stage.server()).boxed(),
                tool: "innodb_transactions",
                arguments: || json!({}),
                // A younger read view is a statement at work.
                ripens: Duration::from_secs(12),
                expected: Expected {
                    findings: &["purge_held_by_read_view"],
                    names: &SESSION,
                },
            };
            both_parties_of_a_deadlock_storm_are_named on mysql mariadb: Case {
                name: Kind::DeadlockStorm.name(),
                stage: |flavour| Stage::alone(flavour, recording(flavour)),
                cause: |stage| Kind::DeadlockStorm.start(stage.server()).boxed(),
                tool: "innodb_deadlocks",
                arguments: || json!({}),
                ripens: Duration::from_secs(2),
                expected: Expected {
                    findings: &["deadlock_storm"],
                    names: &[Part::User, Part::Program, Part::Object],
                },
            };
            the_scan_that_floods_a_shrunk_buffer_pool_is_named on mysql mariadb: Case {
                name: Kind::BufferPoolThrash.name(),
                stage: |flavour| Stage::alone(flavour, recording(flavour)),
                cause: |stage| Kind::BufferPoolThrash.start(stage.server()).boxed(),
                tool: "innodb_pressure",
                arguments: || json!({}),
                ripens: Duration::from_secs(2),
                expected: Expected {
                    findings: &["scan_floods_buffer_pool"],
                    names: &[Part::User, Part::Program, Part::Word(&["sales_history"])],
                },
            };
            a_tiny_redo_log_and_its_writer_are_named on mysql mariadb: Case {
                name: Kind::RedoSmall.name(),
                stage: |flavour| Stage::alone(flavour, recording(flavour)),
                cause: |stage| Kind::RedoSmall.start(stage.server()).boxed(),
                tool: "innodb_pressure",
                arguments: || json!({}),
                ripens: Duration::from_secs(2),
                expected: Expected {
                    findings: &["redo_log_too_small"],
                    names: &[Part::User, Part::Program, Part::Word(&["sales_history"])],
                },
            };
            the_report_whose_temporary_tables_spill_is_named on mysql mariadb: Case {
                name: Kind::TempTableSpill.name(),
                stage: |flavour| Stage::alone(flavour, recording(flavour)),
                cause: |stage| Kind::TempTableSpill.start(stage.server()).boxed(),
                tool: "innodb_pressure",
                arguments: || json!({}),
                ripens: Duration::from_secs(2),
                expected: Expected {
                    findings: &["temporary_tables_spill"],
                    names: &[Part::User, Part::Program, Part::Object],
                },
            };
            the_report_that_fills_the_memory_of_all_temporary_tables_is_named on mysql: Case {
                name: Kind::TempTableMaxRam.name(),
                stage: |flavour| Stage::alone(flavour, recording(flavour)),
                cause: |stage| Kind::TempTableMaxRam.start(stage.server()).boxed(),
                tool: "innodb_pressure",
                arguments: || json!({}),
                ripens: Duration::from_secs(2),
                expected: Expected {
                    findings: &["temptable_max_ram_full"],
                    names: &[Part::User, Part::Program, Part::Object],
                },
            };
            the_batch_that_commits_row_by_row_is_named on mysql mariadb: Case {
                name: Kind::FsyncCommits.name(),
                stage: |flavour| Stage::alone(flavour, Options {
                    binlog: true,
                    place: Place::Disk,
                    ..recording(flavour)
                }),
                cause: |stage| Kind::FsyncCommits.start(stage.server()).boxed(),
                tool: "innodb_pressure",
                arguments: || json!({}),
                ripens: Duration::from_secs(2),
                expected: Expected {
                    findings: &["tiny_transactions", "commits_wait_for_disk"],
                    names: &[Part::User, Part::Program, Part::Word(&["archive"])],
                },
            };
            the_program_that_leaks_connections_is_named on mysql mariadb: Case {
                name: Kind::ConnectionStorm.name(),
                stage: |flavour| Stage::alone(flavour, Options {
                    max_connections: Some(40),
                    ..recording(flavour)
                }),
                cause: |stage| Kind::ConnectionStorm.start(stage.server()).boxed(),
                tool: "innodb_pressure",
                arguments: || json!({}),
                ripens: Duration::from_secs(2),
                expected: Expected {
                    findings: &["idle_connections_use_up_the_limit"],
                    names: &[Part::User, Part::Program],
                },
            };
            a_full_disk_under_the_binary_log_is_told on mysql mariadb: Case {
                name: Kind::BinlogDiskFull.name(),
                stage: |flavour| Stage::with_small_disk(flavour, recording(flavour)),
                cause: |stage| Kind::BinlogDiskFull.start(stage.server()).boxed(),
                tool: "innodb_pressure",
                arguments: || json!({}),
                ripens: Duration::from_secs(2),
                expected: Expected {
                    findings: &["disk_full", "commits_hang"],
                    names: &[Part::Word(&["binary log", "binlog"])],
                },
            };
            the_transaction_a_replica_is_behind_with_is_named on mysql mariadb: Case {
                name: "replication_lag",
                stage: |flavour| Stage::with_replica(flavour, recording(flavour)),
                cause: |stage| async move {
                    replication_lag::start(stage.server(), stage.replica()?, Table::Large).await
                }.boxed(),
                tool: "innodb_replication",
                arguments: || json!({}),
                // The replica is at work on it already, and done within seconds.
                ripens: Duration::ZERO,
                expected: Expected {
                    findings: &["big_transaction_applying"],
                    names: &[Part::Object],
                },
            };
            the_table_a_replica_searches_for_each_row_is_named on mysql mariadb: Case {
                name: "replication_lag_no_key",
                stage: |flavour| Stage::with_replica(flavour, recording(flavour)),
                cause: |stage| async move {
                    replication_lag::start(stage.server(), stage.replica()?, Table::WithoutKey).await
                }.boxed(),
                tool: "innodb_replication",
                arguments: || json!({}),
                ripens: Duration::from_secs(4),
                expected: Expected {
                    findings: &["big_transaction_applying", "table_without_primary_key"],
                    names: &[Part::Object],
                },
            };
            a_setting_that_switches_plans_is_named on mysql mariadb: Case {
                name: Kind::PlanSwitch.name(),
                stage: |flavour| Stage::alone(flavour, recording(flavour)),
                cause: |stage| Kind::PlanSwitch.start(stage.server()).boxed(),
                tool: "innodb_config",
                arguments: || json!({}),
                ripens: Duration::from_secs(3),
                expected: Expected {
                    findings: &["plan_switch"],
                    names: &[Part::Word(&["index_merge"]), Part::Word(&["orders"])],
                },
            };
        }
    };
}

macro_rules! rows {
    ($($claim:ident on $($flavour:ident)+: $case:expr;)+) => {
        /// Every incident.
        pub static INCIDENTS: &[Incident] = &[$(Incident {
            claim: stringify!($claim),
            flavours: &[$(flavour(stringify!($flavour))),+],
            case: $case,
        }),+];
    };
}

every_incident!(rows);

/// A server as it should be: its performance schema records all that tools can use, commits are durable,
/// and its redo log has room. The kit's own is a toy that forgets, and tools rightly say so.
fn recording(flavour: Flavour) -> Options {
    let redo = match flavour {
        Flavour::Mysql97 => "--innodb-redo-log-capacity=128M",
        Flavour::Mariadb1011 => "--innodb-log-file-size=128M",
    };
    // As a team that looks after it has it: slow statements are logged, with all that can be told.
    let logging = match flavour {
        Flavour::Mysql97 => "--log-slow-extra=ON",
        Flavour::Mariadb1011 => "--log-slow-verbosity=query_plan",
    };
    let durable = [
        "--slow-query-log=ON",
        "--long-query-time=1",
        logging,
        "--innodb-flush-log-at-trx-commit=1",
        "--innodb-doublewrite=ON",
        "--sync-binlog=1",
    ];
    Options {
        performance_schema: PerformanceSchema::Full,
        extra_args: [redo]
            .into_iter()
            .chain(durable)
            .map(str::to_owned)
            .collect(),
        ..Options::default()
    }
}

const fn flavour(name: &str) -> Flavour {
    match name.as_bytes() {
        b"mariadb" => Flavour::Mariadb1011,
        _ => Flavour::Mysql97,
    }
}
