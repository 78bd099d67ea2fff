//! `[instance.logs.azure]`.

use crate::tests::{DEFAULTS, parse};
use crate::{AzureLogs, AzurePrincipal, LogsPlace, Mistake, Secret};

/// An instance `a` with these lines under `[instance.logs]`.
fn place(logs: &str) -> Result<LogsPlace, Vec<Mistake>> {
    let text = format!(
        "{DEFAULTS}\n[[instance]]\nname = \"a\"\n[instance.mysql]\naddress = \"db1\"\nuser = \"storex\"\n\
         [instance.logs]\n{logs}"
    );
    let inventory = parse(&text)?;
    Ok(inventory.get("a").unwrap().logs.clone().unwrap().place)
}

const SERVER: &str = "[instance.logs.azure]\nsubscription = \"9f1c3f5e-0000-4000-8000-1234567890ab\"\n\
                      resource_group = \"shop (eu)\"\nserver = \"shop-eu-1\"\n";

#[test]
fn a_server_is_named_by_subscription_group_and_name() {
    let text = SERVER.replace("shop (eu)", "shop-(eu)");
    let expected = AzureLogs {
        subscription: "9f1c3f5e-0000-4000-8000-1234567890ab".to_owned(),
        resource_group: "shop-(eu)".to_owned(),
        server: "shop-eu-1".to_owned(),
        storage: None,
        endpoint: "https://management.azure.com".to_owned(),
        tls_ca: None,
        principal: None,
        authority: None,
    };
    assert_eq!(place(&text), Ok(LogsPlace::Azure(expected.clone())));
    let more = "storage = \"https://shoplogs.blob.core.windows.net/\"\n\
                endpoint = \"https://management.azure.eu\"\ntls_ca = \"ca.pem\"\n";
    let expected = AzureLogs {
        storage: Some("https://shoplogs.blob.core.windows.net".to_owned()),
        endpoint: "https://management.azure.eu".to_owned(),
        tls_ca: Some("/etc/storex/ca.pem".into()),
        ..expected
    };
    assert_eq!(place(&(text + more)), Ok(LogsPlace::Azure(expected)));
}

#[test]
fn every_mistake_is_told_with_what_to_write_instead() {
    let text = SERVER.replace("9f1c3f5e", "prod")
        + "storage = \"https://shoplogs.blob.core.windows.net/?sv=2024&sig=s3cret\"\n\
           endpoint = \"http://management.azure.com\"\ncontainer = \"x\"\n";
    let told = crate::tests::words(&place(&text).unwrap_err());
    assert!(!told.contains("s3cret"), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn logs_are_in_one_place() {
    let told = crate::tests::words(&place(&format!("slow = \"/x\"\n{SERVER}")).unwrap_err());
    assert!(
        told.contains("in one place; keep this, or the others"),
        "{told}"
    );
}

#[test]
fn a_principal_is_named_with_a_reference_to_its_secret_or_not_at_all() {
    let server = SERVER.replace("shop (eu)", "shop");
    let id = "00001111-aaaa-2222-bbbb-3333cccc4444";
    let with = |secret: &str| {
        place(&format!(
            "{server}tenant = \"{id}\"\nclient = \"{id}\"\n{secret}\n\
             authority = \"https://login.microsoftonline.us\"\n"
        ))
    };
    let Ok(LogsPlace::Azure(azure)) = with("secret = { file = \"azure\" }") else {
        panic!("it is complete")
    };
    let principal = AzurePrincipal {
        tenant: id.to_owned(),
        client: id.to_owned(),
        secret: Secret::File("/etc/storex/azure".into()),
    };
    assert_eq!(azure.principal, Some(principal));
    assert_eq!(
        azure.authority.as_deref(),
        Some("https://login.microsoftonline.us")
    );
    let inline = crate::tests::words(&with("secret = \"s3cret\"").unwrap_err());
    assert!(
        inline.contains("says where the secret is") && !inline.contains("s3cret"),
        "{inline}"
    );
    let lacking = crate::tests::words(&with("").unwrap_err());
    assert!(
        lacking.contains("instance.logs.azure.secret: is missing"),
        "{lacking}"
    );
}
