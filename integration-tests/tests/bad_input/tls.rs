//! A certificate that does not fit is refused, and what to set is told.

use std::path::Path;

use anyhow::{Context, Result};
use storex_integration_tests::{House, Instance};
use storex_testkit::{Flavour, MySqlServer, Options};

use super::{ask, assert_told};

fn instance(host: &str, port: u16, mode: &str, ca: Option<&Path>) -> Instance {
    let ca = ca.map(|ca| format!("tls_ca = \"{}\"", ca.display()));
    let ca = ca.unwrap_or_default();
    Instance::with(
        "shop",
        &format!("address = \"{host}:{port}\"\nuser = \"root\"\ntls = \"{mode}\"\n{ca}"),
    )
}

async fn certificates(flavour: Flavour) -> Result<()> {
    let options = Options {
        tls: true,
        // A second address, which the certificate does not name.
        extra_args: vec!["--bind-address=127.0.0.1,127.0.0.2".to_owned()],
        ..Options::default()
    };
    let server = MySqlServer::start(flavour, options).await?;
    let (port, files) = (server.port(), server.tls().context("no certificates")?);
    let (ca, other) = (files.ca.as_path(), files.other_ca.as_path());

    let house = House::over(&[instance("127.0.0.1", port, "verify", Some(ca))])?;
    let reply = ask(&house).await?;
    assert!(!reply.is_error, "{flavour:?}: {}", reply.text);

    for (host, mode, ca) in [
        ("127.0.0.1", "verify", Some(other)),
        ("127.0.0.1", "verify-ca", Some(other)),
        // No authority the machine trusts signed it.
        ("127.0.0.1", "verify", None),
        ("127.0.0.2", "verify", Some(ca)),
    ] {
        let house = House::over(&[instance(host, port, mode, ca)])?;
        let reply = ask(&house).await?;
        assert_told(
            &reply,
            "unreachable",
            &["TLS could not be verified", "`tls_ca`"],
        );
        assert!(!reply.text.contains("127.0.0.2"), "{}", reply.text);
    }
    server.stop().await
}

#[tokio::test]
async fn a_certificate_of_another_authority_or_name_is_refused_on_mysql() -> Result<()> {
    certificates(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_certificate_of_another_authority_or_name_is_refused_on_mariadb() -> Result<()> {
    certificates(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_asked_for() -> Result<()> {
    let server = MySqlServer::start(Flavour::Mariadb1011, Options::default()).await?;
    let house = House::over(&[instance("127.0.0.1", server.port(), "verify", None)])?;
    assert_told(
        &ask(&house).await?,
        "unreachable",
        &["no encryption", "`tls`"],
    );
    server.stop().await
}
