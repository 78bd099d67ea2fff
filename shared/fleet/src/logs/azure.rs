//! Reads `[instance.logs.azure]`: the logs of an Azure Database for MySQL Flexible Server.

use std::path::PathBuf;

use crate::Secret;
use crate::endpoint::{FORMS, reference};
use crate::parse::Context;
use crate::report::Report;
use crate::table::{Field, Table};
use crate::values::{self, shown};

pub(crate) const AZURE: &[&str] = &[
    "subscription",
    "resource_group",
    "server",
    "storage",
    "endpoint",
    "tls_ca",
    "tenant",
    "client",
    "secret",
    "authority",
];
/// What names a service principal, all together.
const PRINCIPAL: &[&str] = &["tenant", "client", "secret"];
/// Where Azure's public cloud is managed.
pub(crate) const ENDPOINT: &str = "https://management.azure.com";

/// The logs of an Azure Database for MySQL Flexible Server: its log files, which the management API lists,
/// and the slow statements diagnostic settings write to a storage account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzureLogs {
    /// The id of the subscription.
    pub subscription: String,
    /// The resource group.
    pub resource_group: String,
    /// The server's name, without a domain.
    pub server: String,
    /// The blob service of the storage account diagnostic settings write to, without a slash at its end.
    /// Without it the slow log is read from the server's log files.
    pub storage: Option<String>,
    /// The management API, without a slash at its end.
    pub endpoint: String,
    /// The authority that signed the certificates of both; those this machine trusts where none is named.
    pub tls_ca: Option<PathBuf>,
    /// Who signs in; where it is not said, the first identity that is set up where storex runs.
    pub principal: Option<AzurePrincipal>,
    /// Where to sign in, without a slash at its end; Azure's public cloud, or what the environment says,
    /// where it is not said.
    pub authority: Option<String>,
}

/// An application that signs in to Azure with a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzurePrincipal {
    /// The id of its directory.
    pub tenant: String,
    /// Its own id.
    pub client: String,
    /// Its secret, by reference.
    pub secret: Secret,
}

pub(super) fn azure(
    report: &mut Report<'_>,
    field: &Field<'_>,
    context: &Context<'_>,
) -> Option<AzureLogs> {
    let own = field.table(report)?;
    let table = Table::new("instance.logs.azure", field.at.clone(), own);
    table.refuse_unknown(report, AZURE, None);
    let subscription = table.require(report, "subscription", subscription);
    let resource_group = table.require(report, "resource_group", resource_group);
    let server = table.require(report, "server", server);
    let storage = table.read(report, "storage", storage);
    let endpoint = table.read(report, "endpoint", endpoint_address);
    let tls_ca = table.read(report, "tls_ca", values::path);
    let principal = principal(report, &table, "instance.logs.azure.secret", context);
    let authority = table.read(report, "authority", endpoint_address);
    Some(AzureLogs {
        subscription: subscription?,
        resource_group: resource_group?,
        server: server?,
        storage,
        endpoint: endpoint.unwrap_or_else(|| ENDPOINT.to_owned()),
        tls_ca: tls_ca.map(|path| context.base.join(path)),
        principal: principal.ok()?,
        authority,
    })
}

/// None where none is named; an error, which is in the report, where it is wrong. `path` is that of the
/// secret.
pub(crate) fn principal(
    report: &mut Report<'_>,
    table: &Table<'_>,
    path: &'static str,
    context: &Context<'_>,
) -> Result<Option<AzurePrincipal>, ()> {
    if PRINCIPAL.iter().all(|name| table.field(name).is_none()) {
        return Ok(None);
    }
    let tenant = table.require(report, "tenant", id);
    let client = table.require(report, "client", id);
    let Some(secret) = table.field("secret") else {
        table.lacks(report, "secret", &format!("is missing; add {FORMS}"));
        return Err(());
    };
    let secret = reference(report, &secret, path, context);
    let (Some(tenant), Some(client), Some(secret)) = (tenant, client, secret) else {
        return Err(());
    };
    Ok(Some(AzurePrincipal {
        tenant,
        client,
        secret,
    }))
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

pub(crate) fn subscription(text: &str) -> Result<String, String> {
    is_id(text).then(|| text.to_owned()).ok_or_else(|| {
        format!(
            "{} is no subscription id; write it as `az account show` prints it",
            shown(text)
        )
    })
}

/// It is not repeated: it may be the secret, put in the wrong place.
fn id(text: &str) -> Result<String, String> {
    is_id(text).then(|| text.to_owned()).ok_or_else(|| {
        "is no id; write one such as \"00001111-aaaa-2222-bbbb-3333cccc4444\"".to_owned()
    })
}

/// It becomes a part of addresses: letters of other scripts, which Azure allows, are not taken.
pub(crate) fn resource_group(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-()".contains(c);
    let is_name = (1..=90).contains(&text.len()) && text.chars().all(plain) && !text.ends_with('.');
    is_name.then(|| text.to_owned()).ok_or_else(|| {
        format!(
            "{} is no resource group; use letters, digits, `.`, `_`, `-`, `(` and `)`, 90 at most",
            shown(text)
        )
    })
}

pub(crate) fn server(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_name = (1..=63).contains(&text.len()) && text.chars().all(plain);
    is_name.then(|| text.to_owned()).ok_or_else(|| {
        format!(
            "{} is no server name; write the part before `.mysql.database.azure.com`",
            shown(text)
        )
    })
}

fn storage(text: &str) -> Result<String, String> {
    https(text).ok_or_else(|| {
        "is no blob service; write \"https://ACCOUNT.blob.core.windows.net\", without a signature"
            .to_owned()
    })
}

pub(crate) fn endpoint_address(text: &str) -> Result<String, String> {
    https(text)
        .ok_or_else(|| format!("is no address of that kind; write one such as \"{ENDPOINT}\""))
}

/// `https://host[:port][/path]`: a token is sent there, so never in the clear, and a signature in the
/// address would be a secret.
fn https(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let rest = text.strip_prefix("https://")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:/[]".contains(c);
    let has_host = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
    (has_host && rest.chars().all(plain)).then(|| text.to_owned())
}
