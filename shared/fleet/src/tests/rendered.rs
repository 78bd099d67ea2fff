//! Whatever an inventory can hold, the file can say.

mod clouds;
mod stores;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::tz::{Offset, TimeZone};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use crate::{
    Address, Instance, Inventory, LogFiles, LogTable, LogsEndpoint, LogsPlace, MySqlEndpoint,
    Readers, Secret, Source, Tls,
};

fn word() -> impl Strategy<Value = String> {
    "[a-z0-9][a-z0-9._-]{0,20}"
}

fn line() -> impl Strategy<Value = String> {
    "\\PC{0,10}[a-zé\"'\\\\]\\PC{0,10}"
}

fn path() -> impl Strategy<Value = PathBuf> {
    line().prop_map(|text| Path::new("/").join(text))
}

fn address() -> impl Strategy<Value = Address> {
    let host = prop_oneof!["[A-Za-z0-9._-]{1,30}", Just("::1".to_owned())];
    prop_oneof![
        (host, 1_u16..).prop_map(|(host, port)| Address::Tcp { host, port }),
        path().prop_map(Address::Socket),
    ]
}

fn secret() -> impl Strategy<Value = Secret> {
    prop_oneof![
        Just(Secret::None),
        "[A-Z_][A-Z0-9_]{0,10}".prop_map(Secret::Env),
        path().prop_map(Secret::File),
        any::<String>().prop_map(Secret::Inline),
    ]
}

fn tls() -> impl Strategy<Value = Tls> {
    prop_oneof![Just(Tls::Verify), Just(Tls::VerifyCa), Just(Tls::Off)]
}

fn endpoint() -> impl Strategy<Value = MySqlEndpoint> {
    let login = (address(), option::of(1_u16..), line(), secret(), tls());
    (login, option::of(path()), 1_usize..=8).prop_map(|(login, tls_ca, max_connections)| {
        let (address, admin_port, user, password, tls) = login;
        let has_ports = matches!(address, Address::Tcp { .. });
        MySqlEndpoint {
            admin_port: admin_port.filter(|_| has_ports),
            address,
            user,
            password,
            tls,
            tls_ca,
            max_connections,
        }
    })
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        3 => endpoint().prop_map(Source::MySql),
        1 => path().prop_map(Source::Snapshot),
    ]
}

/// A place and how it is written.
fn time_zone() -> impl Strategy<Value = TimeZone> {
    prop_oneof![
        Just(TimeZone::UTC),
        Just(TimeZone::get("Europe/Berlin").unwrap()),
        (-23..=23_i8).prop_map(|hours| TimeZone::fixed(Offset::constant(hours))),
    ]
}

fn logs() -> impl Strategy<Value = Option<LogsEndpoint>> {
    let log = || {
        path().prop_filter("a pattern in a folder's name", |p| {
            crate::values::log_path(p.to_str().unwrap()).is_ok()
        })
    };
    let here = (option::of(log()), option::of(log()), any::<bool>());
    let here = here.prop_map(|(slow, error, in_table)| {
        let named = slow.is_some() || error.is_some();
        if in_table {
            Some(LogsPlace::Table(LogTable { error }))
        } else {
            named.then_some(LogsPlace::Files(LogFiles { slow, error }))
        }
    });
    let place = prop_oneof![here, clouds::place().prop_map(Some)];
    (place, time_zone())
        .prop_map(|(place, time_zone)| place.map(|place| LogsEndpoint { place, time_zone }))
}

