//! What the text of a field may be. Each check is pure and says in its error what to write instead;
//! the text of a field that may hold a secret is never repeated.

use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::suggest::nearest;
use crate::{Address, Tls};

const MYSQL_PORT: u16 = 3306;
pub(crate) const CLOUDS: [&str; 4] = ["aws", "azure", "gcp", "on-prem"];
pub(crate) const TLS: [(&str, Tls); 3] = [
    ("verify", Tls::Verify),
    ("verify-ca", Tls::VerifyCa),
    ("off", Tls::Off),
];
/// Characters of a wrong value that are repeated.
const MOST_SHOWN: usize = 60;

/// A name: people type it, and it stands in policies, audit records and paths.
pub(crate) fn name(text: &str) -> Result<String, String> {
    if text.len() <= 63 && is_plain(text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{} is not a name; begin with a lower-case letter or digit and use only those, `.`, `_` and \
         `-`, 63 at most",
        shown(text)
    ))
}

/// A word such as `production` or `eu-west-1`: policies compare it letter by letter.
pub(crate) fn word(text: &str) -> Result<String, String> {
    if is_plain(text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{} is not a word; begin with a lower-case letter or digit and use only those, `.`, `_` and `-`",
        shown(text)
    ))
}

/// Something on one line: a team as the identity provider spells it, a contact, a user.
pub(crate) fn line(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("is empty; write something or leave the field out".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("has line breaks or control characters; write it on one line".to_owned());
    }
    Ok(text.to_owned())
}

/// A path; the caller resolves a relative one.
pub(crate) fn path(text: &str) -> Result<PathBuf, String> {
    line(text).map(PathBuf::from)
}

/// The path of a log, or a pattern in its last part.
pub(crate) fn log_path(text: &str) -> Result<PathBuf, String> {
    let path = path(text)?;
    let Some(name) = path.file_name().filter(|_| !text.ends_with('/')) else {
        return Err("is no file; write the path of the log itself".to_owned());
    };
    let folder = path.parent().unwrap_or(&path);
    if folder.to_string_lossy().contains(['*', '?']) {
        return Err(format!(
            "may have `*` and `?` in its last part only, such as \"/var/log/mysql/*slow*\", not in {}",
            shown(&folder.to_string_lossy())
        ));
    }
    // Every name would be taken, and each for a log.
    if name.to_string_lossy().bytes().all(|b| b == b'*') {
        return Err("takes every file of the folder; say more of the log's name".to_owned());
    }
    Ok(path)
}

/// A zone of the time zone database, or an offset.
pub(crate) fn time_zone(text: &str) -> Result<TimeZone, String> {
    let offset = || {
        let (sign, rest) = match text.split_at_checked(1)? {
            ("+", rest) => (1, rest),
            ("-", rest) => (-1, rest),
            _ => return None,
        };
        let (hours, minutes) = rest.split_once(':')?;
        let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(hours) || !digits(minutes) {
            return None;
        }
        let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
        let seconds = sign * (hours * 3600 + minutes * 60);
        let small = minutes < 60 && hours < 24;
        small.then(|| jiff::tz::Offset::from_seconds(seconds).ok())?
    };
    if text == "UTC" {
        return Ok(TimeZone::UTC);
    }
    if let Some(offset) = offset() {
        return Ok(TimeZone::fixed(offset));
    }
    TimeZone::get(text).map_err(|_| {
        format!(
            "{} is no time zone; write one such as \"Europe/Berlin\", \"+02:00\" or \"UTC\"",
            shown(text)
        )
    })
}

/// The name of an environment variable. It is not repeated: it may be the secret itself, put in the
/// wrong place.
pub(crate) fn variable(text: &str) -> Result<String, String> {
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if first && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Ok(text.to_owned());
    }
    Err("is not the name of an environment variable; name one, such as { env = \"STOREX_DB_PASSWORD\" }".to_owned())
}

pub(crate) fn cloud(text: &str) -> Result<String, String> {
    if CLOUDS.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(unknown(text, &CLOUDS))
}

pub(crate) fn tls(text: &str) -> Result<Tls, String> {
    let found = TLS.iter().find(|(name, _)| *name == text);
    found
        .map(|(_, tls)| *tls)
        .ok_or_else(|| unknown(text, &TLS.map(|(name, _)| name)))
}

/// `host`, `host:port`, `[::1]` or `[::1]:port`.
pub(crate) fn address(text: &str) -> Result<Address, String> {
    if text.contains(['@', '/', '?']) {
        return Err(
            "is not a URL; write \"host:3306\" and give `user` and `password` as fields of their own"
                .to_owned(),
        );
    }
    tcp(text).ok_or_else(|| {
        format!(
            "{} is not an address; write \"host:3306\" or \"[::1]:3306\"",
            shown(text)
        )
    })
}

