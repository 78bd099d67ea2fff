//! One series: what it is called, what it counts, its figures.

use std::collections::BTreeMap;
use std::fmt;

/// What a series is called in its store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesId {
    /// The name: of a signal (`qps`), or the store's own (`mysql_global_status_queries`).
    pub name: String,
    /// What tells it from others of that name. Labels that only say which instance it is are left out.
    pub labels: BTreeMap<String, String>,
}

impl SeriesId {
    /// A series without labels.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            labels: BTreeMap::new(),
        }
    }
}

/// As Prometheus writes it: `name{label="value"}`.
impl fmt::Display for SeriesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (number, (label, value)) in self.labels.iter().enumerate() {
            let before = if number == 0 { '{' } else { ',' };
            write!(f, "{before}{label}={value:?}")?;
        }
        if self.labels.is_empty() {
            Ok(())
        } else {
            f.write_str("}")
        }
    }
}

/// How the figures of a series are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Each figure stands for its moment.
    Gauge,
    /// Figures only grow, and start anew when what counts is restarted: only differences tell anything.
    Counter,
}

/// What the figures are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Things, or not known.
    Count,
    /// Things per second.
    PerSecond,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
    /// A share of a whole, 0 to 1.
    Share,
}

impl Unit {
    /// As it is written behind a figure; empty for things.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "",
            Self::PerSecond => "/s",
            Self::Seconds => "s",
            Self::Bytes => "bytes",
            Self::BytesPerSecond => "bytes/s",
            Self::Share => "share",
        }
    }

    /// What the difference per second of a counter in this unit is in.
    #[must_use]
    pub const fn per_second(self) -> Self {
        match self {
            Self::Bytes => Self::BytesPerSecond,
            // Seconds of work per second: how many were at work on average.
            Self::Seconds => Self::Count,
            _ => Self::PerSecond,
        }
    }
}

/// Figures over time, one for each moment of the grid they were read on.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is called.
    pub id: SeriesId,
    /// How its figures are to be read.
    pub kind: Kind,
    /// What they are in.
    pub unit: Unit,
    /// The figures in order; NaN where the store has none.
    pub values: Vec<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_written_as_prometheus_does() {
        let mut id = SeriesId::named("up");
        assert_eq!(id.to_string(), "up");
        id.labels.insert("job".to_owned(), "a\"b".to_owned());
        id.labels.insert("mode".to_owned(), "idle".to_owned());
        assert_eq!(id.to_string(), r#"up{job="a\"b",mode="idle"}"#);
    }
}
