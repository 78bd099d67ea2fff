//! Screenshots a person looked at, as brightness of fields of 20 pixels: another release of the browser may
//! draw a letter otherwise, not a chart. After a change that is meant, run with `STOREX_UPDATE_PICTURES=1`,
//! look at the screenshots in the folder the test names, and commit what changed in `golden/`.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// How much brighter or darker fields may be on average, of 255.
const MOST_MEAN_OFF: f64 = 3.0;

/// Where screenshots are kept to be looked at.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("page_{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn is_as_it_was(name: &str, step: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/page/golden/{name}.txt"));
    let width = usize::try_from(step["squint"]["width"].as_u64().unwrap()).unwrap();
    let fields: Vec<u64> = step["squint"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field.as_u64().unwrap())
        .collect();
    if std::env::var_os("STOREX_UPDATE_PICTURES").is_some() {
        let rows = fields.chunks(width).map(|row| {
            let row = row.iter().map(|field| format!("{field:02x}"));
            row.collect::<Vec<_>>().concat()
        });
        std::fs::write(&path, rows.collect::<Vec<_>>().join("\n") + "\n").unwrap();
    }
    let golden = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows: Vec<&str> = golden.lines().collect();
    assert_eq!(
        rows.len(),
        fields.len() / width,
        "{name} is of another height"
    );
    let expected = rows.concat();
    let expected = expected
        .as_bytes()
        .chunks(2)
        .map(|pair| u64::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
    let off: u64 = fields
        .iter()
        .zip(expected)
        .map(|(a, b)| a.abs_diff(b))
        .sum();
    let mean = off as f64 / fields.len() as f64;
    assert!(
        mean <= MOST_MEAN_OFF,
        "{name} looks otherwise: {mean:.1} of 255 on average"
    );
}