prop_compose! {
    fn instance()(
        name in word(),
        (region, regulatory_domain, environment) in (word(), word(), word()),
        cloud in prop_oneof![Just("aws"), Just("azure"), Just("gcp"), Just("on-prem")],
        (cluster, owner_team, on_call) in (line(), line(), option::of(line())),
        engine in word(),
        tags in btree_map(line(), line(), 0..3),
        source in source(),
        logs in logs(),
        metrics in option::of(stores::store()),
    ) -> Instance {
        Instance {
            name, cluster, region, regulatory_domain, environment, cloud: cloud.to_owned(),
            owner_team, on_call, engine, tags,
            logs: logs.filter(|_| matches!(source, Source::MySql(_))),
            metrics: metrics.filter(|_| matches!(source, Source::MySql(_))),
            source,
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn render(inventory: &Inventory) -> String {
    let mut text = String::new();
    for instance in inventory.instances() {
        text.push_str("[[instance]]\n");
        let mut field = |name: &str, value: &str| {
            writeln!(text, "{name} = {}", quoted(value)).unwrap();
        };
        field("name", &instance.name);
        field("cluster", &instance.cluster);
        field("region", &instance.region);
        field("regulatory_domain", &instance.regulatory_domain);
        field("environment", &instance.environment);
        field("cloud", &instance.cloud);
        field("owner_team", &instance.owner_team);
        field("engine", &instance.engine);
        if let Some(on_call) = &instance.on_call {
            field("on_call", on_call);
        }
        if let Source::Snapshot(path) = &instance.source {
            field("snapshot", path.to_str().unwrap());
        }
        text.push_str(&tags(&instance.tags));
        if let Source::MySql(endpoint) = &instance.source {
            text.push_str(&mysql(endpoint));
        }
        if let Some(logs) = &instance.logs {
            text.push_str(&rendered_logs(logs));
        }
        if let Some(store) = &instance.metrics {
            text.push_str(&stores::rendered(store));
        }
    }
    text
}

fn tags(tags: &BTreeMap<String, String>) -> String {
    let mut table = toml::Table::new();
    for (name, value) in tags {
        table.insert(name.clone(), value.as_str().into());
    }
    format!("tags = {}\n", toml::Value::Table(table))
}

fn rendered_logs(logs: &LogsEndpoint) -> String {
    let mut text = "[instance.logs]\n".to_owned();
    let mut file = |name: &str, path: &Option<PathBuf>| {
        if let Some(path) = path {
            writeln!(text, "{name} = {}", quoted(path.to_str().unwrap())).unwrap();
        }
    };
    match &logs.place {
        LogsPlace::Files(files) => {
            file("slow", &files.slow);
            file("error", &files.error);
        }
        LogsPlace::Table(table) => {
            file("error", &table.error);
            text.push_str("table = true\n");
        }
        cloud => text.push_str(&clouds::rendered(cloud)),
    }
    let zone = if let Some(name) = logs.time_zone.iana_name() {
        name.to_owned()
    } else {
        let seconds = logs.time_zone.to_fixed_offset().unwrap().seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        format!("{sign}{:02}:00", seconds.abs() / 3600)
    };
    writeln!(text, "time_zone = {}", quoted(&zone)).unwrap();
    text
}

fn secret_text(secret: &Secret) -> String {
    match secret {
        Secret::None => String::new(),
        Secret::Env(name) => format!("{{ env = {} }}", quoted(name)),
        Secret::File(path) => format!("{{ file = {} }}", quoted(path.to_str().unwrap())),
        Secret::Inline(text) => quoted(text),
    }
}

fn mysql(endpoint: &MySqlEndpoint) -> String {
    let mut text = "[instance.mysql]\n".to_owned();
    let mut field = |name: &str, value: String| writeln!(text, "{name} = {value}").unwrap();
    match &endpoint.address {
        Address::Tcp { host, port } if host.contains(':') => {
            field("address", quoted(&format!("[{host}]:{port}")));
        }
        Address::Tcp { host, port } => field("address", quoted(&format!("{host}:{port}"))),
        Address::Socket(path) => field("socket", quoted(path.to_str().unwrap())),
    }
    if let Some(port) = endpoint.admin_port {
        field("admin_port", port.to_string());
    }
    field("user", quoted(&endpoint.user));
    if endpoint.password != Secret::None {
        field("password", secret_text(&endpoint.password));
    }
    match endpoint.tls {
        Tls::Verify => field("tls", quoted("verify")),
        Tls::VerifyCa => field("tls", quoted("verify-ca")),
        Tls::Off => {
            field("tls", quoted("off"));
            field("tls_off_reason", quoted("a test"));
        }
    }
    if let Some(path) = &endpoint.tls_ca {
        field("tls_ca", quoted(path.to_str().unwrap()));
    }
    field("max_connections", endpoint.max_connections.to_string());
    text
}

proptest! {
    #[test]
    fn a_rendered_inventory_parses_back(instances in vec(instance(), 0..4)) {
        let inventory: Inventory = instances.into_iter().collect();
        let text = render(&inventory);
        let parsed = Inventory::parse(&text, Path::new("/etc/storex"), Readers::Owner);
        prop_assert_eq!(parsed, Ok(inventory), "{}", text);
    }
}
