//! What a correct file means.

use crate::tests::{DEFAULTS, RECORDED, endpoint, mysql, parse};
use crate::{Address, Readers, Secret, Source, Tls};
use crate::{LogFiles, LogsPlace};

#[test]
fn live_and_recorded_instances_stand_side_by_side() {
    let live = r#"
        [[instance]]
        name = "shop-eu-1"
        cluster = "shop-eu"
        region = "eu-west-1"
        regulatory_domain = "eu"
        environment = "production"
        cloud = "aws"
        owner_team = "checkout"
        engine = "aurora-mysql"
        tags = { tier = "1" }
        [instance.mysql]
        address = "db1.internal"
        admin_port = 33062
        user = "storex"
        password = { env = "STOREX_DB_PASSWORD" }
        tls_ca = "db-ca.pem"
        "#;
    let inventory = parse(&format!("{live}{RECORDED}")).unwrap();
    let names: Vec<&str> = inventory.instances().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["incident-42", "shop-eu-1"], "by name");

    let live = inventory.get("shop-eu-1").unwrap();
    assert_eq!(
        (live.cloud.as_str(), live.engine.as_str()),
        ("aws", "aurora-mysql")
    );
    assert_eq!(live.tags.get("tier").map(String::as_str), Some("1"));
    let mysql = endpoint(live);
    let address = Address::Tcp {
        host: "db1.internal".into(),
        port: 3306,
    };
    assert_eq!((mysql.address, mysql.admin_port), (address, Some(33062)));
    assert_eq!(mysql.password, Secret::Env("STOREX_DB_PASSWORD".into()));
    assert_eq!((mysql.tls, mysql.max_connections), (Tls::Verify, 2));
    assert_eq!(mysql.tls_ca, Some("/etc/storex/db-ca.pem".into()));

    let recorded = inventory.get("incident-42").unwrap();
    let path = "/etc/storex/snapshots/hot-row.tar.zst";
    assert_eq!(recorded.source, Source::Snapshot(path.into()));
    assert_eq!(
        recorded.cluster, "incident-42",
        "alone, it is its own cluster"
    );
    assert_eq!(
        (recorded.cloud.as_str(), recorded.engine.as_str()),
        ("on-prem", "auto")
    );
}

#[test]
fn an_instance_inherits_what_it_does_not_say() {
    let text = format!(
        r#"{DEFAULTS}
        tags = {{ tier = "1", shared = "yes" }}
        [defaults.mysql]
        user = "storex"
        password = {{ file = "password" }}
        admin_port = 33062
        [[instance]]
        name = "a"
        environment = "staging"
        tags = {{ tier = "2" }}
        [instance.mysql]
        address = "db1"
        user = "reader"
        [[instance]]
        name = "b"
        [instance.mysql]
        socket = "mysqld.sock"
        "#
    );
    let inventory = parse(&text).unwrap();
    let a = inventory.get("a").unwrap();
    assert_eq!(
        (a.region.as_str(), a.environment.as_str()),
        ("eu-west-1", "staging")
    );
    let tags: Vec<(&str, &str)> = a
        .tags
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    assert_eq!(tags, [("shared", "yes"), ("tier", "2")]);
    let mysql = endpoint(a);
    assert_eq!(
        (mysql.user.as_str(), mysql.admin_port),
        ("reader", Some(33062))
    );
    assert_eq!(mysql.password, Secret::File("/etc/storex/password".into()));

    let mysql = endpoint(inventory.get("b").unwrap());
    assert_eq!(
        mysql.address,
        Address::Socket("/etc/storex/mysqld.sock".into())
    );
    assert_eq!((mysql.user.as_str(), mysql.admin_port), ("storex", None));
}

#[test]
fn an_instance_calls_its_own_contact_then_its_teams_then_the_default() {
    let text = format!(
        r#"{DEFAULTS}
        on_call = "everyone"
        [[team]]
        name = "checkout"
        on_call = "checkout-oncall"
        [[team]]
        name = "search"
        [[instance]]
        name = "own"
        on_call = "somebody"
        snapshot = "s"
        [[instance]]
        name = "team"
        snapshot = "s"
        [[instance]]
        name = "default"
        owner_team = "search"
        snapshot = "s"
        "#
    );
    let inventory = parse(&text).unwrap();
    let on_call = |name| inventory.get(name).unwrap().on_call.clone().unwrap();
    assert_eq!(on_call("own"), "somebody");
    assert_eq!(on_call("team"), "checkout-oncall");
    assert_eq!(on_call("default"), "everyone");
}

