//! Stores of metrics, and how they are written.

use std::fmt::Write as _;
use std::path::PathBuf;

use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;

use super::clouds::principal;
use super::{line, path, quoted, secret_text, word};
use crate::{
    AwsMetrics, AzureMetrics, GoogleMetrics, MetricsStore, PrometheusStore, Secret, StoreLogin,
};

/// A store.
pub(super) fn store() -> impl Strategy<Value = MetricsStore> {
    prop_oneof![
        prometheus().prop_map(MetricsStore::Prometheus),
        aws().prop_map(MetricsStore::Aws),
        azure().prop_map(MetricsStore::Azure),
        google().prop_map(MetricsStore::Google),
    ]
}

fn login() -> impl Strategy<Value = StoreLogin> {
    let secret = || {
        prop_oneof![
            "[A-Z_][A-Z0-9_]{0,10}".prop_map(Secret::Env),
            path().prop_map(Secret::File),
            any::<String>().prop_map(Secret::Inline),
        ]
    };
    prop_oneof![
        Just(StoreLogin::None),
        secret().prop_map(StoreLogin::Token),
        (line(), secret()).prop_map(|(user, password)| StoreLogin::Basic { user, password }),
    ]
}

/// A value may hold anything but what names an instance.
fn selector() -> impl Strategy<Value = String> {
    let matcher =
        || "[a-z][a-z0-9_]{0,9}(=|!=|=~|!~)\"([a-zA-Z0-9 ,}=~.*]|\\{[0-9]|\\\\\"|\\\\\\\\){0,12}\"";
    (option::of(matcher()), "[a-z]{1,9}=\"[a-z0-9:.]{1,20}\"").prop_map(
        |(other, one)| match other {
            Some(other) => format!("{one},{other}"),
            None => one,
        },
    )
}

prop_compose! {
    fn prometheus()(
        url in "(https://[a-z0-9.-]{1,20}|http://127\\.0\\.0\\.1:[1-9][0-9]{0,3})(/[a-z0-9]{1,9}){0,2}",
        selector in selector(),
        host_selector in option::of(selector()),
        login in login(),
        headers in btree_map("X-[A-Za-z0-9-]{1,9}", "[!-~]{1,12}", 0..3),
        tls_ca in option::of(path()),
    ) -> PrometheusStore {
        PrometheusStore { url, selector, host_selector, login, headers, tls_ca }
    }
}

prop_compose! {
    fn aws()(
        instance in "[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,5})?",
        region in option::of(word()),
        profile in option::of(line()),
        credentials_file in option::of(path()),
        endpoint in option::of("https://[a-z0-9.]{1,20}"),
    ) -> AwsMetrics {
        AwsMetrics { instance, region, profile, credentials_file, endpoint }
    }
}

prop_compose! {
    fn azure()(
        subscription in "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        resource_group in "[A-Za-z0-9._()-]{0,89}[A-Za-z0-9_()-]",
        server in "[a-z0-9-]{1,63}",
        endpoint in "https://[a-z0-9][a-z0-9.]{0,24}[a-z]",
        tls_ca in option::of(path()),
        principal in option::of(principal()),
        authority in option::of("https://[a-z0-9][a-z0-9.]{0,24}[a-z]"),
    ) -> AzureMetrics {
        AzureMetrics { subscription, resource_group, server, endpoint, tls_ca, principal, authority }
    }
}

prop_compose! {
    fn google()(
        database in "([a-z.]{1,9}:)?[a-z0-9-]{1,9}:[a-z0-9-]{1,9}",
        endpoint in option::of("https://[a-z0-9.-]{1,20}(:[1-9][0-9]{0,3})?"),
    ) -> GoogleMetrics {
        GoogleMetrics { database, endpoint }
    }
}

/// Its table.
pub(super) fn rendered(store: &MetricsStore) -> String {
    match store {
        MetricsStore::Prometheus(store) => rendered_prometheus(store),
        MetricsStore::Aws(aws) => fields(
            "aws",
            &[
                ("instance", Some(&aws.instance)),
                ("region", aws.region.as_ref()),
                ("profile", aws.profile.as_ref()),
                (
                    "credentials_file",
                    text(aws.credentials_file.as_ref()).as_ref(),
                ),
                ("endpoint", aws.endpoint.as_ref()),
            ],
        ),
        MetricsStore::Azure(azure) => rendered_azure(azure),
        MetricsStore::Google(google) => fields(
            "google",
            &[
                ("database", Some(&google.database)),
                ("endpoint", google.endpoint.as_ref()),
            ],
        ),
    }
}

fn text(path: Option<&PathBuf>) -> Option<String> {
    path.map(|path| path.to_str().unwrap().to_owned())
}

fn fields(store: &str, fields: &[(&str, Option<&String>)]) -> String {
    let mut text = format!("[instance.metrics.{store}]\n");
    for (name, value) in fields {
        if let Some(value) = value {
            writeln!(text, "{name} = {}", quoted(value)).unwrap();
        }
    }
    text
}

fn rendered_prometheus(store: &PrometheusStore) -> String {
    let mut text = fields(
        "prometheus",
        &[
            ("url", Some(&store.url)),
            ("selector", Some(&store.selector)),
            ("host_selector", store.host_selector.as_ref()),
            ("tls_ca", text(store.tls_ca.as_ref()).as_ref()),
        ],
    );
    match &store.login {
        StoreLogin::None => {}
        StoreLogin::Token(token) => writeln!(text, "token = {}", secret_text(token)).unwrap(),
        StoreLogin::Basic { user, password } => {
            writeln!(text, "user = {}", quoted(user)).unwrap();
            writeln!(text, "password = {}", secret_text(password)).unwrap();
        }
    }
    text.push_str("[instance.metrics.prometheus.headers]\n");
    for (name, value) in &store.headers {
        writeln!(text, "{name} = {}", quoted(value)).unwrap();
    }
    text
}

fn rendered_azure(azure: &AzureMetrics) -> String {
    let mut text = fields(
        "azure",
        &[
            ("subscription", Some(&azure.subscription)),
            ("resource_group", Some(&azure.resource_group)),
            ("server", Some(&azure.server)),
            ("endpoint", Some(&azure.endpoint)),
            ("tls_ca", text(azure.tls_ca.as_ref()).as_ref()),
            ("authority", azure.authority.as_ref()),
        ],
    );
    if let Some(principal) = &azure.principal {
        writeln!(text, "tenant = {}", quoted(&principal.tenant)).unwrap();
        writeln!(text, "client = {}", quoted(&principal.client)).unwrap();
        writeln!(text, "secret = {}", secret_text(&principal.secret)).unwrap();
    }
    text
}
