//! Pictures that a person looked at. After a change that is meant, run with `STOREX_UPDATE_PICTURES=1`,
//! look at what changed in `golden/`, and commit it.

use std::path::Path;

use storex_chart::{Chart, Theme};

use crate::decoded::Decoded;
use crate::scenes;

/// Shades may differ by how a processor rounds; shapes may not.
const MOST_PIXELS_OFF: f64 = 0.001;
const MOST_MEAN_OFF: f64 = 0.2;

fn is_as_it_was(name: &str, chart: &Chart, theme: Theme) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/pictures/golden/{name}.png"));
    let png = chart.png(theme);
    if std::env::var_os("STOREX_UPDATE_PICTURES").is_some() {
        std::fs::write(&path, &png).unwrap();
    }
    let golden = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (off, mean) = Decoded::of(&png).difference(&Decoded::of(&golden));
    assert!(
        off <= MOST_PIXELS_OFF && mean <= MOST_MEAN_OFF,
        "{name}: {:.2} % of the pixels are others, {mean:.2} on average",
        off * 100.0
    );
}

#[test]
fn one_series_looks_as_it_did() {
    is_as_it_was("one_light", &scenes::one(), Theme::Light);
    is_as_it_was("one_dark", &scenes::one(), Theme::Dark);
}

#[test]
fn panels_look_as_they_did() {
    is_as_it_was("panels_light", &scenes::panels(), Theme::Light);
    is_as_it_was("panels_dark", &scenes::panels(), Theme::Dark);
}

#[test]
fn six_series_look_as_they_did() {
    is_as_it_was("six_light", &scenes::six(), Theme::Light);
    is_as_it_was("six_dark", &scenes::six(), Theme::Dark);
}