#[test]
fn a_socket_or_loopback_may_do_without_tls_and_elsewhere_a_reason_is_asked() {
    let off = |fields: &str| {
        let fields = format!("user = \"u\"\ntls = \"off\"\n{fields}");
        mysql(&fields, Readers::Everyone).map(|endpoint| endpoint.tls)
    };
    assert_eq!(off("socket = \"/run/mysqld/mysqld.sock\""), Ok(Tls::Off));
    assert_eq!(off("address = \"127.0.0.1:3306\""), Ok(Tls::Off));
    assert!(off("address = \"db1\"").is_err());
    assert_eq!(
        off("address = \"db1\"\ntls_off_reason = \"a WireGuard tunnel\""),
        Ok(Tls::Off)
    );
}

#[test]
fn a_password_stands_in_a_file_only_its_owner_reads() {
    let fields = "address = \"db1\"\nuser = \"u\"\npassword = \"hunter2\"";
    let password = mysql(fields, Readers::Owner).unwrap().password;
    assert_eq!(password, Secret::Inline("hunter2".into()));
    for readers in [Readers::Group, Readers::Everyone] {
        let mistakes = mysql(fields, readers).unwrap_err();
        assert_eq!(
            mistakes[0].field.as_deref(),
            Some("instance.mysql.password")
        );
        assert!(!format!("{mistakes:?}").contains("hunter2"));
    }
}

#[test]
fn an_empty_file_is_an_empty_inventory() {
    assert_eq!(parse("").unwrap().instances().len(), 0);
}

#[test]
fn logs_stand_beside_the_server_and_inherit_their_time_zone() {
    let text = format!(
        r#"{DEFAULTS}
        [defaults.logs]
        time_zone = "Europe/Berlin"
        [[instance]]
        name = "a"
        [instance.mysql]
        address = "db1"
        user = "storex"
        [instance.logs]
        slow = "/var/log/mysql/mysql-slow.log"
        error = "logs/*.err"
        [[instance]]
        name = "b"
        [instance.mysql]
        address = "db2"
        user = "storex"
        [instance.logs]
        slow = "/b"
        time_zone = "-03:30"
        [[instance]]
        name = "c"
        [instance.mysql]
        address = "db3"
        user = "storex"
        "#
    );
    let inventory = parse(&text).unwrap();
    let logs = |name: &str| inventory.get(name).unwrap().logs.clone();
    let a = logs("a").unwrap();
    let files = LogFiles {
        slow: Some("/var/log/mysql/mysql-slow.log".into()),
        error: Some("/etc/storex/logs/*.err".into()),
    };
    assert_eq!(a.place, LogsPlace::Files(files));
    assert_eq!(a.time_zone.iana_name(), Some("Europe/Berlin"));
    let b = logs("b").unwrap();
    let LogsPlace::Files(files) = &b.place else {
        panic!("files, not {:?}", b.place)
    };
    assert_eq!(files.error, None);
    assert_eq!(b.time_zone.to_fixed_offset().unwrap().seconds(), -12_600);
    assert_eq!(logs("c"), None, "a default alone names no log");
}

#[test]
fn what_is_wrong_with_logs_is_told_with_its_place() {
    let text = format!(
        r#"{DEFAULTS}
[defaults.logs]
slow = "/x"
[[instance]]
name = "a"
[instance.mysql]
address = "db1"
user = "storex"
[instance.logs]
slow = "/var/*/slow.log"
error = "/var/log/"
slow_log = "/x"
time_zone = "Europe/Berln"
[[instance]]
name = "b"
[instance.mysql]
address = "db2"
user = "storex"
[instance.logs]
[[instance]]
name = "c"
snapshot = "s"
[instance.logs]
error = "*"
"#
    );
    let told = crate::tests::words(&parse(&text).unwrap_err());
    insta::assert_snapshot!(told);
}
