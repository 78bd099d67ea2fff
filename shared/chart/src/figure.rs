//! Figures as people read them: three digits and a unit of the right size, thousands (SI) for counts and
//! 1024 (IEC 80000-13) for bytes.

use storex_series::Unit;

/// A unit of the right size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scale {
    /// One of it is so many of the series' own.
    pub(crate) one: f64,
    pub(crate) name: &'static str,
    /// What stands before the name.
    gap: &'static str,
    /// Behind the name.
    per: &'static str,
}

const COUNTS: &[(f64, &str)] = &[
    (1.0, ""),
    (1e3, "k"),
    (1e6, "M"),
    (1e9, "G"),
    (1e12, "T"),
    (1e15, "P"),
];
const BYTES: &[(f64, &str)] = &[
    (1.0, "B"),
    (1024.0, "KiB"),
    (1_048_576.0, "MiB"),
    (1_073_741_824.0, "GiB"),
    (1_099_511_627_776.0, "TiB"),
    (1_125_899_906_842_624.0, "PiB"),
];
/// Seconds are told as such up to three minutes.
const SECONDS: &[(f64, &str)] = &[
    (1e-9, "ns"),
    (1e-6, "µs"),
    (1e-3, "ms"),
    (1.0, "s"),
    (60.0, "min"),
    (3_600.0, "h"),
    (86_400.0, "d"),
];

/// The unit in which a figure of this size is told.
pub(crate) fn scale(size: f64, unit: Unit) -> Scale {
    let size = size.abs();
    let (table, per) = match unit {
        Unit::Count => (COUNTS, ""),
        Unit::PerSecond => (COUNTS, "/s"),
        Unit::Bytes => (BYTES, ""),
        Unit::BytesPerSecond => (BYTES, "/s"),
        Unit::Seconds => (SECONDS, ""),
        Unit::Share => {
            return Scale {
                one: 0.01,
                name: "%",
                gap: " ",
                per: "",
            };
        }
    };
    let fits = |one: f64| match unit {
        Unit::Seconds if one > 1.0 => size >= 3.0 * one,
        _ => size >= one,
    };
    let smallest = if unit == Unit::Seconds && size == 0.0 {
        3
    } else {
        0
    };
    let (one, name) = table
        .iter()
        .enumerate()
        .rev()
        .find(|(place, (one, _))| *place == smallest || fits(*one))
        .map_or((1.0, ""), |(_, found)| *found);
    let gap = if name.is_empty() && per.is_empty() {
        ""
    } else {
        " "
    };
    Scale {
        one,
        name,
        gap,
        per,
    }
}

impl Scale {
    /// A figure with so many decimals.
    pub(crate) fn write(&self, value: f64, decimals: usize) -> String {
        let text = format!("{:.decimals$}", value / self.one);
        // Minus nothing is nothing.
        let text = if text.trim_matches(|c| "-0.".contains(c)).is_empty() {
            "0"
        } else {
            text.as_str()
        };
        format!("{text}{}{}{}", self.gap, self.name, self.per)
    }
}

/// A figure with three digits and its unit: `1.23 k/s`, `640 MiB`, `12.5 %`; `none` where there is none.
pub fn figure(value: f64, unit: Unit) -> String {
    if !value.is_finite() {
        return "none".to_owned();
    }
    let scale = scale(value, unit);
    let shown = (value / scale.one).abs();
    if shown != 0.0 && shown < 0.001 {
        return format!(
            "{:.1e}{}{}{}",
            value / scale.one,
            scale.gap,
            scale.name,
            scale.per
        );
    }
    let decimals = match shown {
        0.0 => 0,
        x if x >= 99.95 => 0,
        x if x >= 9.995 => 1,
        x if x >= 0.0995 => 2,
        _ => 3,
    };
    // A whole number of things is told as one.
    let things = matches!(unit, Unit::Count | Unit::Bytes) && shown < 1e3;
    let whole = things && scale.one <= 1.0 && value.fract() == 0.0;
    scale.write(value, if whole { 0 } else { decimals })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_go_by_thousands_and_bytes_by_1024() {
        assert_eq!(figure(0.0, Unit::PerSecond), "0 /s");
        assert_eq!(figure(7.0, Unit::Count), "7");
        assert_eq!(figure(1_234.0, Unit::Count), "1.23 k");
        assert_eq!(figure(1_234.0, Unit::PerSecond), "1.23 k/s");
        assert_eq!(figure(12_345_678.0, Unit::PerSecond), "12.3 M/s");
        assert_eq!(figure(671_088_640.0, Unit::Bytes), "640 MiB");
        assert_eq!(figure(1536.0, Unit::BytesPerSecond), "1.50 KiB/s");
        assert_eq!(figure(-1_500.0, Unit::Count), "-1.50 k");
    }

    #[test]
    fn times_and_shares_are_told_as_people_say_them() {
        assert_eq!(figure(0.000_25, Unit::Seconds), "250 µs");
        assert_eq!(figure(0.0, Unit::Seconds), "0 s");
        assert_eq!(figure(95.0, Unit::Seconds), "95.0 s");
        assert_eq!(figure(1_800.0, Unit::Seconds), "30.0 min");
        assert_eq!(figure(0.125, Unit::Share), "12.5 %");
        assert_eq!(figure(1.0, Unit::Share), "100 %");
    }

    #[test]
    fn what_is_not_there_is_no_nought() {
        assert_eq!(figure(f64::NAN, Unit::Count), "none");
        assert_eq!(figure(f64::INFINITY, Unit::Count), "none");
        assert_eq!(figure(0.000_02, Unit::PerSecond), "2.0e-5 /s");
    }
}
