//! Tools that draw what no product measures, to see how pictures and pages reach a client.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storex_chart::{Band, Change, Chart, Incident, Line, Summary, Theme};
use storex_series::{Grid, Kind, Series, SeriesId, Step, Unit};
use storex_tool::{
    Answer, App, Call, Detail, Domain, Effect, PICTURES_BUDGET_BYTES, Picture, Spec, Target, Tool,
    ToolError, Untrusted, row,
};

/// The domain.
pub(crate) static DOMAIN: Domain = Domain {
    name: "drawn",
    about: "tools that draw",
    tools: &[row::<Course>(), row::<OfInstance>()],
    runbooks: &[],
};

/// The page of the product's charts.
pub(crate) static PAGE: App = App {
    uri: "ui://storex/drawn-course",
    name: "drawn-course",
    title: "A course",
    html: storex_chart::APP_HTML,
};

/// A page whose tool names an instance: hidden from those who may read none.
pub(crate) static INSTANCE_PAGE: App = App {
    uri: "ui://storex/drawn-instance",
    name: "drawn-instance",
    title: "A course of an instance",
    html: "<!doctype html><title>nothing to see</title>",
};

const fn spec(name: &'static str, target: Target) -> Spec {
    Spec {
        name,
        title: "A drawn course",
        description: "Draws a course that nobody measured, so that tests can see what becomes of it.",
        effect: Effect::Read,
        target,
        deadline: Duration::from_secs(25),
        row_limit: 6,
        freshness: Duration::ZERO,
        probes: &[],
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &[],
        runbook: "# A drawn course\n\nThere is nothing to do about it.\n",
        aliases: &[],
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Whether a picture is among them that no client takes
    #[serde(default)]
    too_large: bool,
    #[serde(default)]
    #[expect(dead_code, reason = "the stack reads it from the JSON")]
    detail: Detail,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Drawn {
    series: Vec<Summary<Untrusted>>,
}

/// Two hours by the minute: statements with their normal range, connections, a hostile name.
pub(crate) fn chart() -> Chart {
    let at = |text: &str| -> Timestamp { format!("2026-11-23T{text}Z").parse().unwrap() };
    let grid = Grid::new(at("12:00:00"), at("14:00:00"), Step::MINUTE);
    let line = |name: &str, unit, of: &dyn Fn(f64) -> f64| {
        Line::of(&Series {
            id: SeriesId::named(name),
            kind: Kind::Gauge,
            unit,
            values: (0..120).map(|minute| of(f64::from(minute))).collect(),
        })
    };
    let wrong = |minute: f64| (60.0..80.0).contains(&minute);
    let normal = |minute: f64| 2_000.0 + 300.0 * (minute / 20.0).sin();
    let qps = line("qps", Unit::PerSecond, &|m| match m {
        100.0..105.0 => f64::NAN,
        m if wrong(m) => 600.0,
        m => normal(m),
    });
    let edge = |share: f64| (0..120).map(|m| normal(f64::from(m)) * share).collect();
    let lines = vec![
        qps.with_band(Band {
            lower: edge(0.9),
            upper: edge(1.1),
        }),
        line("connections", Unit::Count, &|m| {
            if wrong(m) { 310.0 } else { 120.0 }
        }),
        line("<img src=x onerror=alert(1)>\u{202e}", Unit::Bytes, &|m| {
            m * 1_048_576.0
        }),
    ];
    let incident = Incident {
        from: at("13:00:00"),
        to: at("13:20:00"),
    };
    let changes = vec![Change::new(at("12:58:00"), "deploy <b>checkout</b> 4.2.0")];
    let chart = Chart::new("Course of checkout-db-1", grid, lines).unwrap();
    chart.with_incident(incident).with_changes(changes)
}

/// A course of nothing in particular.
pub(crate) struct Course;

impl Tool for Course {
    type Input = Input;
    type Data = Drawn;
    const SPEC: Spec = spec("drawn_course", Target::Fleet);
    const APP: Option<&'static App> = Some(&PAGE);

    async fn run(input: Input, _: &Call) -> Result<Answer<Drawn>, ToolError> {
        let chart = chart();
        let data = Drawn {
            series: chart.summaries(Untrusted::name),
        };
        let mut answer = Answer::new("a course was drawn", Vec::new(), data)
            .with_picture(Picture::png(chart.png(Theme::Light)))
            .with_app_data(chart.app_data());
        if input.too_large {
            answer = answer.with_picture(Picture::png(vec![0; PICTURES_BUDGET_BYTES]));
        }
        Ok(answer)
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the stack reads them from the JSON")]
pub(crate) struct OneInput {
    /// Instance name
    instance: String,
}

/// A course of an instance; only listed, never called.
struct OfInstance;

impl Tool for OfInstance {
    type Input = OneInput;
    type Data = Drawn;
    const SPEC: Spec = spec("drawn_of_instance", Target::Instance);
    const APP: Option<&'static App> = Some(&INSTANCE_PAGE);

    async fn run(_: OneInput, _: &Call) -> Result<Answer<Drawn>, ToolError> {
        Err(ToolError::bad_input("this tool is listed, not called"))
    }
}
