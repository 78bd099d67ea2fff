//! `[instance.logs.aws]`.

use crate::tests::{DEFAULTS, parse};
use crate::{AwsLogs, AwsStore, LogsPlace};

/// An instance `a` with these fields of `[instance.logs.aws]`.
fn aws(fields: &str) -> Result<LogsPlace, String> {
    let text = format!(
        "{DEFAULTS}[[instance]]\nname = \"a\"\n[instance.mysql]\naddress = \"db1\"\nuser = \"storex\"\n\
         [instance.logs.aws]\n{fields}"
    );
    let inventory = parse(&text).map_err(|mistakes| crate::tests::words(&mistakes))?;
    Ok(inventory.get("a").unwrap().logs.clone().unwrap().place)
}

#[test]
fn logs_of_amazon_rds_need_no_more_than_the_identifier() {
    let least = AwsLogs {
        instance: "shop-eu-1".into(),
        cluster: None,
        store: AwsStore::Rds,
        region: None,
        profile: None,
        credentials_file: None,
        endpoint: None,
    };
    assert_eq!(
        aws("instance = \"Shop-EU-1\""),
        Ok(LogsPlace::Aws(least.clone()))
    );
    let most = AwsLogs {
        cluster: Some("shop-eu".into()),
        store: AwsStore::CloudWatch,
        region: Some("eu-west-1".into()),
        profile: Some("prod reader".into()),
        credentials_file: Some("/etc/storex/aws/credentials".into()),
        endpoint: Some("http://127.0.0.1:5000".into()),
        ..least
    };
    let fields = "instance = \"shop-eu-1\"\ncluster = \"shop-eu\"\nstore = \"cloudwatch\"\n\
                  region = \"eu-west-1\"\nprofile = \"prod reader\"\n\
                  credentials_file = \"aws/credentials\"\nendpoint = \"http://127.0.0.1:5000\"";
    assert_eq!(aws(fields), Ok(LogsPlace::Aws(most)));
}

#[test]
fn what_is_wrong_with_logs_of_amazon_rds_is_told_with_its_place() {
    let told = [
        "",
        "instance = \"shop.abc.eu-west-1.rds.amazonaws.com\"",
        "instance = \"a\"\ncluster = \"b\"",
        "instance = \"a\"\nstore = \"cloudwach\"",
        "instance = \"a\"\nendpoint = \"http://db1\"",
        "instance = \"a\"\naccess_key = \"x\"",
        "instance = \"a\"\n[instance.logs]\nslow = \"/x\"",
    ]
    .map(|fields| aws(fields).unwrap_err());
    insta::assert_snapshot!(told.join("\n"));
}
