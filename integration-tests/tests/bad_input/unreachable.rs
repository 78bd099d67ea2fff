//! A server that cannot be read is told within the deadline, with what to check.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;
use storex_integration_tests::{House, Instance};
use storex_testkit::{Flavour, MySqlServer, Options, accounts};
use storex_tool::Credential;

use super::{TOOL, ask, assert_told};
use crate::black_hole::BlackHole;
use crate::callers::{call, code};

#[tokio::test]
async fn a_closed_port_is_told_and_not_tried_for_ever() -> Result<()> {
    let house = House::over(&[Instance::nowhere("shop")])?;
    for attempt in 0..8 {
        let reply = ask(&house).await?;
        assert_told(
            &reply,
            "unreachable",
            if attempt == 0 {
                &["connection refused", "inventory"]
            } else {
                &[]
            },
        );
        if attempt == 7 {
            assert_told(&reply, "unreachable", &["next attempt in"]);
            assert!(
                reply.structured["error"]["retry_after_ms"].as_u64() > Some(0),
                "{}",
                reply.structured
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_before_the_deadline() -> Result<()> {
    let hole = BlackHole::open().await?;
    let house = House::over(&[hole.instance("shop")])?;
    let started = Instant::now();
    let reply = ask(&house).await?;
    assert_told(&reply, "unreachable", &["no answer within", "inventory"]);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    // However many ask, few knock.
    let asking = (0..30).map(|_| {
        call(
            &house,
            Credential::Local,
            TOOL,
            json!({ "instance": "shop" }),
        )
    });
    let outcomes = futures_join(asking).await;
    assert!(
        outcomes
            .iter()
            .all(|code| ["unreachable", "busy", "timed_out"].contains(&code.as_str())),
        "{outcomes:?}"
    );
    assert!(
        hole.visits() <= 6,
        "{} connections were made",
        hole.visits()
    );
    Ok(())
}

/// The codes of calls made at once.
async fn futures_join<F>(calls: impl Iterator<Item = F>) -> Vec<String>
where
    F: Future<Output = Result<std::sync::Arc<storex_tool::Reply>, storex_tool::UnknownTool>>,
{
    let outcomes = futures::future::join_all(calls).await;
    outcomes
        .iter()
        .map(|outcome| code(outcome).to_owned())
        .collect()
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_told() -> Result<()> {
    let mysql = "address = \"no-such-host.invalid:3306\"\nuser = \"storex-user\"";
    let house = House::over(&[Instance::with("shop", mysql)])?;
    let reply = ask(&house).await?;
    assert_told(&reply, "unreachable", &["inventory"]);
    assert!(!reply.text.contains("no-such-host"), "{}", reply.text);
    Ok(())
}

#[tokio::test]
async fn a_wrong_or_missing_password_is_told_without_it() -> Result<()> {
    let server = MySqlServer::start(Flavour::Mariadb1011, Options::default()).await?;
    let create = "CREATE USER 'storex-user'@'127.0.0.1' IDENTIFIED BY 'right'";
    accounts::create_monitoring_account(&server, &[create]).await?;
    let folder = tempfile::tempdir()?;
    let secret = folder.path().join("secret");
    write_private(&secret, "hunter2")?;
    let port = server.port();
    let instance = |password: &str| {
        let mysql = format!(
            "address = \"127.0.0.1:{port}\"\nuser = \"storex-user\"\npassword = {password}\ntls = \"off\""
        );
        Instance::with("shop", &mysql)
    };
    let house = House::over(&[instance(&format!("{{ file = {secret:?} }}"))])?;
    assert_told(
        &ask(&house).await?,
        "unreachable",
        &["refused the account", "password reference"],
    );
    // A server counts wrong passwords: it is not tried again at once.
    assert_told(
        &ask(&house).await?,
        "unreachable",
        &["refused the account", "next attempt in"],
    );
    let house = House::over(&[instance("{ env = \"STOREX_TEST_NO_SUCH_VARIABLE\" }")])?;
    assert_told(
        &ask(&house).await?,
        "unreachable",
        &["STOREX_TEST_NO_SUCH_VARIABLE", "is not set"],
    );
    // The right one in the same file is picked up once the server is tried again.
    write_private(&secret, "right")?;
    let house = House::over(&[instance(&format!("{{ file = {secret:?} }}"))])?;
    let reply = ask(&house).await?;
    assert!(!reply.is_error, "{}", reply.text);
    server.stop().await
}

fn write_private(path: &std::path::Path, text: &str) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text)?;
    Ok(std::fs::set_permissions(
        path,
        std::fs::Permissions::from_mode(0o600),
    )?)
}
