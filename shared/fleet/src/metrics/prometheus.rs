//! Reads `[instance.metrics.prometheus]`: a store that answers Prometheus' HTTP API.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::selector::{escaped, selector};
use super::template::Names;
use crate::Secret;
use crate::endpoint::{FORMS, secret};
use crate::parse::Context;
use crate::report::Report;
use crate::table::{Field, Table};
use crate::values::{self, is_local, tcp};

pub(crate) const PROMETHEUS: &[&str] = &[
    "url",
    "selector",
    "host_selector",
    "token",
    "user",
    "password",
    "headers",
    "tls_ca",
    "tls_off_reason",
];
/// Headers that are ours to write, or that carry a secret.
const TAKEN: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "proxy-authorization",
    "transfer-encoding",
];

/// A store that answers Prometheus' HTTP API: Prometheus itself, Thanos, Mimir, VictoriaMetrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrometheusStore {
    /// What stands before `/api/v1/...`, without a slash at its end.
    pub url: String,
    /// Label matchers that all series of this instance have and no others: `instance="db1:9104"`.
    pub selector: String,
    /// Those of its host's `node_exporter`, where there is one.
    pub host_selector: Option<String>,
    /// How to log in.
    pub login: StoreLogin,
    /// Sent with every request, such as `X-Scope-OrgID` with a tenant.
    pub headers: BTreeMap<String, String>,
    /// The authority that signed its certificate; those this machine trusts where none is named.
    pub tls_ca: Option<PathBuf>,
}

/// How to log in at a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreLogin {
    /// Not at all.
    None,
    /// With a bearer token.
    Token(Secret),
    /// With a user and a password (basic authentication).
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
}

pub(super) fn prometheus(
    report: &mut Report<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
    names: &Names<'_>,
) -> Option<PrometheusStore> {
    table.refuse_unknown(report, PROMETHEUS, None);
    let url = url(report, table, names);
    let own = read_selector(report, table, names, "selector");
    if table.field("selector").is_none() {
        let what = "is missing; add the label matchers of the instance's series here or under \
                    [defaults.metrics.prometheus], such as 'instance=\"{name}:9104\"'";
        table.lacks(report, "selector", what);
    }
    let host_selector = read_selector(report, table, names, "host_selector");
    let login = login(report, table, context);
    let headers = match table.field("headers") {
        Some(field) => headers(report, &field),
        None => Some(BTreeMap::new()),
    };
    let tls_ca = table.read(report, "tls_ca", values::path);
    Some(PrometheusStore {
        url: url?,
        selector: own?,
        host_selector,
        login: login?,
        headers: headers?,
        tls_ca: tls_ca.map(|path| context.base.join(path)),
    })
}

fn read_selector(
    report: &mut Report<'_>,
    table: &Table<'_>,
    names: &Names<'_>,
    name: &str,
) -> Option<String> {
    names.read_with(report, table, name, escaped, selector)
}

fn url(report: &mut Report<'_>, table: &Table<'_>, names: &Names<'_>) -> Option<String> {
    let url = names.require(report, table, "url", address);
    let reason = table.read(report, "tls_off_reason", values::line);
    let (url, exposed) = url?;
    if exposed && reason.is_none() {
        let what = "without TLS the network reads along; write https://, or say why it must be so in \
                    `tls_off_reason`";
        match table.own("url") {
            Some(field) => field.wrong(report, what),
            None => table.lacks(report, "url", what),
        }
        return None;
    }
    Some(url)
}

/// `http[s]://host[:port][/path]`, and whether others could read along.
fn address(text: &str) -> Result<(String, bool), String> {
    let wrong = || {
        "is no address of a store; write what stands before /api/v1, such as \
         \"https://prometheus.internal:9090\""
            .to_owned()
    };
    // What stands before an `@` may be a password, and a query may hold a token.
    if text.contains(['@', '?', '#']) {
        return Err(
            "holds more than an address; log in with `token`, or `user` and `password`".to_owned(),
        );
    }
    let text = text.trim_end_matches('/');
    let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:".contains(&b);
    let steps_out = path.split('/').any(|part| matches!(part, "" | "." | ".."));
    if !path.bytes().all(plain) || (steps_out && !path.is_empty()) || path.ends_with("api/v1") {
        return Err(wrong());
    }
    let host = tcp(host).ok_or_else(wrong)?;
    match scheme {
        "https" => Ok((text.to_owned(), false)),
        "http" => Ok((text.to_owned(), !is_local(&host))),
        _ => Err(wrong()),
    }
}

/// None of it is repeated in a mistake: a secret may stand in the wrong place.
fn login(report: &mut Report<'_>, table: &Table<'_>, context: &Context<'_>) -> Option<StoreLogin> {
    let path = |field: &Field<'_>, here: &'static str, defaults: &'static str| {
        if field.inherited { defaults } else { here }
    };
    let token = table.field("token").map(|field| {
        let path = path(
            &field,
            "instance.metrics.prometheus.token",
            "defaults.metrics.prometheus.token",
        );
        secret(report, &field, path, context)
    });
    let password = table.field("password").map(|field| {
        let path = path(
            &field,
            "instance.metrics.prometheus.password",
            "defaults.metrics.prometheus.password",
        );
        secret(report, &field, path, context)
    });
    let user = table.read(report, "user", values::line);
    match (token, table.field("user"), password) {
        (None, None, None) => Some(StoreLogin::None),
        (Some(token), None, None) => token.map(StoreLogin::Token),
        (None, Some(_), Some(password)) => Some(StoreLogin::Basic {
            user: user?,
            password: password?,
        }),
        (Some(_), ..) => {
            let what = "one logs in one way; keep `token`, or `user` and `password`";
            table.lacks(report, "token", what);
            None
        }
        (None, Some(_), None) => {
            table.lacks(report, "password", &format!("is missing; add {FORMS}"));
            None
        }
        (None, None, Some(_)) => {
            table.lacks(report, "user", "is missing; add it beside `password`");
            None
        }
    }
}

fn headers(report: &mut Report<'_>, field: &Field<'_>) -> Option<BTreeMap<String, String>> {
    let own = field.table(report)?;
    let path = if field.inherited {
        "defaults.metrics.prometheus.headers"
    } else {
        "instance.metrics.prometheus.headers"
    };
    let table = Table::new(path, field.at.clone(), own);
    let mut headers = BTreeMap::new();
    for (name, value) in table.read_all(report, header_value) {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        let Some(field) = table.own(&name) else {
            continue;
        };
        if !name.bytes().all(plain) {
            field.wrong(
                report,
                "is no header's name; write one such as X-Scope-OrgID",
            );
        } else if TAKEN.contains(&name.to_ascii_lowercase().as_str()) {
            let what = "may not be set; log in with `token`, or `user` and `password`";
            field.wrong(report, what);
        } else {
            headers.insert(name, value);
        }
    }
    Some(headers)
}

/// It is not repeated: it may be a secret.
fn header_value(text: &str) -> Result<String, String> {
    let visible = text.bytes().all(|b| (0x20..0x7f).contains(&b));
    if visible && !text.trim().is_empty() {
        return Ok(text.to_owned());
    }
    Err("is no header's value; write letters, digits and signs of ASCII".to_owned())
}
