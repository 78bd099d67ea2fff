//! Reads `[instance.metrics]`: which store keeps the figures of a server. All of it may stand under
//! `[defaults.metrics]`, with names that are filled in for each instance.

mod clouds;
mod prometheus;
mod selector;
mod template;

use toml::de::DeTable;

pub(crate) use clouds::{AWS, AZURE, GOOGLE};
pub use clouds::{AwsMetrics, AzureMetrics, GoogleMetrics};
pub(crate) use prometheus::PROMETHEUS;
pub use prometheus::{PrometheusStore, StoreLogin};
pub(crate) use template::Names;

use crate::MetricsStore;
use crate::parse::Context;
use crate::report::Report;
use crate::table::{Field, Table};

/// What belongs to one server only and has no default.
pub(crate) const UNSHARED: &[&str] = &["off"];
/// What `[defaults.metrics]` may say too: the stores, of which an instance has one.
pub(crate) const SHARED: &[&str] = &["prometheus", "aws", "azure", "google"];

/// The store of an instance: the one it names, over the fields of the defaults, or that of the defaults.
pub(crate) fn metrics(
    report: &mut Report<'_>,
    own: Option<&Field<'_>>,
    defaults: Option<&DeTable<'_>>,
    context: &Context<'_>,
    names: &Names<'_>,
) -> Option<MetricsStore> {
    let empty = DeTable::new();
    let table = match own {
        Some(field) => Table::new("instance.metrics", field.at.clone(), field.table(report)?),
        None => Table::new("instance.metrics", 0..0, &empty),
    };
    let table = table.over("defaults.metrics", defaults);
    let known: Vec<&str> = UNSHARED.iter().chain(SHARED).copied().collect();
    table.refuse_unknown(report, &known, None);
    let stores = |of: fn(&Table<'_>, &str) -> bool| -> Vec<&'static str> {
        let there = SHARED.iter().filter(|store| of(&table, store));
        there.copied().collect()
    };
    let here = stores(|table, store| table.own(store).is_some());
    let off = match table.own("off") {
        Some(field) => field.flag(report)?,
        None => false,
    };
    if off {
        if let Some(field) = here.first().and_then(|store| table.own(store)) {
            let what = "the instance's metrics are switched off; leave this out, or `off`";
            field.wrong(report, what);
        }
        return None;
    }
    let there = if here.is_empty() {
        stores(|table, store| table.field(store).is_some())
    } else {
        here
    };
    let (store, others) = there.split_first()?;
    if let Some(other) = others.first().and_then(|other| table.field(other)) {
        let what = format!("an instance's metrics are in one store; keep this or `{store}`");
        other.wrong(report, &what);
        return None;
    }
    one_store(report, &table, store, context, names)
}

fn one_store(
    report: &mut Report<'_>,
    table: &Table<'_>,
    store: &str,
    context: &Context<'_>,
    names: &Names<'_>,
) -> Option<MetricsStore> {
    let (path, defaults_path) = match store {
        "prometheus" => ("instance.metrics.prometheus", "defaults.metrics.prometheus"),
        "aws" => ("instance.metrics.aws", "defaults.metrics.aws"),
        "azure" => ("instance.metrics.azure", "defaults.metrics.azure"),
        _ => ("instance.metrics.google", "defaults.metrics.google"),
    };
    let empty = DeTable::new();
    let own = table.own(store);
    let at = table.field(store)?.at;
    let own = match &own {
        Some(field) => field.table(report)?,
        None => &empty,
    };
    let inherited = table.layers(store).find(|field| field.inherited);
    let inherited = match &inherited {
        Some(field) => Some(field.table(report)?),
        None => None,
    };
    let table = Table::new(path, at, own).over(defaults_path, inherited);
    match store {
        "prometheus" => {
            prometheus::prometheus(report, &table, context, names).map(MetricsStore::Prometheus)
        }
        "aws" => clouds::aws(report, &table, context, names).map(MetricsStore::Aws),
        "azure" => clouds::azure(report, &table, context, names).map(MetricsStore::Azure),
        _ => clouds::google(report, &table, names).map(MetricsStore::Google),
    }
}

/// `[defaults.metrics]`: fields that are not known are told here once.
pub(crate) fn defaults(report: &mut Report<'_>, table: &Table<'_>) {
    let unshared = Some(("each [instance.metrics]", UNSHARED));
    table.refuse_unknown(report, SHARED, unshared);
    for (store, path, known) in [
        ("prometheus", "defaults.metrics.prometheus", PROMETHEUS),
        ("aws", "defaults.metrics.aws", AWS),
        ("azure", "defaults.metrics.azure", AZURE),
        ("google", "defaults.metrics.google", GOOGLE),
    ] {
        if let Some(field) = table.own(store)
            && let Some(own) = field.table(report)
        {
            Table::new(path, field.at, own).refuse_unknown(report, known, None);
        }
    }
}
