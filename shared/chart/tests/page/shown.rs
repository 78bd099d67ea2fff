//! What the page shows, and what it does when it is used.

use anyhow::Result;
use serde_json::{Value, json};
use storex_chart::{Change, Chart};
use storex_series::Unit;

use crate::scenes::{at, grid, line, one, panels, six};
use crate::{WIDTH, look, result, squint};

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap())
        .collect()
}

fn counted(value: &Value) -> usize {
    value.as_array().unwrap().len()
}

/// Nothing was complained about, and nothing was asked of any network.
fn is_clean(seen: &Value) {
    assert_eq!(seen["complaints"], json!([]));
    let asked = texts(&seen["requests"]);
    assert!(
        asked.iter().all(|url| ["page", "host"].contains(url)),
        "{asked:?}"
    );
}

#[test]
fn a_chart_is_shown_in_both_themes_and_looks_as_it_did() -> Result<()> {
    let folder = squint::folder("panels");
    let seen = look(
        "light",
        WIDTH,
        &json!({ "chart": result(&panels()) }),
        &folder,
    )?;
    is_clean(&seen);
    assert_eq!(seen["initialized"]["app"]["name"], "storex-chart");
    let steps = &seen["steps"];
    let (light, dark) = (&steps["whole"], &steps["other_theme"]);
    for step in [light, dark] {
        assert_eq!(step["title"], "What left its normal on checkout-db-1");
        assert_eq!(step["window"], "2026-11-23 12:00 to 14:59 UTC");
        assert_eq!((&step["panels"], counted(&step["lines"])), (&json!(4), 5));
        assert_eq!((&step["bands"], counted(&step["changes"])), (&json!(1), 3));
        assert_eq!(counted(&step["incident"]), 4, "in every panel");
        assert_eq!(step["wider"], false);
        assert_eq!(
            step["font"], "\"DejaVu Sans\", sans-serif",
            "the host's own"
        );
        assert!(step["smallest"].as_f64().unwrap() >= 14.0);
    }
    assert_eq!(
        (&light["theme"], &light["background"]),
        (&json!("light"), &json!("rgb(255, 255, 255)"))
    );
    assert_eq!(
        (&dark["theme"], &dark["background"]),
        (&json!("dark"), &json!("rgb(22, 24, 29)"))
    );
    assert_ne!(light["colors"], dark["colors"]);
    let figures = texts(&light["figures"]);
    for label in ["300", "200 ms", "40 %", "8 MiB/s", "0"] {
        assert!(figures.contains(&label), "{figures:?}");
    }
    assert!(texts(&light["times"]).contains(&"13:30"));
    let key = texts(&light["key"]);
    assert_eq!(key[..2], ["incident 13:20 to 13:52", "normal range"]);
    assert_eq!(key[2], "113:18 deploy checkout 4.2.0");
    squint::is_as_it_was("panels_light", light);
    squint::is_as_it_was("panels_dark", dark);

    // The host was told how high the page is, and asked for the whole screen.
    assert!(
        seen["sizes"]
            .as_array()
            .unwrap()
            .iter()
            .any(|height| height.as_f64() > Some(500.0))
    );
    assert_eq!(seen["asked_for"], "fullscreen");
    Ok(())
}

#[test]
fn pointing_zooming_and_switching_do_what_they_say() -> Result<()> {
    let folder = squint::folder("one");
    let both = Chart::new(
        "Two of a unit",
        grid(),
        vec![
            line("qps", Unit::PerSecond, (0..180).map(f64::from).collect()),
            line("commits_per_s", Unit::PerSecond, vec![90.0; 180]),
        ],
    )?;
    let seen = look(
        "dark",
        WIDTH,
        &json!({ "chart": result(&one()), "again": result(&both) }),
        &folder,
    )?;
    is_clean(&seen);
    let steps = &seen["steps"];
    let whole = &steps["whole"];
    assert_eq!(
        (&whole["theme"], &whole["reset"]),
        (&json!("dark"), &json!(false))
    );
    assert_eq!(counted(&whole["lines"]), 2, "a gap breaks the line");
    // The gap from 14:19 to 14:30 and the incident from 13:20 to 13:52, of three hours.
    let share = |rect: &Value, of: &Value| {
        let plot = of["plot"][1].as_f64().unwrap() - 88.0;
        rect[1].as_f64().unwrap() / plot
    };
    assert!((share(&whole["gaps"][0], whole) - 11.0 / 179.0).abs() < 0.01);
    assert!((share(&whole["incident"][0], whole) - 32.0 / 179.0).abs() < 0.01);
    squint::is_as_it_was("one_dark", whole);

    let tip = steps["hover"]["tip"][0].as_str().unwrap();
    // 52 of a hundred parts of 179 minutes.
    assert!(tip.starts_with("2026-11-23 13:33 UTCqps"), "{tip}");
    assert!(
        tip.contains("/s") && tip.contains("normal 1.8") && tip.contains("to 2.6"),
        "{tip}"
    );

    let zoomed = &steps["zoomed"];
    assert_eq!(zoomed["reset"], true);
    assert_eq!(zoomed["window"], "2026-11-23 13:11 to 14:15 UTC");
    assert!(
        share(&zoomed["incident"][0], zoomed) > 0.45,
        "wider than before"
    );
    let keys = &steps["by_keys"];
    assert_eq!(keys["reset"], true);
    assert!(!keys["tip"].as_array().unwrap().is_empty());

    assert_eq!(
        (&steps["again"]["panels"], counted(&steps["again"]["lines"])),
        (&json!(1), 2)
    );
    assert_eq!(
        steps["again"]["reset"], false,
        "a new result is shown whole"
    );
    Ok(())
}

