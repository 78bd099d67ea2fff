//! The same question asked by many runs once; too many questions at once are refused.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::future::join_all;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_testkit::{Flavour, MySqlServer, Options};
use storex_tool::{Credential, Dispatch, Incoming, Reply, UnknownTool};
use tokio::task::JoinHandle;

use super::wait_for;
use crate::callers::{code, incoming, person};
use crate::general_log::GeneralLog;
use crate::odd_tools::{DOMAIN, SHARED};

const SHOP: &str = "shop";
const SOON: Duration = Duration::from_secs(3);

/// A house of odd tools over a server, named `shop`.
fn odd_house(server: &MySqlServer, more: &str) -> Result<House> {
    House::of(&[Instance::of(SHOP, server)], more, &[&DOMAIN])
}

type Asked = JoinHandle<Result<Arc<Reply>, UnknownTool>>;

fn ask(house: &House, call: Incoming) -> Asked {
    let dispatch = Arc::clone(&house.server);
    tokio::spawn(async move { dispatch.call(call).await })
}

/// So many callers asking the same.
fn many(house: &House, tool: &str, count: usize) -> Vec<Asked> {
    let who = |index: usize| person(&format!("p{index}"), &["checkout"]);
    (0..count)
        .map(|index| {
            ask(
                house,
                incoming(who(index), tool, json!({ "instance": SHOP })),
            )
        })
        .collect()
}

async fn codes(asked: Vec<Asked>) -> Vec<String> {
    let outcomes = join_all(asked).await;
    outcomes
        .into_iter()
        .map(|outcome| code(&outcome.expect("no call panics")).to_owned())
        .collect()
}

#[tokio::test]
async fn the_same_question_asked_by_many_at_once_runs_once() -> Result<()> {
    let server = MySqlServer::start(Flavour::Mysql97, Options::default()).await?;
    let log = GeneralLog::of(&server).await?;
    let more = "[limits]\ncalls_per_instance = 64\n";
    let house = odd_house(&server, more)?;

    let answers = codes(many(&house, "odd_shared", 50)).await;
    assert!(answers.iter().all(|code| code == "ok"), "{answers:?}");
    assert_eq!(log.count(SHARED)?, 1, "fifty callers, one statement");
    // Every one of them is accounted for.
    assert_eq!(
        house.audit_text()?.matches("\"kind\":\"begin\"").count(),
        50
    );

    // The answer stays good within its freshness, for the same question only.
    assert_eq!(codes(many(&house, "odd_shared", 3)).await, ["ok"; 3]);
    assert_eq!(log.count(SHARED)?, 1);
    let full = json!({ "instance": SHOP, "detail": "full" });
    let other = ask(&house, incoming(Credential::Local, "odd_shared", full));
    assert_eq!(codes(vec![other]).await, ["ok"]);
    assert_eq!(log.count(SHARED)?, 2, "another question is asked anew");
    server.stop().await
}

#[tokio::test]
async fn one_callers_going_does_not_take_the_answer_from_the_rest() -> Result<()> {
    let server = MySqlServer::start(Flavour::Mariadb1011, Options::default()).await?;
    let log = GeneralLog::of(&server).await?;
    let house = odd_house(&server, "")?;
    let question = || incoming(Credential::Local, "odd_shared", json!({ "instance": SHOP }));

    // The first, who started the run, cancels; another's connection is lost.
    let first = question();
    let cancel = first.cancel.clone();
    let first = ask(&house, first);
    wait_for(&server, SHARED, 1, SOON).await?;
    let (gone, stays) = (ask(&house, question()), ask(&house, question()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    cancel.cancel();
    gone.abort();
    assert_eq!(codes(vec![first]).await, ["cancelled"]);
    assert_eq!(codes(vec![stays]).await, ["ok"]);
    assert_eq!(log.count(SHARED)?, 1);

    // When all have gone, the run stops, and whoever comes next gets one of its own.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let last = question();
    let cancel = last.cancel.clone();
    let last = ask(&house, last);
    wait_for(&server, SHARED, 1, SOON).await?;
    cancel.cancel();
    assert_eq!(codes(vec![last]).await, ["cancelled"]);
    wait_for(&server, SHARED, 0, SOON).await?;
    assert_eq!(codes(vec![ask(&house, question())]).await, ["ok"]);
    assert_eq!(log.count(SHARED)?, 3);
    server.stop().await
}

#[tokio::test]
async fn more_calls_at_once_than_an_instance_bears_are_refused_at_once() -> Result<()> {
    let server = MySqlServer::start(Flavour::Mariadb1011, Options::default()).await?;
    let house = odd_house(&server, "[limits]\ncalls_per_instance = 2\n")?;
    let first = many(&house, "odd_alone", 2);
    wait_for(&server, SHARED, 2, SOON).await?;
    let started = Instant::now();
    let refused = many(&house, "odd_alone", 20);
    let outcomes = join_all(refused).await;
    assert!(
        started.elapsed() < Duration::from_millis(700),
        "{:?}",
        started.elapsed()
    );
    for outcome in outcomes {
        let reply = outcome??;
        let error: &Value = &reply.structured["error"];
        assert_eq!(error["code"], "busy", "{}", reply.text);
        assert!(
            reply.text.contains("2 calls are already running"),
            "{}",
            reply.text
        );
        assert!(error["retry_after_ms"].as_u64() > Some(0));
    }
    assert_eq!(codes(first).await, ["ok", "ok"]);
    assert_eq!(
        codes(many(&house, "odd_alone", 2)).await,
        ["ok", "ok"],
        "places are given back"
    );
    server.stop().await
}
