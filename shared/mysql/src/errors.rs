//! The server's and the driver's errors in the terms of [`SourceError`]. Texts that may hold
//! addresses, accounts or data stay behind.

use std::io;

use mysql_async::{DriverError, Error, IoError, TlsError};
use storex_sources::{EXPLAIN, Probe, Server, SourceError};

use crate::session::LOCK_WAIT;

/// Why connecting failed.
pub(crate) fn connect_error(error: &Error) -> SourceError {
    match error {
        Error::Server(error) => match error.code {
            // ER_CON_COUNT_ERROR, ER_TOO_MANY_USER_CONNECTIONS, ER_USER_LIMIT_REACHED
            1040 | 1203 | 1226 => SourceError::TooManyConnections,
            // ER_SECURE_TRANSPORT_REQUIRED
            3159 => tls("the server accepts encrypted connections only"),
            // ER_SERVER_SHUTDOWN and the end of a connection being made
            1053 | 1152 | 1184 => unreachable("the server is shutting down"),
            code => SourceError::AccessRefused {
                detail: format!("server error {code}"),
            },
        },
        Error::Driver(DriverError::NoClientSslFlagFromServer) => {
            tls("the server offers no encryption")
        }
        Error::Driver(DriverError::UnknownAuthPlugin { name }) => SourceError::AccessRefused {
            detail: format!("its authentication plugin {name} is not supported"),
        },
        Error::Driver(
            DriverError::CleartextPluginDisabled | DriverError::MysqlOldPasswordDisabled,
        ) => SourceError::AccessRefused {
            detail: "its authentication plugin would send the password unprotected".into(),
        },
        Error::Io(IoError::Tls(error)) => tls_error(error),
        Error::Io(IoError::Io(error)) => match rustls_error(error) {
            Some(error) => tls(&certificate(error)),
            None => unreachable(&io_error(error)),
        },
        _ => unreachable("what answers there does not speak the MySQL protocol"),
    }
}

/// Why a connection that was let in could not be set up.
pub(crate) fn set_up_error(error: Error) -> SourceError {
    match error {
        // ER_MUST_CHANGE_PASSWORD is said at the first statement.
        Error::Server(error) if error.code != 1820 => SourceError::Query {
            probe: "session set-up",
            code: error.code,
            message: error.message,
        },
        error => connect_error(&error),
    }
}

/// Why a read failed on `server`.
pub(crate) fn read_error(error: Error, probe: &'static Probe, server: &Server) -> SourceError {
    let name = probe.name;
    match error {
        Error::Server(error) if !lost_code(error.code) => match error.code {
            // Access denied: to a database, a table, a column, a routine, or a privilege is missing
            1044 | 1142 | 1143 | 1227 | 1370 => SourceError::Denied {
                probe: name,
                grants: probe.needs.grants,
            },
            // Unknown column, table, database or variable
            1054 | 1146 | 1109 | 1049 | 1193 => SourceError::Unsupported {
                probe: name,
                server: format!("{server} (error {})", error.code),
                remedy: probe.needs.remedy,
            },
            // ER_QUERY_TIMEOUT of MySQL, ER_STATEMENT_TIMEOUT of MariaDB
            3024 | 1969 => SourceError::TimedOut {
                probe: name,
                after: probe.timeout,
            },
            // ER_LOCK_WAIT_TIMEOUT, of the short waits our sessions are set to
            1205 => SourceError::TimedOut {
                probe: name,
                after: LOCK_WAIT,
            },
            // ER_QUERY_INTERRUPTED: someone killed it
            1317 => SourceError::Cancelled { probe: name },
            code => SourceError::Query {
                probe: name,
                code,
                message: error.message,
            },
        },
        error if is_lost(&error) => unreachable("the connection broke"),
        // The driver's own complaints: a parameter count that does not fit, a packet it cannot read.
        error => SourceError::Query {
            probe: name,
            code: 0,
            message: error.to_string(),
        },
    }
}

/// Why a statement could not be explained on `server`. What is wrong with the statement itself (an
/// unknown table or column, say) keeps its number: the server does not lack anything.
pub(crate) fn explain_error(error: Error, server: &Server) -> SourceError {
    match error {
        Error::Server(error) if matches!(error.code, 1049 | 1054 | 1109 | 1146) => {
            SourceError::Query {
                probe: EXPLAIN.name,
                code: error.code,
                message: error.message,
            }
        }
        error => read_error(error, &EXPLAIN, server),
    }
}

/// Whether the connection is gone, as opposed to a statement that failed: worth one more try on
/// another connection when this one had been idle.
pub(crate) fn is_lost(error: &Error) -> bool {
    match error {
        Error::Server(error) => lost_code(error.code),
        // `Other` is the driver's own: a packet too large, say.
        Error::Io(IoError::Io(error)) => error.kind() != io::ErrorKind::Other,
        Error::Io(IoError::Tls(_)) => true,
        Error::Driver(error) => matches!(
            error,
            DriverError::ConnectionClosed
                | DriverError::PacketOutOfOrder
                | DriverError::UnexpectedPacket { .. }
        ),
        Error::Other(_) | Error::Url(_) => false,
    }
}

/// Shutdown; net errors and aborted connections; MariaDB `ER_CONNECTION_KILLED`; MySQL
/// `ER_CLIENT_INTERACTION_TIMEOUT`, the last word to a connection idle for too long.
fn lost_code(code: u16) -> bool {
    matches!(code, 1053 | 1152 | 1158..=1161 | 1184 | 1927 | 4031)
}

