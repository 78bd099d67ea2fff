//! How likely a figure is by chance, for series whose points depend on the ones before.

/// The least that is left of a series, in independent figures.
const LEAST: f64 = 2.0;

/// The first autocorrelation of the finite neighbours in a series, -1 to 1; 0 of a constant one.
pub(crate) fn autocorrelation(values: &[f64]) -> f64 {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let count = finite().count().max(1) as f64;
    // Divided first: a sum of figures of any size stays finite.
    let mean: f64 = finite().map(|value| value / count).sum();
    let most = finite().fold(0.0_f64, |most, value| most.max((value - mean).abs()));
    if most <= 0.0 || !most.is_finite() {
        return 0.0;
    }
    let around = |value: f64| (value - mean) / most;
    let squares: f64 = finite().map(|value| around(value).powi(2)).sum();
    let pairs = values.iter().zip(values.iter().skip(1));
    let products: f64 = pairs
        .filter(|(value, next)| value.is_finite() && next.is_finite())
        .map(|(value, next)| around(*value) * around(*next))
        .sum();
    (products / squares).clamp(-1.0, 1.0)
}

/// As how many independent figures those of a series count (Bartlett 1946, for a first-order process).
pub(crate) fn independent(values: &[f64]) -> f64 {
    let count = values.iter().filter(|value| value.is_finite()).count() as f64;
    let depends = autocorrelation(values).max(0.0);
    (count * (1.0 - depends) / (1.0 + depends)).max(LEAST)
}

/// The chance of being as far from nought as `deviations`, to either side, of a normal distribution.
pub(crate) fn two_sided(deviations: f64) -> f64 {
    if deviations.is_nan() {
        return 1.0;
    }
    erfc(deviations.abs() / std::f64::consts::SQRT_2).min(1.0)
}

/// The complementary error function, of figures from nought on: Numerical Recipes' `erfcc`, to 1.2e-7 of
/// itself.
fn erfc(x: f64) -> f64 {
    const FACTORS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let t = 1.0 / (1.0 + 0.5 * x);
    let series = FACTORS
        .iter()
        .rev()
        .fold(0.0, |sum, factor| sum * t + factor);
    t * (-x * x + series).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_are_those_of_the_tables() {
        for (deviations, chance) in [(0.0, 1.0), (1.0, 0.317_31), (-1.96, 0.05), (3.29, 0.001)] {
            assert!(
                (two_sided(deviations) - chance).abs() < 1e-4,
                "{deviations}"
            );
        }
        assert!(two_sided(f64::INFINITY) < 1e-12);
    }

    #[test]
    fn a_series_that_drifts_counts_few_figures() {
        let drifts: Vec<f64> = (0..100).map(f64::from).collect();
        assert!(independent(&drifts) < 5.0);
        let jumps: Vec<f64> = (0..100).map(|point| f64::from(point % 2)).collect();
        assert!((independent(&jumps) - 100.0).abs() < 1e-9);
    }
}
