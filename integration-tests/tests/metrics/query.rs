//! `metrics_query`.

use anyhow::Result;
use serde_json::{Value, json};
use storex_tool::Reply;

use super::recorded::{HOSTILE, Recorded};

/// The row of the series that is called so.
fn row<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let rows = answer["series"].as_array().unwrap();
    let found = rows.iter().find(|row| row["series"] == name);
    found.unwrap_or_else(|| panic!("{name} is not in {answer}"))
}

fn near(figure: &Value, expected: f64) -> bool {
    let figure = figure.as_f64().unwrap_or(f64::NAN);
    (figure - expected).abs() <= expected.abs() * 0.001
}

#[tokio::test]
async fn series_are_read_by_the_name_of_a_signal_or_their_own() -> Result<()> {
    let recorded = Recorded::open().await?;
    let names = [
        "qps",
        "threads_running",
        "app_cache_hits_total{pool=\"main\"}",
    ];
    let asked = json!({ "instance": "shop", "series": names });
    let answer = recorded.house.ask("metrics_query", asked).await?;
    let qps = row(&answer, "qps");
    assert_eq!(qps["unit"], "/s");
    assert!(
        near(&qps["last"], 300.0) && near(&qps["median"], 100.0),
        "{qps}"
    );
    assert!(
        near(&qps["min"], 100.0) && near(&qps["max"], 300.0),
        "{qps}"
    );
    assert_eq!(qps.get("gaps"), None, "{qps}");
    let running = row(&answer, "threads_running");
    assert_eq!(running["gaps"], 20, "five minutes of 15 s: {running}");
    assert_eq!(running.get("last_at"), None, "{running}");
    let hits = row(&answer, "app_cache_hits_total{pool=\"main\"}");
    assert!(hits["unit"] == "/s" && near(&hits["last"], 10.0), "{hits}");
    assert_eq!(answer["window"]["step_s"], 15);
    let order: Vec<&Value> = answer["series"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["series"])
        .collect();
    assert_eq!(order[0], "qps", "the highest is first: {order:?}");
    let headline = answer["headline"].as_str().unwrap();
    assert!(headline.contains("qps with 300/s"), "{headline}");
    assert_eq!(answer["source"], "snapshot metrics, snapshot");
    assert!(answer["series"][0].get("points").is_none());
    Ok(())
}

#[tokio::test]
async fn every_point_is_shown_where_that_is_asked_for() -> Result<()> {
    let recorded = Recorded::open().await?;
    let asked = json!({
        "instance": "shop", "series": ["qps"], "from": recorded.ago(20), "to": recorded.ago(0),
        "step_s": 60, "detail": "full",
    });
    let answer = recorded.house.ask("metrics_query", asked).await?;
    let points = row(&answer, "qps")["points"].as_array().unwrap();
    assert_eq!(points.len(), 20);
    assert!(
        near(&points[0], 100.0) && near(&points[19], 300.0),
        "{points:?}"
    );
    let asked = json!({
        "instance": "shop", "series": ["qps", "threads_running", "app_jobs_waiting"], "minutes": 240, "step_s": 15, "detail": "full",
    });
    let answer = recorded.house.ask("metrics_query", asked).await?;
    let cut = &answer["truncated"][0];
    assert_eq!(
        (&cut["what"], &cut["kept"], &cut["total"]),
        (&json!("points"), &json!(2), &json!(3)),
        "{cut}"
    );
    Ok(())
}

#[tokio::test]
async fn a_series_that_ended_says_when() -> Result<()> {
    let recorded = Recorded::open().await?;
    let asked = json!({ "instance": "shop", "series": ["app_jobs_waiting"], "minutes": 120 });
    let answer = recorded.house.ask("metrics_query", asked).await?;
    let waiting = row(&answer, "app_jobs_waiting");
    let last: jiff::Timestamp = waiting["last_at"].as_str().unwrap().parse()?;
    let ago = recorded.now.duration_since(last).as_secs();
    assert!((3_570..3_660).contains(&ago), "{waiting}");
    Ok(())
}

