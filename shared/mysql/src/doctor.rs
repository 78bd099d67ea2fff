//! What an instance offers and what its account lacks, for `doctor`.

use std::sync::Arc;
use std::time::Duration;

use mysql_async::prelude::Queryable;
use storex_sources::{Limits, Probe, Server, SourceError};

use crate::errors::set_up_error;
use crate::grants::{Grants, need};
use crate::live::LiveMySql;
use crate::session::Door;

/// How long the server may take to show the grants.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkup {
    /// What the server is.
    pub server: Server,
    /// Whether only the admin port let us in: `max_connections` is used up.
    pub admin_port: bool,
    /// Probes the account may not read, with the grants it lacks.
    pub lacking: Vec<Lacking>,
    /// Probes this flavour or version has no statement for, with what to do instead.
    pub unsupported: Vec<(&'static str, &'static str)>,
    /// Probes of what is switched off, with what to enable.
    pub disabled: Vec<(&'static str, &'static str)>,
}

/// Grants a probe needs and the account does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// The probe.
    pub probe: &'static str,
    /// The grants, as the probe names them.
    pub grants: Vec<&'static str>,
}

impl LiveMySql {
    /// Connects, asks for the account's grants, and compares them with what `probes` need. It
    /// reads none of the probes.
    ///
    /// # Errors
    /// Why the instance cannot be read at all; what single probes lack is in the result.
    pub async fn check(
        &self,
        probes: &[&'static Probe],
        limits: &Limits,
    ) -> Result<Checkup, SourceError> {
        let mut lease = self.pool().check_out(limits, "grants").await?;
        // Without a user it also shows what the roles in force grant.
        let shown = lease.session.conn.query::<String, _>("SHOW GRANTS");
        let lines = match tokio::time::timeout(PATIENCE, shown).await {
            Ok(Ok(lines)) => lines,
            Ok(Err(error)) => return Err(set_up_error(error)),
            Err(_) => {
                return Err(SourceError::TimedOut {
                    probe: "grants",
                    after: PATIENCE,
                });
            }
        };
        let server = Arc::clone(&lease.session.server);
        let admin_port = lease.session.door == Door::Admin;
        self.pool().give_back(lease);
        let grants = Grants::parse(lines.iter().map(String::as_str));
        Ok(examine(&server, admin_port, &grants, probes))
    }
}

fn examine(
    server: &Server,
    admin_port: bool,
    grants: &Grants,
    probes: &[&'static Probe],
) -> Checkup {
    let mut checkup = Checkup {
        server: server.clone(),
        admin_port,
        lacking: Vec::new(),
        unsupported: Vec::new(),
        disabled: Vec::new(),
    };
    for probe in probes {
        let needs = &probe.needs;
        if probe.statement_for(server).is_none() {
            checkup.unsupported.push((probe.name, needs.remedy));
            continue;
        }
        if needs.performance_schema && !server.performance_schema {
            checkup.disabled.push((probe.name, needs.remedy));
        }
        let covered = |text: &str| {
            let need = need(text, server.flavour, server.version);
            need.is_some_and(|need| grants.cover(&need))
        };
        let lacking: Vec<_> = needs
            .grants
            .iter()
            .copied()
            .filter(|text| !covered(text))
            .collect();
        if !lacking.is_empty() {
            checkup.lacking.push(Lacking {
                probe: probe.name,
                grants: lacking,
            });
        }
    }
    checkup
}

#[cfg(test)]
mod tests {
    use storex_sources::{Flavour, Needs, Statement, Vendor, Version};

    use super::*;

    static LOCKS: Probe = Probe {
        name: "data_locks",
        statements: &[Statement::mysql(8, 0, 0, "SELECT 1")],
        row_limit: 1,
        timeout: PATIENCE,
        needs: Needs {
            grants: &["PROCESS ON *.*", "SELECT ON performance_schema.*"],
            performance_schema: true,
            remedy: "set performance_schema=ON",
        },
    };

    fn server(flavour: Flavour, performance_schema: bool) -> Server {
        Server {
            flavour,
            vendor: Vendor::Community,
            version: Version::parse("9.7.4").unwrap(),
            performance_schema,
            read_only: false,
        }
    }

    #[test]
    fn missing_grants_versions_and_switches_are_told_apart() {
        let grants = Grants::parse(["GRANT PROCESS ON *.* TO `storex`@`%`"]);
        let on = examine(&server(Flavour::MySql, true), false, &grants, &[&LOCKS]);
        let lacking = Lacking {
            probe: "data_locks",
            grants: vec!["SELECT ON performance_schema.*"],
        };
        assert_eq!(on.lacking, [lacking]);
        assert!(on.disabled.is_empty() && on.unsupported.is_empty());

        let off = examine(&server(Flavour::MySql, false), false, &grants, &[&LOCKS]);
        assert_eq!(off.disabled, [("data_locks", "set performance_schema=ON")]);

        let other = examine(&server(Flavour::MariaDb, true), false, &grants, &[&LOCKS]);
        assert_eq!(other.unsupported.len(), 1);
        assert!(other.lacking.is_empty());
    }
}
