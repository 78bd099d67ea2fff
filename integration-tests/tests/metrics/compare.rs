//! `metrics_compare`.

use anyhow::Result;
use serde_json::{Value, json};

use super::recorded::Recorded;

fn changed(answer: &Value) -> Vec<&str> {
    let rows = answer["changes"].as_array().unwrap();
    rows.iter()
        .map(|row| row["series"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn what_differs_from_the_window_before_is_told_with_its_figures() -> Result<()> {
    let recorded = Recorded::open().await?;
    let asked = json!({ "instance": "shop", "minutes": 10 });
    let answer = recorded.house.ask("metrics_compare", asked).await?;
    assert_eq!(changed(&answer), ["qps"], "{answer}");
    let qps = &answer["changes"][0];
    assert_eq!(qps["median"], json!([100.0, 300.0]), "{qps}");
    assert_eq!(
        (&qps["ratio"], &qps["effect"], &qps["worse"]),
        (&json!(3.0), &json!(1.0), &json!(true))
    );
    assert_eq!(
        (&answer["same"], &answer["unknown"]),
        (&json!(1), &json!(0)),
        "{answer}"
    );
    let headline = answer["headline"].as_str().unwrap();
    assert_eq!(
        headline,
        "1 of 2 series differ from the 10 min before: qps from 100/s to 300/s"
    );
    let finding = &answer["findings"][0];
    assert_eq!(finding["next"][0]["tool"], "metrics_query");
    let next = finding["next"][0]["arguments"].clone();
    let followed = recorded.house.ask("metrics_query", next).await?;
    assert_eq!(followed["series"][0]["series"], "qps", "{followed}");
    Ok(())
}

#[tokio::test]
async fn a_quiet_window_differs_from_no_other() -> Result<()> {
    let recorded = Recorded::open().await?;
    let (from, to) = (recorded.ago(60), recorded.ago(30));
    for baseline in [
        json!({}),
        json!({ "baseline_from": recorded.ago(400), "baseline_to": recorded.ago(300) }),
    ] {
        let mut asked = json!({ "instance": "shop", "from": from, "to": to });
        asked
            .as_object_mut()
            .unwrap()
            .extend(baseline.as_object().unwrap().clone());
        let answer = recorded.house.ask("metrics_compare", asked).await?;
        assert_eq!(changed(&answer), [""; 0], "{answer}");
        let headline = answer["headline"].as_str().unwrap();
        assert!(
            headline.starts_with("none of 2 series differs from "),
            "{headline}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_instance_is_compared_with_another_one() -> Result<()> {
    let recorded = Recorded::open().await?;
    let asked = json!({ "instance": "shop", "compare_to": "quiet", "minutes": 10 });
    let answer = recorded.house.ask("metrics_compare", asked).await?;
    assert_eq!(changed(&answer), ["qps"], "{answer}");
    assert_eq!(answer["changes"][0]["median"], json!([100.0, 300.0]));
    let asked = json!({ "instance": "shop", "compare_to": "live" });
    let answer = recorded.house.ask("metrics_compare", asked).await?;
    assert!(
        answer["coverage"]["missing"]
            .to_string()
            .contains("live: series"),
        "{answer}"
    );
    let headline = answer["headline"].as_str().unwrap();
    assert!(
        headline.contains("no series has figures in both"),
        "{headline}"
    );
    Ok(())
}

#[tokio::test]
async fn a_window_before_the_recording_is_unknown_and_not_the_same() -> Result<()> {
    let recorded = Recorded::open().await?;
    let asked = json!({ "instance": "shop", "against": "week_before", "series": ["qps"] });
    let answer = recorded.house.ask("metrics_compare", asked).await?;
    assert_eq!(
        (&answer["same"], &answer["unknown"]),
        (&json!(0), &json!(1)),
        "{answer}"
    );
    assert!(
        answer["coverage"]["missing"]
            .to_string()
            .contains("figures before"),
        "{answer}"
    );
    Ok(())
}

#[tokio::test]
async fn two_ways_to_name_the_other_side_are_refused() -> Result<()> {
    let recorded = Recorded::open().await?;
    for more in [
        json!({ "against": "day_before" }),
        json!({ "baseline_from": recorded.ago(90) }),
    ] {
        let mut asked = json!({ "instance": "shop", "compare_to": "quiet" });
        asked
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let reply = recorded.house.call("metrics_compare", asked).await?;
        assert_eq!(
            reply.structured["error"]["code"], "bad_input",
            "{}",
            reply.text
        );
    }
    Ok(())
}
