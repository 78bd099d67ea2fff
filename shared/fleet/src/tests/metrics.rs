//! `[instance.metrics]`.

use crate::tests::{DEFAULTS, parse, words};
use crate::{
    AwsMetrics, GoogleMetrics, Inventory, MetricsStore, Mistake, PrometheusStore, Readers, Secret,
    StoreLogin,
};

const SERVER: &str = "[instance.mysql]\naddress = \"db1.internal:3307\"\nuser = \"storex\"\n";

/// An instance `shop-1` with these lines, over these defaults.
fn text(defaults: &str, instance: &str) -> String {
    format!("{DEFAULTS}{defaults}[[instance]]\nname = \"shop-1\"\n{SERVER}{instance}\n")
}

fn store(defaults: &str, instance: &str) -> Result<Option<MetricsStore>, Vec<Mistake>> {
    let inventory = parse(&text(defaults, instance))?;
    Ok(inventory.get("shop-1").unwrap().metrics.clone())
}

fn prometheus(defaults: &str, instance: &str) -> PrometheusStore {
    match store(defaults, instance) {
        Ok(Some(MetricsStore::Prometheus(store))) => store,
        other => panic!("a store of Prometheus expected, not {other:?}"),
    }
}

#[test]
fn a_default_names_the_store_of_every_running_server_and_fills_in_what_it_is_called() {
    let defaults = r#"
[defaults.metrics.prometheus]
url = "https://prometheus.internal:9090/"
selector = 'instance="{name}:9104", cluster="{cluster}"'
host_selector = 'instance=~"{host}:[0-9]{4}"'
[defaults.metrics.prometheus.headers]
X-Scope-OrgID = "shop"
"#;
    let inherited = prometheus(defaults, "");
    let expected = PrometheusStore {
        url: "https://prometheus.internal:9090".to_owned(),
        selector: r#"instance="shop-1:9104",cluster="shop-1""#.to_owned(),
        host_selector: Some(r#"instance=~"db1.internal:[0-9]{4}""#.to_owned()),
        login: StoreLogin::None,
        headers: [("X-Scope-OrgID".to_owned(), "shop".to_owned())].into(),
        tls_ca: None,
    };
    assert_eq!(inherited, expected);
    let own = prometheus(
        defaults,
        "[instance.metrics]\nprometheus.selector = 'instance=\"db1:9104\"'",
    );
    let expected = PrometheusStore {
        selector: r#"instance="db1:9104""#.to_owned(),
        ..expected
    };
    assert_eq!(own, expected);
    let off = store(defaults, "[instance.metrics]\noff = true");
    assert_eq!(off, Ok(None));
    let elsewhere = store(defaults, "[instance.metrics.aws]\ninstance = \"Shop-EU-1\"");
    let expected = AwsMetrics {
        instance: "shop-eu-1".to_owned(),
        region: None,
        profile: None,
        credentials_file: None,
        endpoint: None,
    };
    assert_eq!(elsewhere, Ok(Some(MetricsStore::Aws(expected))));
}

#[test]
fn a_cluster_named_with_a_quote_does_not_end_the_matcher() {
    let defaults = r#"
cluster = 'a"} or up{b="\'
[defaults.metrics.prometheus]
url = "https://prometheus.internal"
selector = 'cluster="{cluster}"'
"#;
    let read = prometheus(defaults, "");
    assert_eq!(read.selector, r#"cluster="a\"} or up{b=\"\\""#);
}

#[test]
fn a_recorded_instance_inherits_no_store() {
    let text = format!(
        "{DEFAULTS}[defaults.metrics.google]\ndatabase = \"shop:{{name}}\"\n\
         [[instance]]\nname = \"live\"\n{SERVER}\
         [[instance]]\nname = \"recorded\"\nsnapshot = \"a.tar.zst\"\n"
    );
    let inventory = parse(&text).unwrap();
    let metrics = |name: &str| inventory.get(name).unwrap().metrics.clone();
    let expected = GoogleMetrics {
        database: "shop:live".to_owned(),
        endpoint: None,
    };
    assert_eq!(metrics("live"), Some(MetricsStore::Google(expected)));
    assert_eq!(metrics("recorded"), None);
}

#[test]
fn one_logs_in_with_a_token_or_with_a_user_and_a_password() {
    let login = |fields: &str| {
        let instance = format!(
            "[instance.metrics.prometheus]\nurl = \"http://127.0.0.1:9090\"\nselector = 'a=\"b\"'\n{fields}"
        );
        prometheus("", &instance).login
    };
    assert_eq!(
        login("token = { env = \"PROM_TOKEN\" }"),
        StoreLogin::Token(Secret::Env("PROM_TOKEN".to_owned()))
    );
    assert_eq!(
        login("user = \"storex\"\npassword = { file = \"prom\" }"),
        StoreLogin::Basic {
            user: "storex".to_owned(),
            password: Secret::File("/etc/storex/prom".into()),
        }
    );
}

#[test]
fn a_token_in_a_file_that_others_read_is_refused_and_not_repeated() {
    let instance = "[instance.metrics.prometheus]\nurl = \"https://hunter2@prometheus\"\n\
                    selector = 'a=\"b\"'\ntoken = \"hunter2\"\nheaders = { Authorization = \"hunter2\" }";
    let told = words(&store("", instance).unwrap_err());
    insta::assert_snapshot!(told);
    let text = text("", &instance.replace("hunter2@", "")).replace("headers", "#");
    let owners = Inventory::parse(&text, "/".as_ref(), Readers::Owner).unwrap();
    let Some(MetricsStore::Prometheus(store)) = &owners.get("shop-1").unwrap().metrics else {
        panic!("a store of Prometheus expected");
    };
    let inline = Secret::Inline("hunter2".to_owned());
    assert_eq!(store.login, StoreLogin::Token(inline));
    assert!(!format!("{store:?}").contains("hunter2"));
}

#[test]
fn what_is_wrong_with_metrics_is_told_with_its_place() {
    let fields = |fields: &str| {
        format!(
            "[instance.metrics.prometheus]\nurl = \"https://p\"\nselector = 'a=\"b\"'\n{fields}"
        )
    };
    let told = [
        ("", "metrics = 1".to_owned()),
        ("", "[instance.metrics]\nprometeus = {}".to_owned()),
        ("", "[instance.metrics]\nprometheus = {}".to_owned()),
        ("", "[instance.metrics.prometheus]\nurl = \"http://prometheus:9090\"\nselector = 'job=\"mysql\", '\n\
              host_selector = 'instance=\"{hots}\"'".to_owned()),
        ("", "[instance.metrics.prometheus]\nurl = \"prometheus:9090\"\nselector = '{job=\"mysql\"}'".to_owned()),
        ("", "[instance.metrics.prometheus]\nurl = \"https://p/api/v1\"\nselector = 'job=~\".*\"'".to_owned()),
        ("", fields("token = { env = \"A\" }\nuser = \"u\"\npassword = { env = \"B\" }")),
        ("", fields("user = \"u\"")),
        ("", fields("password = { env = \"B\" }")),
        ("", fields("headers = { \"a b\" = \"c\", X-A = \"\", X-B = 1 }")),
        ("", fields("") + "[instance.metrics.aws]\ninstance = \"a\""),
        ("", fields("") + "[instance.metrics]\noff = true"),
        ("", "[instance.metrics.azure]\nserver = \"{name}\"\ntenant = \"x\"".to_owned()),
        ("[defaults.metrics]\noff = true\n", String::new()),
        ("[defaults.metrics.prometheus]\nurl = \"http://p\"\nselektor = 'a=\"b\"'\n", String::new()),
        ("[defaults.metrics.google]\ndatabase = \"{name}\"\n", String::new()),
    ]
    .map(|(defaults, instance)| words(&store(defaults, &instance).unwrap_err()));
    insta::assert_snapshot!(told.join("\n\n"));
    let recorded = format!("{}[instance.metrics]\noff = true\n", crate::tests::RECORDED);
    assert_eq!(
        words(&parse(&recorded).unwrap_err()),
        "9:1: instance.metrics: a recorded instance has the metrics that were recorded; leave it out"
    );
}