#[test]
fn a_series_can_be_hidden_and_six_are_told_apart() -> Result<()> {
    let folder = squint::folder("six");
    // A narrow client.
    let seen = look("light", 420, &json!({ "chart": result(&six()) }), &folder)?;
    is_clean(&seen);
    let (whole, hidden) = (&seen["steps"]["whole"], &seen["steps"]["without_second"]);
    assert_eq!(whole["lines"].as_array().unwrap().len(), 6);
    assert_eq!(whole["wider"], false, "nothing sticks out of a narrow chat");
    let lines: Vec<i64> = hidden["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_i64().unwrap())
        .collect();
    assert!(lines.len() == 5 && !lines.contains(&1));
    assert_eq!(hidden["legend"][1][1], "false");
    assert_eq!(hidden["reset"], false);
    let mut colors = texts(&whole["colors"]);
    colors.sort_unstable();
    colors.dedup();
    assert_eq!(colors.len(), 6);
    Ok(())
}

#[test]
fn hostile_and_broken_results_show_text_and_nothing_else() -> Result<()> {
    let folder = squint::folder("hostile");
    let evil = "<img src=x onerror=alert(1)><script>alert(2)</script>";
    let hostile = Chart::new(evil, grid(), vec![line(evil, Unit::Count, vec![1.0; 180])])?
        .with_changes(vec![Change::new(at("13:00:00"), evil)]);
    let summaries = one().summaries(str::to_owned);
    let results = json!({
        "chart": result(&hostile),
        "without_points": { "content": [], "structuredContent": { "series": summaries } },
        "failed": { "content": [], "isError": true, "structuredContent": { "error": { "message": "busy" } } },
        "wrong_types": { "content": [], "_meta": { "storex/app_data": {
            "version": 1, "title": {}, "start_s": "x", "step_s": -1, "series": [{ "values": "abc" }] } } },
        "wrong_lengths": { "content": [], "_meta": { "storex/app_data": {
            "version": 1, "title": "t", "start_s": 0, "step_s": 60,
            "series": [{ "values": [1, 2] }, { "values": [1] }] } } },
        "odd_figures": { "content": [], "_meta": { "storex/app_data": {
            "version": 1, "title": "t", "start_s": 0, "step_s": 60,
            "series": [{ "label": 7, "unit": "furlongs", "values": [null, 1e299, -1e299, 1e308, "x", 0] }] } } },
        "chart_again": result(&one()),
    });
    let seen = look("light", WIDTH, &results, &folder)?;
    is_clean(&seen);
    let steps = &seen["steps"];
    for (name, step) in steps.as_object().unwrap() {
        assert_eq!(step["foreign"], 0, "{name} shows something of its own");
    }
    assert_eq!(steps["whole"]["title"], evil);
    assert!(texts(&steps["without_points"]["table"]).contains(&"qps"));
    assert_eq!(steps["failed"]["window"], "busy");
    for name in ["wrong_types", "wrong_lengths"] {
        assert_eq!(
            (&steps[name]["shown"], &steps[name]["window"]),
            (&json!(false), &json!("There is nothing to draw."))
        );
    }
    assert_eq!(counted(&steps["odd_figures"]["lines"]), 2);
    assert_eq!(counted(&steps["chart_again"]["lines"]), 2);
    Ok(())
}
