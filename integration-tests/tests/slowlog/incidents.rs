//! Incidents that show in the slow log: `slowlog_compare` names what did it, `slowlog_top` what is wrong.

use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::{Value, json};
use storex_integration_tests::{House, Instance};
use storex_sources::wall_clock;
use storex_testkit::Flavour;
use storex_testkit::incidents::{Kind, plan_switch};
use storex_testkit::traffic::{HEALTHY, Traffic};

use super::logging_shop;

/// Ordinary traffic before the incident, in two halves, and the time of the incident looked at.
const HALF: Duration = Duration::from_secs(4);
const DURING: Duration = Duration::from_secs(6);
/// What a concise answer may cost: 1,500 tokens of four bytes.
const CONCISE_BYTES: usize = 6_000;

/// What is to be found.
struct Expected {
    /// The first finding of the comparison.
    change: &'static str,
    /// One of the findings of the window alone.
    cost: &'static str,
    /// Part of the statement that did it.
    statement: &'static str,
}

/// The next whole second: MariaDB dates its entries by nothing finer.
async fn whole_second() -> Timestamp {
    let now = wall_clock();
    let left = 1_000_000_000 - u64::try_from(now.subsec_nanosecond()).unwrap_or(0);
    tokio::time::sleep(Duration::from_nanos(left)).await;
    Timestamp::from_second(now.as_second() + 1).unwrap()
}

async fn compare(
    house: &House,
    (from, to): (Timestamp, Timestamp),
    (before, until): (Timestamp, Timestamp),
) -> Result<Value> {
    let arguments = json!({
        "instance": "shop", "from": from.to_string(), "to": to.to_string(),
        "baseline_from": before.to_string(), "baseline_to": until.to_string(),
    });
    house.ask("slowlog_compare", arguments).await
}

/// Findings that blame statements. That they all got slower may be true: of the machine.
fn blamed(answer: &Value) -> Vec<&str> {
    let findings = answer["findings"].as_array().into_iter().flatten();
    findings
        .filter_map(|finding| finding["id"].as_str())
        .filter(|id| {
            ![
                "slower_everywhere",
                "slower_for_same_work",
                "waits_for_locks",
            ]
            .contains(id)
        })
        .collect()
}

fn assert_small(answer: &Value) {
    let bytes = answer.to_string().len();
    assert!(bytes <= CONCISE_BYTES, "{bytes} bytes: {answer:#}");
}

async fn told(flavour: Flavour, kind: Kind, expected: Expected) -> Result<()> {
    let server = logging_shop(flavour).await?;
    let house = House::over(&[Instance::of("shop", &server).with_logs_of(&server)])?;
    let traffic = Traffic::start(&server, &HEALTHY).await?;
    let began = whole_second().await;
    if kind == Kind::PlanSwitch {
        plan_switch::as_usual(&server).await?;
    }
    tokio::time::sleep(HALF).await;
    let middle = whole_second().await;
    tokio::time::sleep(HALF).await;
    let broke = whole_second().await;
    let quiet = compare(&house, (middle, broke), (began, middle)).await?;
    assert_eq!(blamed(&quiet), [""; 0], "{quiet:#}");
    // Traffic goes on: the last entry may be half-written when the log is read.
    let missing = quiet["coverage"]["missing"].as_array();
    let missing = missing.into_iter().flatten();
    let besides: Vec<&Value> = missing
        .filter(|missing| missing["what"] != "the last entry")
        .collect();
    assert!(besides.is_empty(), "{quiet:#}");

    let incident = kind.start(&server).await?;
    tokio::time::sleep(DURING).await;
    let now = whole_second().await;
    let answer = compare(&house, (broke, now), (began, broke)).await?;
    let first = &answer["findings"][0];
    assert_eq!(first["id"], expected.change, "{answer:#}");
    let statement = first["statement"].as_str().unwrap_or_default();
    assert!(statement.contains(expected.statement), "{answer:#}");
    assert_small(&answer);

    let window = json!({ "instance": "shop", "from": broke.to_string(), "to": now.to_string() });
    let top = house.ask("slowlog_top", window).await?;
    let findings = top["findings"].as_array().cloned().unwrap_or_default();
    let named = |finding: &Value| {
        let statement = finding["statement"].as_str().unwrap_or_default();
        finding["id"] == expected.cost && statement.contains(expected.statement)
    };
    assert!(findings.iter().any(named), "{top:#}");
    assert_small(&top);
    incident.end().await?;
    traffic.stop().await;
    server.stop().await
}

const DROPPED_INDEX: Expected = Expected {
    change: "plan_changed",
    cost: "examined_far_above_returned",
    statement: "from orders where customer_id = ?",
};

#[tokio::test]
async fn a_dropped_index_is_named_by_the_statement_that_misses_it_on_mysql() -> Result<()> {
    told(Flavour::Mysql97, Kind::DroppedIndex, DROPPED_INDEX).await
}

#[tokio::test]
async fn a_dropped_index_is_named_by_the_statement_that_misses_it_on_mariadb() -> Result<()> {
    told(Flavour::Mariadb1011, Kind::DroppedIndex, DROPPED_INDEX).await
}

const PLAN_SWITCH: Expected = Expected {
    change: "plan_changed",
    cost: "examined_far_above_returned",
    statement: "where customer_id = ? or",
};

#[tokio::test]
async fn a_plan_that_switched_is_named_on_mysql() -> Result<()> {
    told(Flavour::Mysql97, Kind::PlanSwitch, PLAN_SWITCH).await
}

#[tokio::test]
async fn a_plan_that_switched_is_named_on_mariadb() -> Result<()> {
    told(Flavour::Mariadb1011, Kind::PlanSwitch, PLAN_SWITCH).await
}

#[tokio::test]
async fn a_retry_storm_is_named_with_its_failures_on_mysql() -> Result<()> {
    let expected = Expected {
        change: "retry_storm",
        cost: "retry_storm",
        statement: "update inventory set quantity",
    };
    told(Flavour::Mysql97, Kind::RetryStorm, expected).await
}

/// MariaDB logs neither errors nor waits for row locks: what shows is the time.
#[tokio::test]
async fn a_retry_storm_is_named_with_its_waiting_on_mariadb() -> Result<()> {
    let expected = Expected {
        change: "slower_for_same_work",
        cost: "slow_though_small",
        statement: "update inventory set quantity",
    };
    told(Flavour::Mariadb1011, Kind::RetryStorm, expected).await
}

const N_PLUS_ONE: Expected = Expected {
    change: "new_statement",
    cost: "n_plus_one",
    statement: "from order_items where order_id = ?",
};

#[tokio::test]
async fn a_list_read_row_by_row_is_named_on_mysql() -> Result<()> {
    told(Flavour::Mysql97, Kind::NPlusOne, N_PLUS_ONE).await
}

#[tokio::test]
async fn a_list_read_row_by_row_is_named_on_mariadb() -> Result<()> {
    told(Flavour::Mariadb1011, Kind::NPlusOne, N_PLUS_ONE).await
}

const BLOB_READS: Expected = Expected {
    change: "new_statement",
    cost: "large_results",
    statement: "from documents where folder = ?",
};

#[tokio::test]
async fn large_results_are_named_on_mysql() -> Result<()> {
    told(Flavour::Mysql97, Kind::BlobReads, BLOB_READS).await
}

#[tokio::test]
async fn large_results_are_named_on_mariadb() -> Result<()> {
    told(Flavour::Mariadb1011, Kind::BlobReads, BLOB_READS).await
}
