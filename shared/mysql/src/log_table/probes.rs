//! The statements that read the table.
//!
//! Sources: MySQL Reference Manual, "Selecting General Query Log and Slow Query Log Output
//! Destinations"; MariaDB Knowledge Base, "`mysql.slow_log` Table". What `start_time` is was seen: the end
//! of the statement on MySQL 9.7, its start on MariaDB 10.11. Both write it in the zone of the session
//! that ran the statement and do not say which that was, so it is taken for the server's: a session that
//! set another zone is dated wrongly.

use std::time::Duration;

use storex_sources::{Needs, Probe, Statement};

const NEEDS: Needs = Needs {
    grants: &["SELECT ON mysql.slow_log"],
    performance_schema: false,
    remedy: "let the server log slow statements to a file, and name that in the inventory",
};

/// What an account needs for the log: in an instance's inventory entry, not in a tool's.
pub static LOG_TABLE_PROBES: [&Probe; 3] = [&HEAD, &PAGE, &SURVEY];

/// Whether the server logs to the table, and the first statement in it: the one row that costs nothing.
pub(super) static HEAD: Probe = Probe {
    name: "slow_log_head",
    statements: &[
        Statement::mysql(5, 7, 0, include_str!("head.sql")),
        Statement::mariadb(10, 6, 0, include_str!("head.sql")),
    ],
    row_limit: 1,
    timeout: Duration::from_secs(3),
    needs: NEEDS,
};

/// Statements that ended in a window, in the order in which they were logged, from an offset on.
pub(super) static PAGE: Probe = Probe {
    name: "slow_log_page",
    statements: &[
        Statement::mysql(5, 7, 0, include_str!("page.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("page.mariadb.sql")),
    ],
    row_limit: 20_000,
    timeout: Duration::from_secs(10),
    needs: NEEDS,
};

/// How many statements ended in each minute of a window, the latest first, and their size as text.
pub(super) static SURVEY: Probe = Probe {
    name: "slow_log_survey",
    statements: &[
        Statement::mysql(5, 7, 0, include_str!("survey.mysql.sql")),
        Statement::mariadb(10, 6, 0, include_str!("survey.mariadb.sql")),
    ],
    row_limit: 10_000,
    timeout: Duration::from_secs(10),
    needs: NEEDS,
};
