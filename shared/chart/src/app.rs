//! The page that draws a chart in a client, and the data it draws.

use serde_json::{Value, json};
use storex_series::Unit;

use crate::chart::{Chart, Line};
use crate::summary::short;

/// An MCP App: one document without a network, which draws what [`Chart::app_data`] holds.
pub const APP_HTML: &str = include_str!("app.html");

/// Figures the page is given at most, of all lines and their bands: about 200 KB.
const MOST_FIGURES: usize = 24_000;

impl Chart {
    /// What the page draws. Figures have four digits; where there is none, `null`. Of very many points the
    /// one farthest from the mean of its neighbours stands for them all, so that a peak stays one.
    pub fn app_data(&self) -> Value {
        let columns = self
            .lines
            .iter()
            .map(|line| if line.band.is_some() { 3 } else { 1 });
        let figures = columns.sum::<usize>() * self.grid.len();
        let each = figures.div_ceil(MOST_FIGURES).max(1);
        let lines: Vec<Value> = self.lines.iter().map(|of| line(of, each)).collect();
        let mut data = json!({
            "version": 1,
            "title": self.title,
            "start_s": self.grid.start().as_second(),
            "step_s": u64::from(self.grid.step().seconds()) * each as u64,
            "series": lines,
        });
        if let Value::Object(map) = &mut data {
            if each > 1 {
                map.insert("thinned".to_owned(), json!(each));
            }
            if let Some(incident) = &self.incident {
                let window =
                    json!({ "from_s": incident.from.as_second(), "to_s": incident.to.as_second() });
                map.insert("incident".to_owned(), window);
            }
            let changes = self.changes.iter();
            let changes = changes
                .map(|change| json!({ "at_s": change.at.as_second(), "label": change.label }));
            map.insert("changes".to_owned(), changes.collect());
        }
        data
    }
}

fn line(line: &Line, each: usize) -> Value {
    let mut value = json!({
        "label": line.label,
        "unit": unit(line.unit),
        "values": figures(&thin(&line.values, each)),
    });
    if let (Some(band), Value::Object(map)) = (&line.band, &mut value) {
        map.insert("lower".to_owned(), figures(&thin(&band.lower, each)));
        map.insert("upper".to_owned(), figures(&thin(&band.upper, each)));
    }
    value
}

/// Of every `each` figures the one farthest from their mean.
fn thin(values: &[f64], each: usize) -> Vec<f64> {
    let farthest = |group: &[f64]| {
        let there = || group.iter().copied().filter(|value| value.is_finite());
        let mean = there().sum::<f64>() / there().count() as f64;
        let away = |value: &f64| (value - mean).abs();
        there()
            .max_by(|a, b| away(a).total_cmp(&away(b)))
            .unwrap_or(f64::NAN)
    };
    values.chunks(each).map(farthest).collect()
}

fn figures(values: &[f64]) -> Value {
    let figure = |value: &f64| value.is_finite().then(|| short(*value));
    // Whole figures go without a point: a fifth of the bytes.
    let write = |value: Option<f64>| match value {
        Some(whole) if whole.fract() == 0.0 && whole.abs() < 1e15 => {
            serde_json::from_str(&format!("{whole:.0}")).unwrap_or(Value::Null)
        }
        other => json!(other),
    };
    values.iter().map(|value| write(figure(value))).collect()
}

/// The unit's name for the page.
fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "count",
        Unit::PerSecond => "per_second",
        Unit::Seconds => "seconds",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "bytes_per_second",
        Unit::Share => "share",
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use storex_series::{Grid, Kind, Series, SeriesId, Step};

    use super::*;
    use crate::chart::{Band, Change, Incident};

    #[test]
    fn the_page_is_small_and_loads_nothing() {
        assert!(APP_HTML.len() < 40_000, "{} bytes", APP_HTML.len());
        let without_namespace = APP_HTML.replace("http://www.w3.org/2000/svg", "");
        for word in [
            "http:",
            "https:",
            "src=",
            "href=",
            "@import",
            "fetch(",
            "XMLHttpRequest",
            "WebSocket",
            "import(",
        ] {
            assert!(!without_namespace.contains(word), "the page says {word}");
        }
    }

    #[test]
    fn the_page_writes_text_as_text() {
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
        ] {
            assert!(!APP_HTML.contains(word), "the page says {word}");
        }
    }

    #[test]
    fn the_data_of_the_page_is_the_chart() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let series = Series {
            id: SeriesId::named("cpu_util"),
            kind: Kind::Gauge,
            unit: Unit::Share,
            values: vec![0.123_456, f64::NAN, 1.0],
        };
        let band = Band {
            lower: vec![0.0; 3],
            upper: vec![0.5, f64::INFINITY, 0.5],
        };
        let grid = Grid::new(at(600), at(780), Step::MINUTE);
        let chart = Chart::new("CPU", grid, vec![Line::of(&series).with_band(band)])
            .unwrap()
            .with_incident(Incident {
                from: at(660),
                to: at(700),
            })
            .with_changes(vec![Change::new(at(665), "deploy")]);
        assert_eq!(
            chart.app_data(),
            json!({
                "version": 1,
                "title": "CPU",
                "start_s": 600,
                "step_s": 60,
                "series": [{
                    "label": "cpu_util",
                    "unit": "share",
                    "values": [0.1235, null, 1],
                    "lower": [0, 0, 0],
                    "upper": [0.5, null, 0.5],
                }],
                "incident": { "from_s": 660, "to_s": 700 },
                "changes": [{ "at_s": 665, "label": "deploy" }],
            })
        );
    }

    #[test]
    fn a_month_by_the_minute_fits_and_keeps_its_peak() {
        let points = 30 * 24 * 60_u32;
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let grid = Grid::new(at(0), at(i64::from(points) * 60), Step::MINUTE);
        let line = |number: u32| {
            let mut values: Vec<f64> = (0..points)
                .map(|at| 1_000.0 + f64::from(at * 7_919 % 997) / 7.0)
                .collect();
            values[20_000] = 9_000.0;
            values[30_000..31_000].fill(f64::NAN);
            let band = Band {
                lower: vec![999.123; values.len()],
                upper: vec![1_150.77; values.len()],
            };
            let series = Series {
                id: SeriesId::named(format!("series_{number}")),
                kind: Kind::Gauge,
                unit: Unit::Count,
                values,
            };
            Line::of(&series).with_band(band)
        };
        let chart = Chart::new("A month", grid, (0..6).map(line).collect()).unwrap();
        let data = chart.app_data();
        let bytes = data.to_string().len();
        assert!((100_000..256 * 1024).contains(&bytes), "{bytes} bytes");
        let each = data["thinned"].as_u64().unwrap();
        assert_eq!(data["step_s"], 60 * each);
        let values = data["series"][5]["values"].as_array().unwrap();
        assert_eq!(values.len() as u64, u64::from(points).div_ceil(each));
        assert!(values.contains(&json!(9000)));
        assert!(values.contains(&Value::Null));
    }
}
