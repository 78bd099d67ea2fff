//! Reads `[instance.logs.azure]`: the logs of an Azure Database for MySQL Flexible Server.

use std::path::PathBuf;

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
];
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
    let endpoint = table.read(report, "endpoint", endpoint);
    let tls_ca = table.read(report, "tls_ca", values::path);
    Some(AzureLogs {
        subscription: subscription?,
        resource_group: resource_group?,
        server: server?,
        storage,
        endpoint: endpoint.unwrap_or_else(|| ENDPOINT.to_owned()),
        tls_ca: tls_ca.map(|path| context.base.join(path)),
    })
}

fn subscription(text: &str) -> Result<String, String> {
    let is_id = text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    is_id.then(|| text.to_owned()).ok_or_else(|| {
        format!(
            "{} is no subscription id; write it as `az account show` prints it",
            shown(text)
        )
    })
}

/// It becomes a part of addresses: letters of other scripts, which Azure allows, are not taken.
fn resource_group(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-()".contains(c);
    let is_name = (1..=90).contains(&text.len()) && text.chars().all(plain) && !text.ends_with('.');
    is_name.then(|| text.to_owned()).ok_or_else(|| {
        format!(
            "{} is no resource group; use letters, digits, `.`, `_`, `-`, `(` and `)`, 90 at most",
            shown(text)
        )
    })
}

fn server(text: &str) -> Result<String, String> {
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

fn endpoint(text: &str) -> Result<String, String> {
    https(text).ok_or_else(|| {
        format!("is no address of a management API; write one such as \"{ENDPOINT}\"")
    })
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
