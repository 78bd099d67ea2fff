//! The stretch of time a question is about: minutes back from now, or from one moment to another.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use storex_sources::Window;

use crate::ToolError;

/// The longest window, a month: the bytes a call may read end sooner on a busy server.
const LONGEST_MINUTES: i64 = 31 * 24 * 60;

/// The arguments that name a window, flattened into a tool's own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
pub struct WindowArgs {
    /// Minutes back from `to`
    #[schemars(range(min = 1, max = 44_640))]
    minutes: Option<i64>,
    /// Time in UTC (RFC 3339), instead of `minutes`
    from: Option<String>,
    /// Default: now
    to: Option<String>,
}

impl WindowArgs {
    /// Arguments that name both ends, or one of them.
    pub fn between(from: Option<String>, to: Option<String>) -> Self {
        Self {
            minutes: None,
            from,
            to,
        }
    }

    /// The window they name; without a beginning, of the tool's own length up to its end.
    ///
    /// # Errors
    /// Bad input: a text that is no time, two beginnings, an end that is not after its beginning, or
    /// more than a month.
    pub fn window(&self, now: Timestamp, default_minutes: i64) -> Result<Window, ToolError> {
        let to = match &self.to {
            Some(text) => moment("to", text)?,
            None => now,
        };
        let from = match (&self.from, self.minutes) {
            (Some(_), Some(_)) => {
                return Err(ToolError::bad_input(
                    "argument `from`: pass either `from` or `minutes`, not both",
                ));
            }
            (Some(text), None) => moment("from", text)?,
            (None, minutes) => back(to, minutes.unwrap_or(default_minutes))?,
        };
        if from >= to {
            return Err(ToolError::bad_input(format!(
                "argument `from`: {from:.0} is not before the window's end, {to:.0}"
            )));
        }
        if to.duration_since(from) > SignedDuration::from_mins(LONGEST_MINUTES) {
            return Err(too_long("from"));
        }
        Ok(Window { from, to })
    }
}

/// A moment as RFC 3339 writes it; without an offset it is in UTC.
fn moment(argument: &str, text: &str) -> Result<Timestamp, ToolError> {
    let with_offset = text.parse::<Timestamp>().ok();
    let in_utc = || {
        let civil = text.parse::<DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    };
    with_offset.or_else(in_utc).ok_or_else(|| {
        ToolError::bad_input(format!(
            "argument `{argument}`: no time as RFC 3339 writes it, 2026-01-31T07:00:00Z"
        ))
    })
}

fn back(to: Timestamp, minutes: i64) -> Result<Timestamp, ToolError> {
    if minutes < 1 {
        return Err(ToolError::bad_input(
            "argument `minutes`: must be 1 at least",
        ));
    }
    if minutes > LONGEST_MINUTES {
        return Err(too_long("minutes"));
    }
    to.checked_sub(SignedDuration::from_mins(minutes))
        .map_err(|_| ToolError::bad_input("argument `to`: too early for a window before it"))
}

fn too_long(argument: &str) -> ToolError {
    ToolError::bad_input(format!(
        "argument `{argument}`: a window is {LONGEST_MINUTES} minutes (31 days) at most; ask for a shorter one"
    ))
}

/// The arguments that name what a window is compared with, flattened into a tool's own.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
pub struct BaselineArgs {
    /// What to compare with
    #[serde(default)]
    against: Against,
    /// The other window, instead of `against`
    baseline_from: Option<String>,
    baseline_to: Option<String>,
}

/// The window before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Against {
    /// As long, right before it
    #[default]
    Before,
    /// The same time a day before
    DayBefore,
    /// The same time a week before
    WeekBefore,
}

impl BaselineArgs {
    /// Whether the caller left them out, or says what is so anyway.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// The window that `window` is compared with.
    ///
    /// # Errors
    /// Bad input, as of [`WindowArgs::window`], or a window before all time.
    pub fn window(&self, now: Timestamp, window: Window) -> Result<Window, ToolError> {
        let length = window.to.duration_since(window.from);
        if self.names_a_window() {
            let args = WindowArgs::between(self.baseline_from.clone(), self.baseline_to.clone());
            return args.window(now, length.as_mins().max(1));
        }
        let by = match self.against {
            Against::Before => length,
            Against::DayBefore => SignedDuration::from_hours(24),
            Against::WeekBefore => SignedDuration::from_hours(7 * 24),
        };
        let back = |moment: Timestamp| moment.checked_sub(by);
        match (back(window.from), back(window.to)) {
            (Ok(from), Ok(to)) => Ok(Window { from, to }),
            _ => Err(ToolError::bad_input(
                "argument `from`: too early for a window before it",
            )),
        }
    }

