//! Figures as words, for headlines and findings. Pure.

/// A time: `850 us`, `12 ms`, `3.4 s`, `12 min`.
pub(crate) fn time(seconds: f64) -> String {
    match seconds {
        ..1e-3 => format!("{:.0} us", seconds * 1e6),
        1e-3..0.1 => format!("{:.1} ms", seconds * 1e3),
        0.1..1.0 => format!("{:.0} ms", seconds * 1e3),
        1.0..100.0 => format!("{seconds:.1} s"),
        100.0..600.0 => format!("{seconds:.0} s"),
        _ => format!("{:.0} min", seconds / 60.0),
    }
}

/// A share as `62 %`, or `0.4 %` where it is small.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 10.0 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// A count: `950`, `12.3 k`, `4.5 M`.
pub(crate) fn count(number: f64) -> String {
    match number {
        ..10.0 if number.fract() > 0.05 => format!("{number:.1}"),
        ..1e4 => format!("{number:.0}"),
        1e4..1e6 => format!("{:.1} k", number / 1e3),
        1e6..1e9 => format!("{:.1} M", number / 1e6),
        _ => format!("{:.1} G", number / 1e9),
    }
}

/// Bytes: `950 B`, `12 KiB`, `4.5 MiB`.
pub(crate) fn bytes(number: f64) -> String {
    const KIB: f64 = 1024.0;
    match number {
        ..KIB => format!("{number:.0} B"),
        KIB..1_048_576.0 => format!("{:.0} KiB", number / KIB),
        1_048_576.0..1_073_741_824.0 => format!("{:.1} MiB", number / KIB / KIB),
        _ => format!("{:.1} GiB", number / KIB / KIB / KIB),
    }
}

/// Rounded to so many digits behind the point.
pub(crate) fn rounded(number: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (number * scale).round() / scale
}

/// Rounded to three digits that tell.
pub(crate) fn three_digits(number: f64) -> f64 {
    if number.abs() < 1e-9 {
        return 0.0;
    }
    let magnitude = number.abs().log10().floor();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an exponent between -9 and 20"
    )]
    let digits = (2.0 - magnitude).clamp(0.0, 9.0) as i32;
    rounded(number, digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_say_them() {
        let times = [85e-6, 0.012, 0.34, 3.44, 250.0, 7_200.0].map(time);
        assert_eq!(
            times,
            ["85 us", "12.0 ms", "340 ms", "3.4 s", "250 s", "120 min"]
        );
        assert_eq!([0.004, 0.62].map(percent), ["0.4 %", "62 %"]);
        assert_eq!(
            [3.0, 2.5, 950.0, 12_345.0].map(count),
            ["3", "2.5", "950", "12.3 k"]
        );
        assert_eq!(
            [900.0, 12_288.0, 4.5e6].map(bytes),
            ["900 B", "12 KiB", "4.3 MiB"]
        );
        let told = [0.0, 0.012_345, 123_456.0].map(|number| three_digits(number).to_string());
        assert_eq!(told, ["0", "0.0123", "123456"]);
    }
}
