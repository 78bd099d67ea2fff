//! Opening a connection: the main port, then the admin port where connections are used up.

use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use mysql_async::{Conn, Opts, OptsBuilder, SslOpts};
use storex_fleet::{Address, MySqlEndpoint, SecretText, Tls};
use storex_sources::SourceError;
use tokio::time::timeout;

use crate::breaker::Breaker;
use crate::errors::{connect_error, presented_names, unreachable};
use crate::pool::Counted;
use crate::query::MAX_TOTAL_BYTES;
use crate::session::{Door, Session};
use crate::settings::Settings;

/// Prepared statements kept per connection.
const STATEMENTS_KEPT: usize = 16;
/// When the kernel starts asking a silent peer whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Opens connections to one instance.
pub(crate) struct Connector {
    endpoint: MySqlEndpoint,
    pub(crate) breaker: Breaker,
    /// A name the server's certificate carries, once learnt (see [`Connector::accept_any_name`]).
    certificate_name: Mutex<Option<String>>,
}

impl Connector {
    pub(crate) fn new(endpoint: MySqlEndpoint) -> Self {
        // With more than one cryptography provider in a program rustls refuses to choose.
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        });
        Self {
            endpoint,
            breaker: Breaker::default(),
            certificate_name: Mutex::new(None),
        }
    }

    /// A session within `budget`, unless the breaker is open.
    pub(crate) async fn session(
        &self,
        settings: &Settings,
        budget: Duration,
        counted: impl FnOnce() -> Counted,
    ) -> Result<Session, SourceError> {
        let password = self.password()?;
        let attempt = self
            .breaker
            .attempt(&(&self.endpoint.user, password.expose()))?;
        let within = budget.min(settings.connect_timeout);
        let opened = async {
            let (conn, door) = self.open(&password, settings.connect_timeout).await?;
            Session::set_up(conn, door, settings.statement_limit, counted()).await
        };
        let Ok(result) = timeout(within, opened).await else {
            let error = no_answer(within);
            // A caller in a hurry says nothing about the instance.
            if within == settings.connect_timeout {
                attempt.failed(&error);
            }
            return Err(error);
        };
        result.inspect_err(|error| attempt.failed(error))
    }

    /// A bare connection, for a `KILL` only.
    pub(crate) async fn bare(&self, budget: Duration) -> Result<Conn, SourceError> {
        let password = self.password()?;
        let opened = timeout(budget, self.open(&password, budget)).await;
        let (conn, _) = opened.map_err(|_| no_answer(budget))??;
        Ok(conn)
    }

    /// Read at every connect, so that a rotated password is picked up.
    fn password(&self) -> Result<SecretText, SourceError> {
        let password = self.endpoint.password.resolve();
        password.map_err(|error| SourceError::Credentials {
            detail: error.to_string(),
        })
    }

    /// Through the admin port where the main one lets nobody in or, as with a starved thread pool,
    /// says nothing for half of `budget`.
    async fn open(
        &self,
        password: &SecretText,
        budget: Duration,
    ) -> Result<(Conn, Door), SourceError> {
        let has_admin_port = self.endpoint.admin_port.is_some();
        let patience = if has_admin_port { budget / 2 } else { budget };
        let (error, silent) = match timeout(patience, self.open_door(password, Door::Main)).await {
            Ok(Ok(conn)) => return Ok((conn, Door::Main)),
            Ok(Err(error)) => (connect_error(&error), false),
            Err(_) => (no_answer(patience), true),
        };
        let shut = silent || matches!(error, SourceError::TooManyConnections);
        if !shut || !has_admin_port {
            return Err(error);
        }
        match self.open_door(password, Door::Admin).await {
            Ok(conn) => Ok((conn, Door::Admin)),
            Err(admin) => {
                tracing::warn!(error = %connect_error(&admin), "admin port did not let us in");
                Err(error)
            }
        }
    }

    async fn open_door(
        &self,
        password: &SecretText,
        door: Door,
    ) -> Result<Conn, mysql_async::Error> {
        match Conn::new(self.opts(password, door)).await {
            Err(error) if self.accept_any_name(&error) => {
                Conn::new(self.opts(password, door)).await
            }
            result => result,
        }
    }

    /// For `verify-ca`: `mysql_async` 0.37.1 ignores its own switch for this with rustls (fixed
    /// after it, upstream issue 404), so the name of the certificate itself is asked for. The
    /// chain is verified either way.
    fn accept_any_name(&self, error: &mysql_async::Error) -> bool {
        if self.endpoint.tls != Tls::VerifyCa {
            return false;
        }
        let name = presented_names(error).and_then(|names| names.iter().find_map(|n| host_name(n)));
        let mut known = self.lock_name();
        let learnt = name.is_some() && *known != name;
        if learnt {
            *known = name;
        }
        learnt
    }

    fn lock_name(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.certificate_name
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn opts(&self, password: &SecretText, door: Door) -> Opts {
        let builder = OptsBuilder::default()
            .user(Some(self.endpoint.user.clone()))
            .pass(Some(password.expose()))
            .prefer_socket(false)
            .tcp_keepalive(Some(KEEPALIVE))
            // Both known beforehand, the driver need not ask for them: one round trip less.
            .max_allowed_packet(Some(MAX_TOTAL_BYTES))
            .wait_timeout(Some(28_800))
            .stmt_cache_size(STATEMENTS_KEPT)
            .connect_attribute("program_name", "storex");
        let builder = match &self.endpoint.address {
            Address::Socket(path) => return builder.socket(Some(path.to_string_lossy())).into(),
            Address::Tcp { host, port } => {
                let port = match door {
                    Door::Main => *port,
                    Door::Admin => self.endpoint.admin_port.unwrap_or(*port),
                };
                builder.ip_or_hostname(host).tcp_port(port)
            }
        };
        builder.ssl_opts(self.ssl_opts()).into()
    }

    fn ssl_opts(&self) -> Option<SslOpts> {
        if self.endpoint.tls == Tls::Off {
            return None;
        }
        let mut ssl = SslOpts::default()
            .with_danger_skip_domain_validation(self.endpoint.tls == Tls::VerifyCa)
            .with_danger_tls_hostname_override(self.lock_name().clone());
        if let Some(ca) = &self.endpoint.tls_ca {
            ssl = ssl
                .with_disable_built_in_roots(true)
                .with_root_certs(vec![ca.clone().into()]);
        }
        Some(ssl)
    }
}

fn no_answer(within: Duration) -> SourceError {
    unreachable(&format!("no answer within {} ms", within.as_millis()))
}

/// A host name the presented name (`DnsName("*.example.com")`, `IpAddress(10.0.0.1)`) is for.
fn host_name(presented: &str) -> Option<String> {
    if let Some(rest) = presented.strip_prefix("DnsName(\"") {
        return Some(rest.strip_suffix("\")")?.replace('*', "any"));
    }
    let address = presented.strip_prefix("IpAddress(")?.strip_suffix(')')?;
    Some(address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presented_names_become_host_names() {
        assert_eq!(
            host_name("DnsName(\"db.example\")").as_deref(),
            Some("db.example")
        );
        assert_eq!(
            host_name("DnsName(\"*.db.example\")").as_deref(),
            Some("any.db.example")
        );
        assert_eq!(
            host_name("IpAddress(127.0.0.1)").as_deref(),
            Some("127.0.0.1")
        );
        assert_eq!(host_name("DirectoryName"), None);
    }
}
