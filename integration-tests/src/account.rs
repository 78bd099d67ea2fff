//! The account the product asks for, made on a server as an administrator would.

use anyhow::{Context, Result};
use mysql_async::prelude::Queryable;
use storex_mysql::{Account, least_privilege};
use storex_sources::{Probe, Version};
use storex_testkit::{Flavour, MySqlServer, accounts};
use tempfile::NamedTempFile;

use crate::Instance;

/// An account with exactly the grants the product prints, and its password in a file.
pub struct LeastAccount {
    statements: Vec<String>,
    secret: NamedTempFile,
}

impl LeastAccount {
    /// Its name.
    pub const USER: &str = "storex";
    /// Its password.
    pub const PASSWORD: &str = "l3ast-pr1vilege";

    /// Creates it with room for so many connections.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn create(server: &MySqlServer, connections: usize) -> Result<Self> {
        let mut root = server.root().await?;
        let version: String = root
            .query_first("SELECT VERSION()")
            .await?
            .context("no version")?;
        root.disconnect().await?;
        let flavour = match server.flavour() {
            Flavour::Mysql97 => storex_sources::Flavour::MySql,
            Flavour::Mariadb1011 => storex_sources::Flavour::MariaDb,
        };
        let account = Account {
            user: Self::USER,
            host: "127.0.0.1",
            password: Self::PASSWORD,
            require_tls: false,
            max_connections: connections,
            admin_port: true,
        };
        let version = Version::parse(&version).context("the version cannot be read")?;
        let statements = least_privilege(&account, flavour, version, &probes());
        let each: Vec<&str> = statements.iter().map(String::as_str).collect();
        accounts::create_monitoring_account(server, &each).await?;
        let secret = NamedTempFile::new()?;
        std::fs::write(secret.path(), Self::PASSWORD)?;
        Ok(Self { statements, secret })
    }

    /// The statements that made it.
    pub fn statements(&self) -> &[String] {
        &self.statements
    }

    /// An entry of the inventory that reads the server with it.
    pub fn instance(&self, name: &str, server: &MySqlServer) -> Instance {
        Instance::with(
            name,
            &format!(
                "address = \"127.0.0.1:{}\"\nadmin_port = {}\nuser = \"{}\"\n\
                 password = {{ file = \"{}\" }}\ntls = \"off\"",
                server.port(),
                server.admin_port(),
                Self::USER,
                self.secret.path().display()
            ),
        )
    }
}

/// Every probe of every tool, each once.
pub fn probes() -> Vec<&'static Probe> {
    let mut probes: Vec<&'static Probe> = Vec::new();
    let rows = storex::DOMAINS.iter().flat_map(|domain| domain.tools);
    for probe in rows.flat_map(|row| row.spec.probes) {
        if !probes.iter().any(|known| std::ptr::eq(*known, *probe)) {
            probes.push(probe);
        }
    }
    probes
}
