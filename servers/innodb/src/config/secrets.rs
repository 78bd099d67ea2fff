//! Settings whose value may be a secret, or a statement that holds one: never read, never shown.
//! The statements that read settings leave the same names out, so that no snapshot holds them. Pure.

/// Parts of names. `..._pwd` is LDAP's bind password, `wsrep_sst_auth` is `user:password`, and
/// `s3_access_key` and keyring tokens open other stores.
pub const PARTS: [&str; 11] = [
    "password",
    "passphrase",
    "_pwd",
    "secret",
    "sst_auth",
    "access_key",
    "token",
    "credential",
    "keyring",
    "http_proxy",
    "headers",
];

/// Whole names: statements that run at connects and starts, and options that mix paths with
/// pass phrases.
pub const NAMES: [&str; 5] = [
    "init_connect",
    "init_slave",
    "init_replica",
    "wsrep_provider_options",
    "authentication_policy",
];

/// Whether a setting's value is withheld.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_hold_a_secret_is_withheld_and_paths_are_not() {
        for name in [
            "report_password",
            "init_connect",
            "INIT_REPLICA",
            "wsrep_sst_auth",
            "authentication_ldap_simple_bind_root_pwd",
            "s3_secret_key",
            "s3_access_key",
            "keyring_hashicorp_role_id",
            "ssl_passphrase",
            "feedback_http_proxy",
            "telemetry.otel_exporter_otlp_traces_headers",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "ssl_key",
            "datadir",
            "tmpdir",
            "secure_file_priv",
            "sql_mode",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn the_statements_leave_the_same_names_out() {
        for sql in [
            include_str!("../probes/settings.sql"),
            include_str!("../probes/setting_sources.mysql.sql"),
            include_str!("../probes/persisted_settings.mysql.sql"),
            include_str!("../probes/system_variables.mariadb.sql"),
        ] {
            for part in PARTS.iter().chain(&NAMES) {
                assert!(sql.to_lowercase().contains(part), "{part} is not in {sql}");
            }
        }
    }
}