/// The names a certificate presents where it was refused only because none of them is the host's.
pub(crate) fn presented_names(error: &Error) -> Option<&[String]> {
    let Error::Io(IoError::Io(error)) = error else {
        return None;
    };
    match rustls_error(error)? {
        rustls::Error::InvalidCertificate(rustls::CertificateError::NotValidForNameContext {
            presented,
            ..
        }) => Some(presented),
        _ => None,
    }
}

pub(crate) fn unreachable(detail: &str) -> SourceError {
    SourceError::Unreachable {
        detail: detail.to_owned(),
    }
}

fn tls(detail: &str) -> SourceError {
    SourceError::Tls {
        detail: detail.to_owned(),
    }
}

/// The kind of an operating system error: its full text may name the address.
fn io_error(error: &io::Error) -> String {
    if error.to_string().starts_with("failed to lookup address") {
        return "its host name cannot be resolved".into();
    }
    match error.kind() {
        io::ErrorKind::Other => "the connection broke".into(),
        kind => kind.to_string(),
    }
}

fn tls_error(error: &TlsError) -> SourceError {
    match error {
        TlsError::Tls(error) => tls(&certificate(error)),
        TlsError::InvalidDnsName(_) => {
            tls("the server's address is not a name a certificate can carry")
        }
        TlsError::Pem(_) => tls("the authorities' file is not PEM"),
        TlsError::VerifierBuilderError(_) => tls("the authorities' file holds no certificate"),
    }
}

fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// What did not match, without the names and times in it.
fn certificate(error: &rustls::Error) -> String {
    use rustls::CertificateError as C;
    let text = match error {
        rustls::Error::InvalidCertificate(error) => match error {
            C::NotValidForName | C::NotValidForNameContext { .. } => {
                "its certificate is for another host name"
            }
            C::UnknownIssuer | C::BadSignature => {
                "its certificate is not signed by a trusted authority"
            }
            C::Expired | C::ExpiredContext { .. } => "its certificate has expired",
            C::NotValidYet | C::NotValidYetContext { .. } => "its certificate is not valid yet",
            C::Revoked => "its certificate was revoked",
            _ => "its certificate is not acceptable",
        },
        rustls::Error::PeerIncompatible(_) | rustls::Error::AlertReceived(_) => {
            "no TLS version or cipher in common"
        }
        _ => "the TLS handshake failed",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mysql_async::ServerError;
    use storex_sources::{Blame, Flavour, Needs, Vendor, Version};

    use super::*;

    static PROBE: Probe = Probe {
        name: "innodb_trx",
        statements: &[],
        row_limit: 1,
        timeout: Duration::from_secs(5),
        needs: Needs {
            grants: &["PROCESS ON *.*"],
            performance_schema: false,
            remedy: "upgrade",
        },
    };

    const MARIADB: Server = Server {
        flavour: Flavour::MariaDb,
        vendor: Vendor::MariaDb,
        version: Version {
            major: 10,
            minor: 11,
            patch: 6,
        },
        performance_schema: false,
        read_only: false,
    };

    fn server(code: u16) -> Error {
        Error::Server(ServerError {
            code,
            message: "Access denied for user 'storex'@'10.1.2.3' (using password: YES)".into(),
            state: "HY000".into(),
        })
    }

    #[test]
    fn refused_accounts_show_the_number_and_nothing_else() {
        for code in [1045, 1130, 1698, 3118, 1820] {
            let error = connect_error(&server(code));
            assert!(
                matches!(error, SourceError::AccessRefused { .. }),
                "{error}"
            );
            assert!(error.to_string().contains(&code.to_string()), "{error}");
            assert!(!error.to_string().contains("10.1.2.3"), "{error}");
        }
    }

    #[test]
    fn exhausted_connections_are_told_from_refused_accounts() {
        for code in [1040, 1203, 1226] {
            let error = connect_error(&server(code));
            assert!(matches!(error, SourceError::TooManyConnections), "{error}");
        }
    }

    #[test]
    fn operating_system_errors_lose_their_addresses() {
        let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "10.1.2.3:3306 refused");
        let error = connect_error(&refused.into());
        assert!(error.to_string().contains("connection refused"), "{error}");
        assert!(!error.to_string().contains("10.1.2.3"), "{error}");
    }

    #[test]
    fn missing_grants_missing_tables_and_time_outs_blame_the_probe() {
        let read = |code| read_error(server(code), &PROBE, &MARIADB);
        for code in [1227, 1142, 1143, 1044, 1370] {
            assert!(read(code).remedy().contains("PROCESS ON *.*"), "{code}");
        }
        for code in [1146, 1109, 1193, 1054] {
            assert_eq!(read(code).remedy(), "upgrade", "{code}");
            let text = format!("MariaDB 10.11.6 (error {code}) has no innodb_trx");
            assert_eq!(read(code).to_string(), text);
        }
        for code in [3024, 1969, 1205] {
            assert!(matches!(read(code), SourceError::TimedOut { .. }), "{code}");
        }
        assert_eq!(read(1317).blame(), Blame::Call);
        let other = read(1064);
        assert_eq!(other.blame(), Blame::Probe);
        assert!(!other.to_string().contains("10.1.2.3"), "{other}");
        assert!(other.internal_detail().is_some());
    }

    #[test]
    fn a_closed_idle_connection_is_told_from_a_failed_statement() {
        assert!(is_lost(&server(4031)));
        assert!(is_lost(&server(1927)));
        assert!(is_lost(&Error::Driver(DriverError::ConnectionClosed)));
        assert!(!is_lost(&server(1146)));
    }
}
