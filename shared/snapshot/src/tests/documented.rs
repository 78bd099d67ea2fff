//! The format as `docs/snapshots.md` shows it is the format as it is written.

use std::path::Path;

use storex_sources::{SourceError, Value};

use super::fake::*;
use crate::{Read, RecordedLogs, RecordedMetrics, record};

const PAGE: &str = include_str!("../../../../docs/snapshots.md");

/// Two samples of a read that answers, one that is read once, and one that is refused.
fn recorded(path: &Path) {
    let reads = [
        Read::every_sample(&TRX),
        Read::once(&INDEXES).with(vec!["shop".into(), "orders".into()]),
        Read::every_sample(&STATUS),
    ];
    let columns = ["trx_id", "trx_state", "age_s", "trx_query"];
    let update: Value = "UPDATE `orders` SET `status` = ? WHERE `id` = ?".into();
    let waiting = [
        Value::UInt(421_938),
        "LOCK WAIT".into(),
        Value::Float(12.5),
        update,
    ];
    let running = [
        Value::UInt(421_900),
        "RUNNING".into(),
        Value::UInt(340),
        Value::Null,
    ];
    let primary = ["PRIMARY".into(), "id".into(), Value::UInt(1)];
    let mut fake = Fake::default();
    for s in [0, 10] {
        let columns_of = ["index_name", "column_name", "seq_in_index"];
        let denied = SourceError::Denied {
            probe: STATUS.name,
            grants: &[],
        };
        fake = fake.moment(
            s,
            vec![
                (&reads[0], Ok(rows(at(s), &columns, &[&waiting, &running]))),
                (&reads[1], Ok(rows(at(s), &columns_of, &[&primary]))),
                (&reads[2], Err(denied)),
            ],
        );
    }
    let mut recording = recording(&reads, 2);
    recording
        .instance
        .insert("name".into(), "shop-primary".into());
    recording
        .instance
        .insert("region".into(), "eu-west-1".into());
    recording.redaction.name = Some("literals".into());
    block_on(record(&fake, &recording, path)).unwrap();
}

#[test]
fn examples_in_the_documentation_are_what_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    recorded(&path);
    for file in [
        "snapshot.json",
        "state/001/innodb_trx.json",
        "state/001/table_indexes/p-shop_orders.json",
        "state/001/global_status.json",
    ] {
        let text = std::fs::read_to_string(path.join(file)).unwrap();
        // A release does not change the page.
        let version = format!("\"storex\": \"{}\"", env!("CARGO_PKG_VERSION"));
        let text = text.replace(&version, "\"storex\": \"0.1.0\"");
        let shown = format!("`{file}`:\n\n```json\n{text}```");
        assert!(
            PAGE.contains(&shown),
            "docs/snapshots.md must show\n{shown}"
        );
    }
}

#[test]
fn bounds_in_the_documentation_are_those_enforced() {
    let caps = crate::files::Caps::STANDARD;
    let (one, all) = (caps.file_bytes >> 20, caps.total_bytes >> 20);
    let shown = format!(
        "at most {} files, {one} MiB in one file, {all} MiB in all",
        caps.files
    );
    assert!(
        PAGE.contains(&shown),
        "docs/snapshots.md must say `{shown}`"
    );
}

#[test]
fn the_logs_shown_are_such_as_a_snapshot_lists() {
    let fields = PAGE.split("```json\n\"logs\": ").nth(1).unwrap();
    let fields = fields.split("```").next().unwrap();
    let logs: RecordedLogs = serde_json::from_str(fields).unwrap();
    logs.check().unwrap();
    assert_eq!((logs.files.len(), logs.missing.len()), (1, 1));
}

#[test]
fn the_metrics_shown_are_such_as_a_snapshot_lists() {
    let fields = PAGE.split("```json\n\"metrics\": ").nth(1).unwrap();
    let fields = fields.split("```").next().unwrap();
    let metrics: RecordedMetrics = serde_json::from_str(fields).unwrap();
    metrics.check().unwrap();
    assert_eq!((metrics.grids.len(), metrics.missing.len()), (2, 1));
    let series = PAGE.split("```json\n[\n").nth(1).unwrap();
    let series = series.split("\n]\n").next().unwrap();
    let series = format!("[{series}]");
    let listed: Vec<crate::metrics::Listed> = serde_json::from_str(&series).unwrap();
    assert!(listed.iter().all(|one| one.unit().is_some()), "{listed:?}");
}
