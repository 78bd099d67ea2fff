//! Logs in clouds, and how they are written.

use std::fmt::Write as _;

use proptest::option;
use proptest::prelude::*;

use super::{line, path, quoted, secret_text, word};
use crate::{AwsLogs, AwsStore, AzureLogs, AzurePrincipal, GoogleLogs, LogsPlace, Secret, logs};

/// A cloud's store.
pub(super) fn place() -> impl Strategy<Value = LogsPlace> {
    prop_oneof![
        aws().prop_map(LogsPlace::Aws),
        azure().prop_map(LogsPlace::Azure),
        google().prop_map(LogsPlace::Google),
    ]
}

fn aws() -> impl Strategy<Value = AwsLogs> {
    let identifier = || "[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,5})?";
    let endpoint = prop_oneof![
        "https://[a-z0-9.]{1,20}",
        (1_u16..).prop_map(|port| format!("http://127.0.0.1:{port}")),
    ];
    let store = prop_oneof![
        Just((AwsStore::Rds, None)),
        option::of(identifier()).prop_map(|cluster| (AwsStore::CloudWatch, cluster)),
    ];
    let credentials = (option::of(line()), option::of(path()));
    let access = (option::of(word()), credentials, option::of(endpoint));
    (identifier(), store, access).prop_map(|(instance, (store, cluster), access)| {
        let (region, (profile, credentials_file), endpoint) = access;
        AwsLogs {
            instance,
            cluster,
            store,
            region,
            profile,
            credentials_file,
            endpoint,
        }
    })
}

prop_compose! {
    pub(super) fn principal()(
        tenant in "[0-9a-f-]{36}",
        client in "[0-9a-f-]{36}",
        secret in prop_oneof![
            "[A-Z_][A-Z0-9_]{0,10}".prop_map(Secret::Env),
            path().prop_map(Secret::File),
        ],
    ) -> AzurePrincipal {
        AzurePrincipal { tenant, client, secret }
    }
}

prop_compose! {
    fn azure()(
        subscription in "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        resource_group in "[A-Za-z0-9._()-]{0,89}[A-Za-z0-9_()-]",
        server in "[a-z0-9-]{1,63}",
        storage in option::of("https://[a-z0-9]{3,24}\\.blob(:[0-9]{1,4})?(/[a-z]{1,9})?"),
        endpoint in "https://[a-z0-9][a-z0-9.]{0,24}[a-z]",
        tls_ca in option::of(path()),
        principal in option::of(principal()),
        authority in option::of("https://[a-z0-9][a-z0-9.]{0,24}[a-z]"),
    ) -> AzureLogs {
        AzureLogs {
            subscription, resource_group, server, storage, endpoint, tls_ca, principal, authority,
        }
    }
}

fn google() -> impl Strategy<Value = GoogleLogs> {
    let route = proptest::sample::select(&logs::ROUTES).prop_map(|(_, route)| route);
    let endpoint = option::of("https://[a-z0-9.-]{1,20}(:[1-9][0-9]{0,3})?");
    let names = (
        "[a-z0-9._-]{3,40}",
        "([a-z.]{1,9}:)?[a-z0-9-]{1,9}:[a-z0-9-]{1,9}",
    );
    (names, route, endpoint).prop_map(|((bucket, database), route, endpoint)| GoogleLogs {
        bucket,
        database,
        route,
        endpoint,
    })
}

/// The lines of `[instance.logs]` that say this place.
pub(super) fn rendered(place: &LogsPlace) -> String {
    match place {
        LogsPlace::Files(_) | LogsPlace::Table(_) => panic!("a cloud expected, not {place:?}"),
        LogsPlace::Aws(aws) => rendered_aws(aws),
        LogsPlace::Azure(azure) => rendered_azure(azure),
        LogsPlace::Google(google) => rendered_google(google),
    }
}

fn rendered_aws(aws: &AwsLogs) -> String {
    let mut text = format!("aws.instance = {}\n", quoted(&aws.instance));
    if aws.store == AwsStore::CloudWatch {
        text.push_str("aws.store = \"cloudwatch\"\n");
    }
    let file = aws
        .credentials_file
        .as_ref()
        .map(|path| path.to_str().unwrap());
    for (name, value) in [
        ("cluster", aws.cluster.as_deref()),
        ("region", aws.region.as_deref()),
        ("profile", aws.profile.as_deref()),
        ("credentials_file", file),
        ("endpoint", aws.endpoint.as_deref()),
    ] {
        if let Some(value) = value {
            writeln!(text, "aws.{name} = {}", quoted(value)).unwrap();
        }
    }
    text
}

fn rendered_azure(azure: &AzureLogs) -> String {
    let mut text = String::new();
    let tls_ca = azure.tls_ca.as_ref().map(|path| path.to_str().unwrap());
    for (name, value) in [
        ("subscription", Some(azure.subscription.as_str())),
        ("resource_group", Some(&azure.resource_group)),
        ("server", Some(&azure.server)),
        ("storage", azure.storage.as_deref()),
        ("endpoint", Some(&azure.endpoint)),
        ("tls_ca", tls_ca),
        ("authority", azure.authority.as_deref()),
    ] {
        if let Some(value) = value {
            writeln!(text, "azure.{name} = {}", quoted(value)).unwrap();
        }
    }
    if let Some(principal) = &azure.principal {
        writeln!(text, "azure.tenant = {}", quoted(&principal.tenant)).unwrap();
        writeln!(text, "azure.client = {}", quoted(&principal.client)).unwrap();
        writeln!(text, "azure.secret = {}", secret_text(&principal.secret)).unwrap();
    }
    text
}

fn rendered_google(logs: &GoogleLogs) -> String {
    let route = logs::ROUTES.iter().find(|(_, route)| *route == logs.route);
    let mut fields = vec![
        ("bucket", logs.bucket.as_str()),
        ("database", &logs.database),
        ("route", route.unwrap().0),
    ];
    fields.extend(logs.endpoint.as_deref().map(|text| ("endpoint", text)));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name} = {}", quoted(value)))
        .collect();
    format!("google = {{ {} }}\n", fields.join(", "))
}
