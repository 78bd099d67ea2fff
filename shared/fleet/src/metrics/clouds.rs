//! Reads the tables of clouds under `[instance.metrics]`. What names a server and how to log in is
//! written as for its logs.

use std::path::PathBuf;

use super::template::Names;
use crate::AzurePrincipal;
use crate::logs::{azure as azure_logs, google as google_logs, identifier};
use crate::parse::Context;
use crate::report::Report;
use crate::table::Table;
use crate::values;

pub(crate) const AWS: &[&str] = &[
    "instance",
    "region",
    "profile",
    "credentials_file",
    "endpoint",
];
pub(crate) const AZURE: &[&str] = &[
    "subscription",
    "resource_group",
    "server",
    "endpoint",
    "tls_ca",
    "tenant",
    "client",
    "secret",
    "authority",
];
pub(crate) const GOOGLE: &[&str] = &["database", "endpoint"];

/// The metrics of a server of Amazon RDS or Aurora in CloudWatch. Credentials are those of AWS's default
/// chain, or of a profile of its configuration files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsMetrics {
    /// The identifier of the DB instance.
    pub instance: String,
    /// The region; that of the inventory's entry where none is said.
    pub region: Option<String>,
    /// The profile whose credentials are used.
    pub profile: Option<String>,
    /// The file of credentials to take it from, in place of the usual ones.
    pub credentials_file: Option<PathBuf>,
    /// A private endpoint or an emulator.
    pub endpoint: Option<String>,
}

/// The metrics of an Azure Database for MySQL Flexible Server in Azure Monitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzureMetrics {
    /// The id of the subscription.
    pub subscription: String,
    /// The resource group.
    pub resource_group: String,
    /// The server's name, without a domain.
    pub server: String,
    /// The management API, without a slash at its end.
    pub endpoint: String,
    /// The authority that signed its certificate; those this machine trusts where none is named.
    pub tls_ca: Option<PathBuf>,
    /// Who signs in; where it is not said, the first identity that is set up where storex runs.
    pub principal: Option<AzurePrincipal>,
    /// Where to sign in, without a slash at its end; Azure's public cloud, or what the environment says,
    /// where it is not said.
    pub authority: Option<String>,
}

/// The metrics of a Cloud SQL instance in Cloud Monitoring. Credentials are the application default ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleMetrics {
    /// The instance as its series name it: the label `database_id`, `PROJECT:INSTANCE`.
    pub database: String,
    /// Another address of Cloud Monitoring. Without TLS, which is for this machine only, no credentials
    /// are sent.
    pub endpoint: Option<String>,
}

pub(super) fn aws(
    report: &mut Report<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
    names: &Names<'_>,
) -> Option<AwsMetrics> {
    table.refuse_unknown(report, AWS, None);
    let instance = names.require(report, table, "instance", identifier);
    let region = names.read(report, table, "region", values::word);
    let profile = table.read(report, "profile", values::line);
    let credentials_file = table.read(report, "credentials_file", values::path);
    let endpoint = table.read(report, "endpoint", values::endpoint);
    Some(AwsMetrics {
        instance: instance?,
        region,
        profile,
        credentials_file: credentials_file.map(|path| context.base.join(path)),
        endpoint,
    })
}

pub(super) fn azure(
    report: &mut Report<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
    names: &Names<'_>,
) -> Option<AzureMetrics> {
    table.refuse_unknown(report, AZURE, None);
    let subscription = table.require(report, "subscription", azure_logs::subscription);
    let resource_group = names.require(report, table, "resource_group", azure_logs::resource_group);
    let server = names.require(report, table, "server", azure_logs::server);
    let endpoint = table.read(report, "endpoint", azure_logs::endpoint_address);
    let tls_ca = table.read(report, "tls_ca", values::path);
    let secret = match table.field("secret") {
        Some(field) if field.inherited => "defaults.metrics.azure.secret",
        _ => "instance.metrics.azure.secret",
    };
    let principal = azure_logs::principal(report, table, secret, context);
    let authority = table.read(report, "authority", azure_logs::endpoint_address);
    Some(AzureMetrics {
        subscription: subscription?,
        resource_group: resource_group?,
        server: server?,
        endpoint: endpoint.unwrap_or_else(|| azure_logs::ENDPOINT.to_owned()),
        tls_ca: tls_ca.map(|path| context.base.join(path)),
        principal: principal.ok()?,
        authority,
    })
}

pub(super) fn google(
    report: &mut Report<'_>,
    table: &Table<'_>,
    names: &Names<'_>,
) -> Option<GoogleMetrics> {
    table.refuse_unknown(report, GOOGLE, None);
    let database = names.require(report, table, "database", google_logs::database);
    let endpoint = table.read(report, "endpoint", google_logs::endpoint);
    Some(GoogleMetrics {
        database: database?,
        endpoint,
    })
}
