//! The table of incidents. Another incident is another row: its claim, the flavours it is proved on,
//! and its case.

use std::time::Duration;

use futures::FutureExt;
use serde_json::json;
use storex_testkit::incidents::Kind;
use storex_testkit::{Flavour, Options, PerformanceSchema};

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
    let durable = [
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
