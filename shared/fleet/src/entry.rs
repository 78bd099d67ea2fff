//! Reads `[[instance]]`: what an instance is, over the defaults.

use std::collections::BTreeMap;

use crate::endpoint::endpoint;
use crate::metrics::{self, Names};
use crate::parse::Context;
use crate::report::Report;
use crate::suggest::nearest;
use crate::table::Table;
use crate::values;
use crate::{Instance, LogsEndpoint, MetricsStore, Source, logs};

/// What belongs to one instance only and has no default.
pub(crate) const UNSHARED: &[&str] = &["name", "snapshot"];
/// What `[defaults]` may say too.
pub(crate) const SHARED: &[&str] = &[
    "cluster",
    "region",
    "regulatory_domain",
    "environment",
    "cloud",
    "owner_team",
    "on_call",
    "engine",
    "tags",
    "mysql",
    "logs",
    "metrics",
];

pub(crate) fn instance(
    report: &mut Report<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
) -> Option<Instance> {
    let known: Vec<&str> = UNSHARED.iter().chain(SHARED).copied().collect();
    table.refuse_unknown(report, &known, None);
    if table.own("name").is_none() {
        table.lacks(
            report,
            "name",
            "is missing; add one that no other instance has",
        );
    }
    let name = table
        .own("name")
        .and_then(|field| field.read(report, values::name));
    let cluster = table.read(report, "cluster", values::line);
    let region = table.require(report, "region", values::word);
    let regulatory_domain = table.require(report, "regulatory_domain", values::word);
    let environment = table.require(report, "environment", values::word);
    let cloud = table.read(report, "cloud", values::cloud);
    let owner_team = table.require(report, "owner_team", values::line);
    let team_on_call = owner_team
        .as_deref()
        .and_then(|team| on_call_of(report, table, context, team));
    let on_call = table.read(report, "on_call", values::line);
    let inherited = table.field("on_call").is_some_and(|field| field.inherited);
    let engine = table.read(report, "engine", values::word);
    let tags = tags(report, table);
    let source = source(report, table, context);
    let logs = logs_of(report, table, context);
    let names = Names {
        name: name.as_deref(),
        cluster: cluster.as_deref().or(name.as_deref()),
        region: region.as_deref(),
        source: source.as_ref(),
    };
    let metrics = metrics_of(report, table, context, &names);
    let name = name?;
    Some(Instance {
        cluster: cluster.unwrap_or_else(|| name.clone()),
        name,
        region: region?,
        regulatory_domain: regulatory_domain?,
        environment: environment?,
        cloud: cloud.unwrap_or_else(|| "on-prem".to_owned()),
        owner_team: owner_team?,
        on_call: if inherited {
            team_on_call.or(on_call)
        } else {
            on_call.or(team_on_call)
        },
        engine: engine.unwrap_or_else(|| "auto".to_owned()),
        tags,
        source: source?,
        logs,
        metrics,
    })
}

/// Whom a team says to call. Where teams are listed, an instance's team is one of them.
fn on_call_of(
    report: &mut Report<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
    team: &str,
) -> Option<String> {
    if let Some(on_call) = context.teams.get(team) {
        return on_call.clone();
    }
    if !context.teams.is_empty() {
        let shown = values::shown(team);
        let what = match nearest(team, context.teams.keys().map(String::as_str)) {
            Some(near) => {
                format!(
                    "no [[team]] is named {shown}; did you mean {}?",
                    values::shown(near)
                )
            }
            None => format!("no [[team]] is named {shown}; add one, or correct the name"),
        };
        if let Some(field) = table.field("owner_team") {
            field.wrong(report, &what);
        }
    }
    None
}

/// Those of the defaults and the instance's own, which win.
fn tags(report: &mut Report<'_>, table: &Table<'_>) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for field in table.layers("tags") {
        let path = if field.inherited {
            "defaults.tags"
        } else {
            "instance.tags"
        };
        let Some(own) = field.table(report) else {
            continue;
        };
        let table = Table::new(path, field.at, own);
        tags.extend(table.read_all(report, values::line));
    }
    tags
}

fn source(report: &mut Report<'_>, table: &Table<'_>, context: &Context<'_>) -> Option<Source> {
    match (table.own("mysql"), table.own("snapshot")) {
        (Some(mysql), None) => {
            let own = mysql.table(report)?;
            let defaults = table
                .layers("mysql")
                .find(|field| field.inherited)
                .and_then(|field| field.as_table());
            let table =
                Table::new("instance.mysql", mysql.at, own).over("defaults.mysql", defaults);
            endpoint(report, &table, context).map(Source::MySql)
        }
        (None, Some(snapshot)) => {
            let path = snapshot.read(report, values::path)?;
            Some(Source::Snapshot(context.base.join(path)))
        }
        (Some(_), Some(snapshot)) => {
            let what = "an instance is live or recorded; keep this or [instance.mysql]";
            snapshot.wrong(report, what);
            None
        }
        (None, None) => {
            let what = "nothing says where its data comes from; add [instance.mysql], or `snapshot` \
                        with the path of a recorded one";
            table.lacks(report, "mysql", what);
            None
        }
    }
}

fn logs_of(
    report: &mut Report<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
) -> Option<LogsEndpoint> {
    let field = table.own("logs")?;
    if table.own("snapshot").is_some() {
        let what = "a recorded instance has the logs that were recorded; leave it out";
        field.wrong(report, what);
        return None;
    }
    let own = field.table(report)?;
    let defaults = table
        .layers("logs")
        .find(|field| field.inherited)
        .and_then(|field| field.as_table());
    let table = Table::new("instance.logs", field.at, own).over("defaults.logs", defaults);
    logs::logs(report, &table, context)
}

fn metrics_of(
    report: &mut Report<'_>,
    table: &Table<'_>,
    context: &Context<'_>,
    names: &Names<'_>,
) -> Option<MetricsStore> {
    let own = table.own("metrics");
    if table.own("snapshot").is_some() {
        if let Some(field) = own {
            let what = "a recorded instance has the metrics that were recorded; leave it out";
            field.wrong(report, what);
        }
        return None;
    }
    let defaults = table
        .layers("metrics")
        .find(|field| field.inherited)
        .and_then(|field| field.as_table());
    metrics::metrics(report, own.as_ref(), defaults, context, names)
}