    /// What they name, in words: `baseline` is what [`Self::window`] made of them.
    pub fn words(&self, baseline: Window) -> String {
        if self.names_a_window() {
            return format!("{:.0} to {:.0}", baseline.from, baseline.to);
        }
        match self.against {
            Against::Before => {
                let length = baseline.to.duration_since(baseline.from);
                format!("the {} min before", length.as_mins())
            }
            Against::DayBefore => "the same time a day before".to_owned(),
            Against::WeekBefore => "the same time a week before".to_owned(),
        }
    }

    fn names_a_window(&self) -> bool {
        self.baseline_from.is_some() || self.baseline_to.is_some()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Input {
        #[serde(flatten)]
        window: WindowArgs,
    }

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn asked(arguments: Value) -> Result<String, String> {
        let input: Input = serde_json::from_value(arguments).map_err(|error| error.to_string())?;
        let window = input.window.window(now(), 60);
        let window = window.map_err(|error| error.message)?;
        Ok(format!("{}/{}", window.from, window.to))
    }

    #[test]
    fn minutes_count_back_from_the_end_and_the_tool_says_how_many_where_nobody_does() {
        assert_eq!(
            asked(json!({})).unwrap(),
            "2026-11-23T11:00:00Z/2026-11-23T12:00:00Z"
        );
        assert_eq!(
            asked(json!({ "minutes": 5 })).unwrap(),
            "2026-11-23T11:55:00Z/2026-11-23T12:00:00Z"
        );
        assert_eq!(
            asked(json!({ "minutes": 5, "to": "2026-11-22T00:00:00Z" })).unwrap(),
            "2026-11-21T23:55:00Z/2026-11-22T00:00:00Z"
        );
    }

    #[test]
    fn a_moment_may_have_an_offset_and_is_in_utc_without_one() {
        assert_eq!(
            asked(json!({ "from": "2026-11-23T09:00:00+02:00", "to": "2026-11-23 08:30" }))
                .unwrap(),
            "2026-11-23T07:00:00Z/2026-11-23T08:30:00Z"
        );
        assert_eq!(
            asked(json!({ "from": "2026-11-23T11:00:00Z" })).unwrap(),
            "2026-11-23T11:00:00Z/2026-11-23T12:00:00Z"
        );
    }

    #[test]
    fn what_names_no_window_is_refused_by_its_argument_and_never_repeated() {
        for (arguments, words) in [
            (json!({ "minutes": 0 }), "`minutes`"),
            (json!({ "minutes": -5 }), "`minutes`"),
            (json!({ "minutes": 44_641 }), "31 days"),
            (json!({ "minutes": i64::MAX }), "31 days"),
            (
                json!({ "minutes": 5, "from": "2026-11-23T11:00:00Z" }),
                "not both",
            ),
            (json!({ "from": "2026-11-23T12:00:00Z" }), "not before"),
            (json!({ "from": "2026-01-01T00:00:00Z" }), "31 days"),
            (json!({ "from": "hunter2" }), "`from`"),
            (json!({ "to": "-009999-01-02T01:59:59Z" }), "`to`"),
            (json!({ "to": "hunter2" }), "`to`"),
            (json!({ "since": "x" }), "`since`"),
        ] {
            let refused = asked(arguments).unwrap_err();
            assert!(refused.contains(words), "{refused}");
            assert!(!refused.contains("hunter2"), "{refused}");
        }
    }

    #[test]
    fn its_schema_is_flat_and_refuses_the_rest() {
        let schema = schemars::schema_for!(Input).to_value();
        assert_eq!(schema["additionalProperties"], json!(false), "{schema}");
        let properties = schema["properties"].as_object().unwrap();
        let names: Vec<&String> = properties.keys().collect();
        assert_eq!(names, ["minutes", "from", "to"], "{schema}");
    }
}
