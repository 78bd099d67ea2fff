//! Reads `[instance.logs.google]`: logs that a sink of Cloud Logging writes to Cloud Storage.

use crate::report::Report;
use crate::table::{Field, Table};
use crate::values::{is_local, shown, tcp};

/// What `[instance.logs.google]` may say.
pub(crate) const GOOGLE: &[&str] = &["bucket", "database", "route", "endpoint"];
pub(crate) const ROUTES: [(&str, GoogleRoute); 3] = [
    ("both", GoogleRoute::Both),
    ("slow", GoogleRoute::Slow),
    ("error", GoogleRoute::Error),
];

/// The logs of a Cloud SQL instance in a bucket of Cloud Storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleLogs {
    /// The bucket a sink of Cloud Logging writes to.
    pub bucket: String,
    /// The instance as records name it: the label `database_id`, `PROJECT:INSTANCE`.
    pub database: String,
    /// Which logs the sink routes there.
    pub route: GoogleRoute,
    /// Another address of the store. Without TLS, which is for this machine only, no credentials are
    /// sent.
    pub endpoint: Option<String>,
}

/// Which logs a sink routes to its bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GoogleRoute {
    /// The slow query log and the error log.
    #[default]
    Both,
    /// The slow query log only.
    Slow,
    /// The error log only.
    Error,
}

pub(super) fn google(report: &mut Report<'_>, field: &Field<'_>) -> Option<GoogleLogs> {
    let own = field.table(report)?;
    let table = Table::new("instance.logs.google", field.at.clone(), own);
    table.refuse_unknown(report, GOOGLE, None);
    let bucket = table.require(report, "bucket", bucket);
    let database = table.require(report, "database", database);
    let route = table.read(report, "route", route).unwrap_or_default();
    let endpoint = table.read(report, "endpoint", endpoint);
    Some(GoogleLogs {
        bucket: bucket?,
        database: database?,
        route,
        endpoint,
    })
}

/// The name of a bucket: 3 to 222 lower-case letters, digits, `-`, `_` and `.`.
fn bucket(text: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    if (3..=222).contains(&text.len()) && text.bytes().all(plain) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{} is no bucket; write its name alone, such as \"shop-logs\", without gs://",
        shown(text)
    ))
}

/// `PROJECT:INSTANCE`; a project of a domain is `DOMAIN:PROJECT`.
pub(crate) fn database(text: &str) -> Result<String, String> {
    let part = |part: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
        !part.is_empty() && part.bytes().all(plain)
    };
    let parts = text.split(':').count();
    if text.len() <= 200 && (2..=3).contains(&parts) && text.split(':').all(part) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{} is no database_id; write \"PROJECT:INSTANCE\" as the records have it",
        shown(text)
    ))
}

fn route(text: &str) -> Result<GoogleRoute, String> {
    let known = ROUTES.iter().find(|(name, _)| *name == text);
    known.map(|(_, route)| *route).ok_or_else(|| {
        format!(
            "{} is not known; write \"both\", \"slow\" or \"error\"",
            shown(text)
        )
    })
}

/// An address of the store: with TLS, or on this machine.
pub(crate) fn endpoint(text: &str) -> Result<String, String> {
    let (safe, host) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(host), _) => (true, host),
        (_, Some(host)) => (false, host),
        _ => (false, ""),
    };
    if tcp(host).is_some_and(|address| safe || is_local(&address)) {
        return Ok(text.to_owned());
    }
    Err(
        "is no address of the store; write https://HOST, or http://HOST:PORT for one on this machine"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_a_name_and_no_address() {
        assert!(bucket("shop-logs").is_ok() && bucket("logs_1.example.com").is_ok());
        for text in [
            "",
            "ab",
            "gs://shop-logs",
            "shop-logs/cloudsql",
            "Shop",
            "a b c",
        ] {
            assert!(bucket(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_database_is_a_project_and_an_instance() {
        assert!(database("shop-prod:shop-eu-1").is_ok());
        assert!(database("example.com:shop-prod:shop-eu-1").is_ok());
        for text in ["", "shop-eu-1", "shop:", ":shop", "a:b:c:d", "a:b\"", "A:b"] {
            assert!(database(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_store_on_this_machine_may_do_without_tls() {
        for text in [
            "https://storage-private.p.googleapis.com",
            "https://storage.internal:8443",
            "http://127.0.0.1:9023",
            "http://[::1]:9023",
        ] {
            assert_eq!(endpoint(text), Ok(text.to_owned()));
        }
        for text in [
            "http://storage.internal",
            "storage.googleapis.com",
            "https://user:secret@storage.googleapis.com",
            "https://storage.googleapis.com/path",
            "ftp://127.0.0.1",
        ] {
            assert!(!endpoint(text).unwrap_err().contains("secret"), "{text}");
        }
    }
}
