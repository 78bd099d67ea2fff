//! Figures as words, for headlines and findings. Pure.

use storex_series::Unit;

/// A figure with its unit: `12.3 k/s`, `4.5 MiB`, `340 ms`, `62 %`.
pub(crate) fn figure(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Count => scaled(value),
        Unit::PerSecond => format!("{}/s", scaled(value)),
        Unit::Seconds => time(value),
        Unit::Bytes => bytes(value),
        Unit::BytesPerSecond => format!("{}/s", bytes(value)),
        Unit::Share => format!("{} %", four_digits(value * 100.0)),
    }
}

fn scaled(value: f64) -> String {
    let (scale, prefix) = match value.abs() {
        1e4..1e6 => (1e3, " k"),
        1e6..1e9 => (1e6, " M"),
        1e9.. => (1e9, " G"),
        _ => (1.0, ""),
    };
    format!("{}{prefix}", four_digits(value / scale))
}

fn time(seconds: f64) -> String {
    let (scale, unit) = match seconds.abs() {
        ..1e-3 => (1e-6, "us"),
        1e-3..1.0 => (1e-3, "ms"),
        600.0.. => (60.0, "min"),
        _ => (1.0, "s"),
    };
    format!("{} {unit}", four_digits(seconds / scale))
}

fn bytes(value: f64) -> String {
    const KIB: f64 = 1024.0;
    let (scale, unit) = match value.abs() {
        KIB..1_048_576.0 => (KIB, "KiB"),
        1_048_576.0..1_073_741_824.0 => (KIB * KIB, "MiB"),
        1_073_741_824.0.. => (KIB * KIB * KIB, "GiB"),
        _ => (1.0, "B"),
    };
    format!("{} {unit}", four_digits(value / scale))
}

/// Rounded to four digits that tell; beyond what a figure can be, as it is.
pub(crate) fn four_digits(value: f64) -> f64 {
    let size = value.abs();
    if size < 1e-12 {
        return 0.0;
    }
    if !(1e-12..1e15).contains(&size) {
        return value;
    }
    #[expect(clippy::cast_possible_truncation, reason = "between -12 and 15")]
    let digits = 3 - size.log10().floor() as i32;
    if digits <= 0 {
        return value.round();
    }
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

/// A figure as JSON can hold it.
pub(crate) fn shown(value: f64) -> Option<f64> {
    value.is_finite().then(|| four_digits(value))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
pub(crate) fn is_none(number: &usize) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_say_them() {
        for (value, unit, words) in [
            (12_345.0, Unit::PerSecond, "12.35 k/s"),
            (950.0, Unit::Count, "950"),
            (-3.0e9, Unit::Count, "-3 G"),
            (0.34, Unit::Seconds, "340 ms"),
            (85e-6, Unit::Seconds, "85 us"),
            (7_200.0, Unit::Seconds, "120 min"),
            (4.5e6, Unit::Bytes, "4.292 MiB"),
            (900.0, Unit::BytesPerSecond, "900 B/s"),
            (0.62, Unit::Share, "62 %"),
        ] {
            assert_eq!(figure(value, unit), words);
        }
    }

    #[test]
    fn four_digits_tell() {
        for (value, rounded) in [
            (0.0, 0.0),
            (0.012_345_6, 0.012_35),
            (123_456.7, 123_457.0),
            (-1.234_56, -1.235),
            (1e300, 1e300),
        ] {
            assert!((four_digits(value) - rounded).abs() < 1e-9, "{value}");
        }
        assert!(four_digits(f64::NAN).is_nan() && four_digits(f64::INFINITY).is_infinite());
    }
}
