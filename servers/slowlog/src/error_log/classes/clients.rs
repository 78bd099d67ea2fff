//! Clients: connections refused, broken off and denied.

use storex_tool::Severity;

use super::Class;

pub(super) const TOO_MANY_CONNECTIONS: Class = Class {
    id: "too_many_connections",
    severity: Severity::Critical,
    from: 1,
    codes: &[],
    any: &["Too many connections"],
    and: &[],
    what: "connections were refused because max_connections were in use",
    names: false,
    source: "ER_CON_COUNT_ERROR; Reference Manual, \"Too many connections\"",
    next: Some("innodb_pressure"),
    remedy: [
        "find who holds them before raising the limit: a leak or slow statements",
        "reading only",
        "nothing",
    ],
};

pub(super) const HOST_BLOCKED: Class = Class {
    id: "host_blocked",
    severity: Severity::Warning,
    from: 1,
    codes: &[],
    any: &["is blocked because of many connection errors"],
    and: &[],
    what: "a host was blocked after many broken connection attempts",
    names: true,
    source: "ER_HOST_IS_BLOCKED; Reference Manual, \"Host is blocked\"",
    next: None,
    remedy: [
        "find what breaks them (probes without a handshake, a wrong TLS setting); then FLUSH HOSTS or TRUNCATE performance_schema.host_cache",
        "safe",
        "host names are resolved anew",
    ],
};

pub(super) const CERTIFICATE: Class = Class {
    id: "certificate",
    severity: Severity::Warning,
    from: 1,
    codes: &[15_005, 15_006, 15_007, 15_010, 15_011],
    any: &[
        "certificate has expired",
        "certificate is not yet valid",
        "certificate doesn't verify",
        "SSL error: ",
    ],
    and: &[],
    what: "a certificate or the TLS set-up was refused",
    names: false,
    source: "ER_SERVER_CERT_VERIFY_FAILED; Reference Manual, \"Configuring MySQL to Use Encrypted Connections\"",
    next: None,
    remedy: [
        "renew the certificate, then ALTER INSTANCE RELOAD TLS (MariaDB: FLUSH SSL)",
        "new connections only, can be repeated",
        "nothing",
    ],
};

pub(super) const ACCESS_DENIED: Class = Class {
    id: "access_denied",
    severity: Severity::Warning,
    from: 20,
    codes: &[10_926],
    any: &["Access denied for user", "Access denied trying"],
    and: &[],
    what: "logins were refused",
    names: true,
    source: "ER_ACCESS_DENIED_ERROR; Reference Manual, \"Troubleshooting Problems Connecting to MySQL\"",
    next: None,
    remedy: [
        "find the client with the old password, or the stranger; lock the account or limit its hosts",
        "can be taken back",
        "nothing",
    ],
};

pub(super) const ABORTED_CONNECTIONS: Class = Class {
    id: "aborted_connections",
    severity: Severity::Warning,
    from: 20,
    codes: &[10_914],
    any: &["Aborted connection", "Could not read packet"],
    and: &[],
    what: "connections ended without a good-bye",
    names: true,
    source: "ER_ABORTING_CONNECTION; Reference Manual, \"Communication Errors and Aborted Connections\"",
    next: Some("innodb_pressure"),
    remedy: [
        "look at what they share (client, host, time-out): killed programs, wait_timeout below the pool's idle time, a proxy, max_allowed_packet",
        "reading only",
        "nothing",
    ],
};

pub(super) const NAME_NOT_RESOLVED: Class = Class {
    id: "name_not_resolved",
    severity: Severity::Info,
    from: 20,
    codes: &[10_055],
    any: &["could not be resolved", "Hostname "],
    and: &[],
    what: "addresses of clients could not be resolved",
    names: false,
    source: "ER_UNABLE_TO_RESOLVE_IP; Reference Manual, \"DNS Lookups and the Host Cache\"",
    next: None,
    remedy: [
        "skip_name_resolve, where no account is tied to a host name",
        "accounts by host name no longer match",
        "a restart",
    ],
};

pub(super) const CONNECTIONS_KILLED: Class = Class {
    id: "connections_killed",
    severity: Severity::Info,
    from: 20,
    codes: &[],
    any: &["Connection was killed"],
    and: &[],
    what: "connections were killed",
    names: false,
    source: "ER_CONNECTION_KILLED; Knowledge Base, \"KILL\"",
    next: None,
    remedy: [
        "find who kills them: a watchdog, an operator, a proxy",
        "reading only",
        "nothing",
    ],
};