/// The URL of a cloud's endpoint: TLS, or this machine.
pub(crate) fn endpoint(text: &str) -> Result<String, String> {
    let wrong = || {
        format!(
            "{} is no endpoint; write one such as \"https://host\" or \"http://127.0.0.1:5000\"",
            shown(text)
        )
    };
    // What stands before an `@` may be a password.
    if text.contains('@') {
        return Err("holds a user or a password; leave them out".to_owned());
    }
    let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
    let host = tcp(rest.trim_end_matches('/')).ok_or_else(wrong)?;
    match scheme {
        "https" => Ok(text.to_owned()),
        "http" if is_local(&host) => Ok(text.to_owned()),
        "http" => Err("without TLS the network reads along; write https://".to_owned()),
        _ => Err(wrong()),
    }
}

pub(crate) fn tcp(text: &str) -> Option<Address> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, after) = rest.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        let port = match after {
            "" => None,
            after => Some(after.strip_prefix(':')?),
        };
        (host, port)
    } else {
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        };
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if host.is_empty() || host.len() > 253 || !host.chars().all(letter) {
            return None;
        }
        (host, port)
    };
    let port = match port {
        None => MYSQL_PORT,
        // `parse` alone would take a sign.
        Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
    };
    (port != 0).then(|| Address::Tcp {
        host: host.to_owned(),
        port,
    })
}

/// Whether traffic to it stays on this machine.
pub(crate) fn is_local(address: &Address) -> bool {
    match address {
        Address::Socket(_) => true,
        Address::Tcp { host, .. } => {
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
    }
}

/// A text of the file, in quotes, escaped and cut.
pub(crate) fn shown(text: &str) -> String {
    let mut start: String = text.chars().take(MOST_SHOWN).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    format!("{start:?}")
}

fn is_plain(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(alphanumeric)
        && text
            .chars()
            .all(|c| alphanumeric(c) || matches!(c, '.' | '_' | '-'))
}

fn unknown(text: &str, known: &[&str]) -> String {
    match nearest(text, known.iter().copied()) {
        Some(near) => format!("{} is not known; did you mean \"{near}\"?", shown(text)),
        None => format!(
            "{} is not known; write one of \"{}\"",
            shown(text),
            known.join("\", \"")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: &str, port: u16) -> Address {
        Address::Tcp {
            host: host.to_owned(),
            port,
        }
    }

    #[test]
    fn an_address_is_a_host_and_perhaps_a_port() {
        assert_eq!(tcp("db1.internal:3307"), Some(at("db1.internal", 3307)));
        assert_eq!(tcp("db1"), Some(at("db1", 3306)));
        assert_eq!(tcp("[::1]:3307"), Some(at("::1", 3307)));
        assert_eq!(tcp("[::1]"), Some(at("::1", 3306)));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_no_address() {
        for text in [
            "",
            ":3306",
            "db1:",
            "db1:0",
            "db1:+1",
            "db1:65536",
            "::1",
            "[::1",
            "[::1]3306",
            "[db1]:3306",
            "db 1",
            "a:b:c",
        ] {
            assert_eq!(tcp(text), None, "{text}");
        }
    }

    #[test]
    fn a_password_in_an_address_or_a_variable_is_not_repeated() {
        let url = address("mysql://root:hunter2@db1:3306").unwrap_err();
        let variable = variable("hunter-2").unwrap_err();
        assert!(!format!("{url}{variable}").contains("hunter"));
    }

    #[test]
    fn an_endpoint_is_reached_over_tls_or_on_this_machine() {
        for text in [
            "https://vpce-1.rds.eu-west-1.vpce.amazonaws.com",
            "https://host:8443/",
            "http://127.0.0.1:5000",
            "http://[::1]:1",
        ] {
            assert_eq!(endpoint(text), Ok(text.to_owned()));
        }
        for text in [
            "host",
            "ftp://host",
            "https://",
            "http://host",
            "https://a/b",
        ] {
            assert!(endpoint(text).is_err(), "{text}");
        }
        let told = endpoint("https://root:hunter2@host").unwrap_err();
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn traffic_is_local_on_loopback_and_sockets_only() {
        let local = |text| is_local(&tcp(text).unwrap());
        assert!(local("localhost") && local("127.0.0.2:1") && local("[::1]"));
        assert!(!local("db1") && !local("10.0.0.1") && !local("localhost.example"));
        assert!(is_local(&Address::Socket("/run/mysqld/mysqld.sock".into())));
    }

    #[test]
    fn a_name_is_lower_case_and_not_too_long() {
        assert!(name("shop-eu.1_a").is_ok() && name(&"a".repeat(63)).is_ok());
        for text in ["", "Shop", "-a", "a b", "é", &"a".repeat(64)] {
            assert!(name(text).is_err(), "{text}");
        }
    }
}
