//! A call that is cancelled, late or broken leaves nothing behind on the server.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;
use storex_integration_tests::{House, Instance};
use storex_testkit::{Flavour, MySqlServer, Options};
use storex_tool::{Credential, Dispatch};

use super::{running, wait_for};
use crate::callers::{call, code, incoming};
use crate::odd_tools::{DOMAIN, SLEEPING};

/// How soon a statement nobody waits for must be gone.
const SOON: Duration = Duration::from_secs(3);

async fn stops(flavour: Flavour) -> Result<()> {
    let server = MySqlServer::start(flavour, Options::default()).await?;
    let house = House::of(&[Instance::of("shop", &server)], "", &[&DOMAIN])?;

    // Cancelled by its client.
    let asked = incoming(
        Credential::Local,
        "odd_sleep",
        json!({ "instance": "shop" }),
    );
    let cancel = asked.cancel.clone();
    let dispatch = std::sync::Arc::clone(&house.server);
    let waiting = tokio::spawn(async move { dispatch.call(asked).await });
    wait_for(&server, SLEEPING, 1, SOON).await?;
    cancel.cancel();
    let outcome = tokio::time::timeout(SOON, waiting).await??;
    assert_eq!(code(&outcome), "cancelled");
    wait_for(&server, SLEEPING, 0, SOON).await?;

    // Its client vanished.
    let dispatch = std::sync::Arc::clone(&house.server);
    let asked = incoming(
        Credential::Local,
        "odd_sleep",
        json!({ "instance": "shop" }),
    );
    let waiting = tokio::spawn(async move { dispatch.call(asked).await });
    wait_for(&server, SLEEPING, 1, SOON).await?;
    waiting.abort();
    wait_for(&server, SLEEPING, 0, SOON).await?;

    // Late.
    let started = Instant::now();
    let outcome = call(
        &house,
        Credential::Local,
        "odd_late",
        json!({ "instance": "shop" }),
    )
    .await;
    let took = started.elapsed();
    assert_eq!(code(&outcome), "timed_out", "{outcome:?}");
    assert!(
        (Duration::from_millis(1_900)..Duration::from_secs(4)).contains(&took),
        "{took:?}"
    );
    let text = outcome?.text.clone();
    assert!(
        text.contains("odd_late") && text.contains("within 2 s"),
        "{text}"
    );
    wait_for(&server, SLEEPING, 0, SOON).await?;

    // The instance is as good as before.
    let outcome = call(
        &house,
        Credential::Local,
        "odd_alone",
        json!({ "instance": "shop" }),
    )
    .await;
    assert_eq!(code(&outcome), "ok", "{outcome:?}");
    assert_eq!(running(&server, SLEEPING).await?, 0);
    server.stop().await
}

#[tokio::test]
async fn a_call_nobody_waits_for_leaves_no_statement_on_mysql() -> Result<()> {
    stops(Flavour::Mysql97).await
}

#[tokio::test]
async fn a_call_nobody_waits_for_leaves_no_statement_on_mariadb() -> Result<()> {
    stops(Flavour::Mariadb1011).await
}

#[tokio::test]
async fn a_panic_in_a_tool_is_an_error_that_tells_nothing_and_harms_nobody() -> Result<()> {
    let house = House::of(&[Instance::nowhere("shop")], "", &[&DOMAIN])?;
    for _ in 0..20 {
        let outcome = call(
            &house,
            Credential::Local,
            "odd_panic",
            json!({ "instance": "shop" }),
        )
        .await;
        assert_eq!(code(&outcome), "internal");
        let reply = outcome?;
        let told = format!("{}{}", reply.text, reply.structured);
        assert!(told.contains("log of this server"), "{told}");
        assert!(
            !told.contains("hunter2") && !told.contains("panic"),
            "{told}"
        );
    }
    // Twenty places of sixteen were used: each was given back.
    let outcome = call(
        &house,
        Credential::Local,
        "odd_alone",
        json!({ "instance": "shop" }),
    )
    .await;
    assert_eq!(code(&outcome), "unreachable");
    let audit = house.audit_text()?;
    assert_eq!(audit.matches("\"outcome\":\"internal\"").count(), 20);
    assert!(!audit.contains("hunter2"));
    Ok(())
}
