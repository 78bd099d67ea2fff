//! Reads `[instance.mysql]`: where the server answers and how to log in there.

use crate::parse::Context;
use crate::report::Report;
use crate::table::{Field, Table};
use crate::values;
use crate::{Address, MySqlEndpoint, Readers, Secret, Tls};

/// What belongs to one server only and has no default.
pub(crate) const UNSHARED: &[&str] = &["address", "socket"];
/// What `[defaults.mysql]` may say too.
pub(crate) const SHARED: &[&str] = &[
    "admin_port",
    "user",
    "password",
    "tls",
    "tls_ca",
    "tls_off_reason",
    "max_connections",
];
pub(crate) const PASSWORD: &[&str] = &["env", "file"];

/// Connections kept to one instance unless its entry says otherwise.
pub(crate) const DEFAULT_CONNECTIONS: u16 = 2;
/// More would be felt by the database we are looking at.
pub(crate) const MOST_CONNECTIONS: u16 = 8;

pub(crate) fn endpoint(
    report: &mut Report<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
) -> Option<MySqlEndpoint> {
    let known: Vec<&str> = UNSHARED.iter().chain(SHARED).copied().collect();
    table.refuse_unknown(report, &known, None);
    let address = address(report, table, context);
    let admin_port = admin_port(report, table, address.as_ref());
    let user = table.require(report, "user", values::line);
    let password = match table.field("password") {
        Some(field) => password(report, &field, context),
        None => Some(Secret::None),
    };
    let tls = tls(report, table, address.as_ref());
    let tls_ca = table.read(report, "tls_ca", values::path);
    let max_connections = match table.field("max_connections") {
        Some(field) => field.number(report, 1, MOST_CONNECTIONS),
        None => Some(DEFAULT_CONNECTIONS),
    };
    Some(MySqlEndpoint {
        address: address?,
        admin_port,
        user: user?,
        password: password?,
        tls,
        tls_ca: tls_ca.map(|path| context.base.join(path)),
        max_connections: usize::from(max_connections?),
    })
}

fn address(report: &mut Report<'_>, table: &Table<'_>, context: &Context<'_>) -> Option<Address> {
    match (table.own("address"), table.own("socket")) {
        (Some(address), None) => address.read(report, values::address),
        (None, Some(socket)) => {
            let path = socket.read(report, values::path)?;
            Some(Address::Socket(context.base.join(path)))
        }
        (Some(_), Some(socket)) => {
            socket.wrong(
                report,
                "a server is reached one way; keep this or `address`",
            );
            None
        }
        (None, None) => {
            let what = "is missing; add \"host:3306\", or `socket` with a path";
            table.lacks(report, "address", what);
            None
        }
    }
}

/// The admin port belongs to a host; one inherited by an instance on a socket means nothing there.
fn admin_port(
    report: &mut Report<'_>,
    table: &Table<'_>,
    address: Option<&Address>,
) -> Option<u16> {
    let field = table.field("admin_port")?;
    let port = field.number(report, 1, u16::MAX)?;
    if !matches!(address, Some(Address::Socket(_))) {
        return Some(port);
    }
    if !field.inherited {
        field.wrong(
            report,
            "a socket has no ports; leave it out, or give `address`",
        );
    }
    None
}

fn tls(report: &mut Report<'_>, table: &Table<'_>, address: Option<&Address>) -> Tls {
    let tls = table.read(report, "tls", values::tls).unwrap_or_default();
    let reason = table.read(report, "tls_off_reason", values::line);
    let exposed = address.is_some_and(|address| !values::is_local(address));
    if tls == Tls::Off && exposed && reason.is_none() {
        let what = "without TLS the network reads along; write \"verify\" or \"verify-ca\", or say why \
                    it must be off in `tls_off_reason`";
        // A default may suit the other instances, so this one is where it is put right.
        match table.own("tls") {
            Some(field) => field.wrong(report, what),
            None => table.lacks(report, "tls", what),
        }
    }
    tls
}

/// How a secret is referred to.
pub(crate) const FORMS: &str = "{ env = \"NAME\" } or { file = \"path\" }";

fn password(report: &mut Report<'_>, field: &Field<'_>, context: &Context<'_>) -> Option<Secret> {
    let path = if field.inherited {
        "defaults.mysql.password"
    } else {
        "instance.mysql.password"
    };
    secret(report, field, path, context)
}

/// A secret kept elsewhere, or in a file that only its owner reads.
pub(crate) fn secret(
    report: &mut Report<'_>,
    field: &Field<'_>,
    path: &'static str,
    context: &Context<'_>,
) -> Option<Secret> {
    if let Some(text) = field.as_text() {
        if context.readers == Readers::Owner {
            return Some(Secret::Inline(text.to_owned()));
        }
        let name = path.rsplit('.').next().unwrap_or(path);
        let what = format!(
            "others can read this file, so it may hold no {name}; write {FORMS}, or run chmod 600 on \
             the file"
        );
        field.wrong(report, &what);
        return None;
    }
    reference(report, field, path, context)
}

/// A secret kept elsewhere.
pub(crate) fn reference(
    report: &mut Report<'_>,
    field: &Field<'_>,
    path: &'static str,
    context: &Context<'_>,
) -> Option<Secret> {
    let Some(own) = field.as_table() else {
        let name = path.rsplit('.').next().unwrap_or(path);
        let what = format!("says where the {name} is; write {FORMS}");
        field.wrong(report, &what);
        return None;
    };
    let table = Table::new(path, field.at.clone(), own);
    table.refuse_unknown(report, PASSWORD, None);
    let variable = table.read(report, "env", values::variable);
    let file = table.read(report, "file", values::path);
    match (table.own("env"), table.own("file")) {
        (Some(_), None) => variable.map(Secret::Env),
        (None, Some(_)) => file.map(|path| Secret::File(context.base.join(path))),
        _ => {
            field.wrong(report, &format!("is kept in one place; write {FORMS}"));
            None
        }
    }
}
