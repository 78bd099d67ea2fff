//! Figures of many measurements.

/// The middle one; 0 of none.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    percentile(values, 50)
}

/// The one below which so many in a hundred are.
pub(crate) fn percentile(values: impl Iterator<Item = f64>, share: usize) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let place = (sorted.len() * share / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default()
}
