//! The smallest account that can read given probes, as statements an administrator can run.

use std::collections::{BTreeMap, BTreeSet};

use storex_sources::{Flavour, Probe, Version};

use crate::grants::need;

/// The account to create.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// Its name.
    pub user: &'a str,
    /// The host it connects from: `%`, an address or a pattern.
    pub host: &'a str,
    /// Its password, or a placeholder for the administrator to replace.
    pub password: &'a str,
    /// Whether it may connect with TLS only.
    pub require_tls: bool,
    /// Connections it may have at once: the inventory's `max_connections` of
    /// every process that reads the instance, and one more each to kill statements.
    pub max_connections: usize,
    /// Whether it may use MySQL's `admin_port` when `max_connections` is used up (optional;
    /// MariaDB's `extra_port` needs no privilege).
    pub admin_port: bool,
}

/// The statements, without terminators, that create `account` on such a server and let it read
/// `probes`. Killing its own statements needs no privilege.
///
/// Sources: MySQL 8.4 manual, 8.2.2 "Privileges Provided by MySQL" and 7.1.12.1 "Connection
/// Interfaces"; MariaDB knowledge base, "GRANT".
pub fn least_privilege(
    account: &Account<'_>,
    flavour: Flavour,
    version: Version,
    probes: &[&Probe],
) -> Vec<String> {
    let name = format!("{}@{}", quote(account.user), quote(account.host));
    let mut statements = vec![create(account, &name, flavour)];
    let mut by_scope: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    let served = |probe: &&&Probe| {
        let mut statements = probe.statements.iter();
        statements.any(|s| s.flavour == flavour && s.since <= version)
    };
    for text in probes
        .iter()
        .filter(served)
        .flat_map(|probe| probe.needs.grants)
    {
        if let Some(grant) = need(text, flavour, version) {
            by_scope
                .entry(grant.scope)
                .or_default()
                .extend(grant.privileges);
        }
    }
    for (scope, privileges) in by_scope {
        let privileges: Vec<String> = privileges.into_iter().collect();
        statements.push(format!(
            "GRANT {} ON {scope} TO {name}",
            privileges.join(", ")
        ));
    }
    if account.admin_port && flavour == Flavour::MySql {
        statements.push(format!("GRANT SERVICE_CONNECTION_ADMIN ON *.* TO {name}"));
    }
    statements
}

fn create(account: &Account<'_>, name: &str, flavour: Flavour) -> String {
    let identified = match flavour {
        Flavour::MySql => "IDENTIFIED WITH caching_sha2_password BY",
        Flavour::MariaDb => "IDENTIFIED BY",
    };
    let tls = if account.require_tls {
        " REQUIRE SSL"
    } else {
        ""
    };
    format!(
        "CREATE USER {name} {identified} {}{tls} WITH MAX_USER_CONNECTIONS {}",
        quote(account.password),
        account.max_connections
    )
}

/// A string literal, whatever the server's `sql_mode` takes a backslash for.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\\', "\\\\"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use storex_sources::{Needs, Statement};

    use super::*;

    const fn probe(statements: &'static [Statement], grants: &'static [&'static str]) -> Probe {
        Probe {
            name: "p",
            statements,
            row_limit: 1,
            timeout: Duration::from_secs(5),
            needs: Needs {
                grants,
                performance_schema: false,
                remedy: "",
            },
        }
    }

    static BOTH: &[Statement] = &[
        Statement::mysql(8, 0, 0, "SELECT 1"),
        Statement::mariadb(10, 6, 0, "SELECT 1"),
    ];
    static TRX: Probe = probe(BOTH, &["PROCESS ON *.*"]);
    static REPLICA: Probe = probe(BOTH, &["REPLICATION CLIENT ON *.*"]);
    static LOCKS: Probe = probe(
        &[Statement::mysql(8, 0, 0, "SELECT 1")],
        &["SELECT ON performance_schema.*", "PROCESS ON *.*"],
    );
    const ACCOUNT: Account<'_> = Account {
        user: "storex",
        host: "%",
        password: "it's",
        require_tls: true,
        max_connections: 3,
        admin_port: true,
    };

    fn statements(flavour: Flavour, version: &str) -> Vec<String> {
        let version = Version::parse(version).unwrap();
        least_privilege(&ACCOUNT, flavour, version, &[&TRX, &LOCKS, &REPLICA, &TRX])
    }

    #[test]
    fn mysql_gets_one_grant_per_scope() {
        assert_eq!(
            statements(Flavour::MySql, "9.7.4"),
            [
                "CREATE USER 'storex'@'%' IDENTIFIED WITH caching_sha2_password BY 'it''s' \
                 REQUIRE SSL WITH MAX_USER_CONNECTIONS 3",
                "GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'storex'@'%'",
                "GRANT SELECT ON performance_schema.* TO 'storex'@'%'",
                "GRANT SERVICE_CONNECTION_ADMIN ON *.* TO 'storex'@'%'",
            ]
        );
    }

    #[test]
    fn mariadb_gets_its_own_words_and_nothing_for_probes_it_does_not_serve() {
        assert_eq!(
            statements(Flavour::MariaDb, "10.11.6"),
            [
                "CREATE USER 'storex'@'%' IDENTIFIED BY 'it''s' \
                 REQUIRE SSL WITH MAX_USER_CONNECTIONS 3",
                "GRANT PROCESS, REPLICATION CLIENT, SLAVE MONITOR ON *.* TO 'storex'@'%'",
            ]
        );
    }
}
