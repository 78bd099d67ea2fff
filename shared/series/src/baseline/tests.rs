use crate::synthetic::{Shape, grid};
use crate::{Analyst, Baseline, Basis, Grid, Margin};

const DAY: usize = 96;

/// Of the last quarter of a day, at a quarter of an hour.
fn baseline(grid: &Grid, values: &[f64]) -> Baseline {
    let end = grid.len();
    Analyst::new(grid, end - DAY / 4..end).baseline(values, Margin::RELATIVE)
}

/// The share of the last quarter of a day within the band.
fn within(grid: &Grid, values: &[f64], baseline: &Baseline) -> f64 {
    let points = grid.len() - DAY / 4..grid.len();
    let count = points.len() as f64;
    let inside = points.filter(|point| {
        let normal = baseline.at(*point).unwrap();
        assert!(normal.lower() < normal.centre && normal.centre < normal.upper());
        (normal.lower()..normal.upper()).contains(&values[*point])
    });
    inside.count() as f64 / count
}

#[test]
fn a_daily_rhythm_is_compared_with_the_same_hour_of_other_days() {
    let grid = grid(900, 7 * DAY);
    let values = Shape::SHOP.values(&grid, 1);
    let found = baseline(&grid, &values);
    assert_eq!(found.basis, Basis::Daily { days: 6 });
    assert!(within(&grid, &values, &found) > 0.99);
    // Of a wave of 1,200 the band shows the hour, not the day.
    let normal = found.at(grid.len() - 1).unwrap();
    assert!(normal.upper() - normal.lower() < 600.0, "{normal:?}");
}

#[test]
fn a_rhythm_of_weeks_is_compared_with_the_same_day_of_other_weeks() {
    let shape = Shape {
        weekend: 0.4,
        ..Shape::SHOP
    };
    // Up to the end of a Saturday.
    let grid = grid(900, (3 * 7 + 6) * DAY);
    let values = shape.values(&grid, 2);
    let found = baseline(&grid, &values);
    assert!(
        matches!(found.basis, Basis::Weekly { .. }),
        "{}",
        found.basis
    );
    assert!(within(&grid, &values, &found) > 0.99);
}

#[test]
fn without_a_rhythm_it_is_compared_with_the_last_day() {
    let grid = grid(900, 7 * DAY);
    let values = Shape::STEADY.values(&grid, 3);
    let found = baseline(&grid, &values);
    assert_eq!(found.basis.to_string(), "the last 24 h");
    assert!(within(&grid, &values, &found) > 0.99);
}

#[test]
fn one_day_is_too_little_for_a_rhythm() {
    let grid = grid(900, DAY + DAY / 2);
    let found = baseline(&grid, &Shape::SHOP.values(&grid, 4));
    assert!(
        matches!(found.basis, Basis::Recent { .. }),
        "{}",
        found.basis
    );
}

#[test]
fn a_step_that_does_not_divide_the_day_shows_no_rhythm() {
    let grid = grid(7_000, 200);
    let found = baseline(&grid, &Shape::SHOP.values(&grid, 5));
    assert!(
        matches!(found.basis, Basis::Recent { .. }),
        "{}",
        found.basis
    );
}

#[test]
fn an_incident_of_last_week_does_not_make_this_one_normal() {
    let grid = grid(900, 7 * DAY);
    let mut values = Shape::SHOP.values(&grid, 6);
    let usual = baseline(&grid, &values).at(grid.len() - 1).unwrap();
    for value in &mut values[2 * DAY..3 * DAY] {
        *value += 5_000.0;
    }
    let after = baseline(&grid, &values).at(grid.len() - 1).unwrap();
    assert!(
        (after.centre - usual.centre).abs() < 60.0,
        "{usual:?} {after:?}"
    );
}

#[test]
fn the_band_of_a_constant_has_a_margin() {
    let grid = grid(900, 7 * DAY);
    let normal = baseline(&grid, &vec![50.0; grid.len()])
        .at(grid.len() - 1)
        .unwrap();
    assert!((normal.upper() - 55.0).abs() < 1e-9 && (normal.lower() - 45.0).abs() < 1e-9);
}

#[test]
fn gaps_in_history_are_left_out() {
    let grid = grid(900, 7 * DAY);
    let mut values = Shape::SHOP.values(&grid, 7);
    for point in (0..grid.len()).step_by(3) {
        values[point] = f64::NAN;
    }
    let found = baseline(&grid, &values);
    assert_eq!(found.basis, Basis::Daily { days: 6 });
    values[..DAY * 27 / 4].fill(f64::NAN);
    assert_eq!(baseline(&grid, &values).at(0), None);
}