#[tokio::test]
async fn names_are_listed_where_none_is_asked_for_and_like_ones_where_none_is_found() -> Result<()>
{
    let recorded = Recorded::open().await?;
    let answer = recorded
        .house
        .ask("metrics_query", json!({ "instance": "shop" }))
        .await?;
    let known = answer["known"].as_array().unwrap();
    assert_eq!(known.len(), 5, "{known:?}");
    assert!(
        known.contains(&json!("app_cache_hits_total{pool=\"main\"}")),
        "{known:?}"
    );
    let text = answer.to_string();
    assert!(
        !text.contains(HOSTILE) && text.contains("⟦app_cache_hits_total"),
        "{text}"
    );
    let asked = json!({ "instance": "shop", "series": ["app_cache_misses_total"] });
    let answer = recorded.house.ask("metrics_query", asked).await?;
    assert_eq!(answer["series"], json!([]));
    assert_eq!(answer["known"].as_array().unwrap().len(), 2, "{answer}");
    assert!(
        answer["coverage"]["missing"]
            .to_string()
            .contains("app_cache_misses_total")
    );
    Ok(())
}

/// What a call that fails says.
async fn refused(recorded: &Recorded, arguments: Value) -> Result<(String, String)> {
    let reply = recorded.house.call("metrics_query", arguments).await?;
    let Reply {
        is_error,
        structured,
        ..
    } = &*reply;
    assert!(is_error, "{structured}");
    let word = |field: &str| {
        structured["error"][field]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    Ok((word("code"), word("message")))
}

#[tokio::test]
async fn what_is_too_much_or_names_nothing_is_refused() -> Result<()> {
    let recorded = Recorded::open().await?;
    let many: Vec<&str> = vec!["qps"; 21];
    for (arguments, words) in [
        (
            json!({ "minutes": 1_440, "step_s": 15, "series": ["qps"] }),
            "5760 points",
        ),
        (json!({ "step_s": 0, "series": ["qps"] }), "1 at least"),
        (
            json!({ "minutes": 5, "step_s": 3_600, "series": ["qps"] }),
            "`step_s`",
        ),
        (json!({ "series": many }), "20 names"),
        (
            json!({ "series": ["up\"} or x{a=\"hunter2\"}"] }),
            "`series`",
        ),
        (json!({ "series": ["qps"], "expression": "up" }), "not both"),
        (
            json!({ "expression": "x".repeat(2_001) }),
            "longer than 2000",
        ),
        (json!({ "expression": "up" }), "takes no queries"),
    ] {
        let mut arguments = arguments;
        arguments["instance"] = json!("shop");
        let (code, message) = refused(&recorded, arguments).await?;
        assert_eq!(code, "bad_input", "{message}");
        assert!(
            message.contains(words) && !message.contains("hunter2"),
            "{message}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_instance_without_metrics_says_what_to_do() -> Result<()> {
    let recorded = Recorded::open().await?;
    for (instance, fix) in [
        ("bare", "storex record --metrics"),
        ("live", "[instance.metrics]"),
    ] {
        let asked = json!({ "instance": instance, "series": ["qps"] });
        let answer = recorded.house.ask("metrics_query", asked).await?;
        let coverage = &answer["coverage"];
        assert_eq!(
            (&coverage["expected"], &coverage["answered"]),
            (&json!(1), &json!(0))
        );
        assert!(coverage["missing"].to_string().contains(fix), "{coverage}");
        assert!(
            answer["headline"]
                .as_str()
                .unwrap()
                .starts_with("1 of 1 reads are missing")
        );
        let (code, _) = refused(
            &recorded,
            json!({ "instance": instance, "expression": "up" }),
        )
        .await?;
        assert_eq!(code, "unavailable");
    }
    Ok(())
}
