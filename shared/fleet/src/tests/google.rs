//! `[instance.logs.google]`.

use crate::tests::{DEFAULTS, parse};
use crate::{GoogleLogs, GoogleRoute, LogsPlace};

#[test]
fn logs_stand_in_a_bucket_of_cloud_storage() {
    let text = format!(
        r#"{DEFAULTS}
        [defaults.logs]
        time_zone = "Europe/Berlin"
        [[instance]]
        name = "a"
        [instance.mysql]
        address = "db1"
        user = "storex"
        [instance.logs.google]
        bucket = "shop-logs"
        database = "shop-prod:shop-eu-1"
        [[instance]]
        name = "b"
        [instance.mysql]
        address = "db2"
        user = "storex"
        [instance.logs]
        google = {{ bucket = "b-logs", database = "p:b", route = "slow", endpoint = "http://[::1]:9" }}
        "#
    );
    let inventory = parse(&text).unwrap();
    let place = |name: &str| inventory.get(name).unwrap().logs.clone().unwrap().place;
    let expected = GoogleLogs {
        bucket: "shop-logs".to_owned(),
        database: "shop-prod:shop-eu-1".to_owned(),
        route: GoogleRoute::Both,
        endpoint: None,
    };
    assert_eq!(place("a"), LogsPlace::Google(expected));
    let expected = GoogleLogs {
        bucket: "b-logs".to_owned(),
        database: "p:b".to_owned(),
        route: GoogleRoute::Slow,
        endpoint: Some("http://[::1]:9".to_owned()),
    };
    assert_eq!(place("b"), LogsPlace::Google(expected));
}

#[test]
fn what_is_wrong_with_a_bucket_is_told_with_its_place() {
    let text = format!(
        r#"{DEFAULTS}
[[instance]]
name = "a"
[instance.mysql]
address = "db1"
user = "storex"
[instance.logs]
slow = "/var/log/mysql/slow.log"
[instance.logs.google]
bucket = "gs://shop-logs"
database = "shop-eu-1"
route = "general"
endpoint = "http://storage.internal"
project = "shop-prod"
[[instance]]
name = "b"
[instance.mysql]
address = "db2"
user = "storex"
[instance.logs.google]
[[instance]]
name = "c"
[instance.mysql]
address = "db3"
user = "storex"
[instance.logs]
google = "shop-logs"
"#
    );
    let told = crate::tests::words(&parse(&text).unwrap_err());
    insta::assert_snapshot!(told);
}
