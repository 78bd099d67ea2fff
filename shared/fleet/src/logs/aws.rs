//! Reads `[instance.logs.aws]`: the logs of a server of Amazon RDS or Aurora.

use std::path::PathBuf;

use crate::parse::Context;
use crate::report::Report;
use crate::suggest::nearest;
use crate::table::{Field, Table};
use crate::values;

/// What `[instance.logs.aws]` may say.
pub(crate) const AWS: &[&str] = &[
    "instance",
    "cluster",
    "store",
    "region",
    "profile",
    "credentials_file",
    "endpoint",
];
pub(crate) const STORES: [(&str, AwsStore); 2] =
    [("rds", AwsStore::Rds), ("cloudwatch", AwsStore::CloudWatch)];
/// The longest identifier of an instance or a cluster (RDS User Guide, "Naming constraints").
const LONGEST: usize = 63;

/// The logs of a server of Amazon RDS or Aurora. Credentials are those of AWS's default chain, or of a
/// profile of its configuration files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsLogs {
    /// The identifier of the DB instance.
    pub instance: String,
    /// The identifier of its Aurora cluster, whose instances share a log group.
    pub cluster: Option<String>,
    /// Where they are read.
    pub store: AwsStore,
    /// The region; that of the inventory's entry where none is said.
    pub region: Option<String>,
    /// The profile whose credentials are used.
    pub profile: Option<String>,
    /// The file of credentials to take it from, in place of the usual ones.
    pub credentials_file: Option<PathBuf>,
    /// A private endpoint or an emulator.
    pub endpoint: Option<String>,
}

/// Where the logs of a server of Amazon RDS are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AwsStore {
    /// From the database host, through the API of RDS.
    #[default]
    Rds,
    /// From CloudWatch Logs, to which RDS exports them.
    CloudWatch,
}

pub(super) fn aws(
    report: &mut Report<'_>,
    field: &Field<'_>,
    context: &Context<'_>,
) -> Option<AwsLogs> {
    let own = field.table(report)?;
    let table = Table::new("instance.logs.aws", field.at.clone(), own);
    table.refuse_unknown(report, AWS, None);
    let instance = table.require(report, "instance", identifier);
    let cluster = table.read(report, "cluster", identifier);
    let store = table.read(report, "store", store).unwrap_or_default();
    let region = table.read(report, "region", values::word);
    let profile = table.read(report, "profile", values::line);
    let credentials_file = table.read(report, "credentials_file", values::path);
    let endpoint = table.read(report, "endpoint", values::endpoint);
    if let (Some(cluster), AwsStore::Rds) = (table.own("cluster"), store) {
        let what = "an instance's own files need no cluster; leave it out, or write store = \"cloudwatch\"";
        cluster.wrong(report, what);
        return None;
    }
    Some(AwsLogs {
        instance: instance?,
        cluster,
        store,
        region,
        profile,
        credentials_file: credentials_file.map(|path| context.base.join(path)),
        endpoint,
    })
}

/// An identifier of RDS: letters, digits and single hyphens, beginning with a letter. Case does not
/// count there, and names of log groups are in lower case.
pub(crate) fn identifier(text: &str) -> Result<String, String> {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if plain && begins && text.len() <= LONGEST && !text.contains("--") && !text.ends_with('-') {
        return Ok(text.to_ascii_lowercase());
    }
    Err(format!(
        "{} is no identifier of RDS; write that of the console, such as \"shop-eu-1\", not an address \
         or an ARN",
        values::shown(text)
    ))
}

fn store(text: &str) -> Result<AwsStore, String> {
    let found = STORES.iter().find(|(name, _)| *name == text);
    let names = STORES.map(|(name, _)| name);
    found.map(|(_, store)| *store).ok_or_else(|| {
        let shown = values::shown(text);
        match nearest(text, names) {
            Some(near) => format!("{shown} is not known; did you mean \"{near}\"?"),
            None => format!(
                "{shown} is not known; write one of \"{}\"",
                names.join("\", \"")
            ),
        }
    })
}
