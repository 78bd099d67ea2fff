//! Metrics are kept when that is asked for, and replayed as the store kept them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use storex_series::{Grid, Kind, Series, SeriesId, Step, Unit};
use storex_sources::{
    Fetched, Limits, Metrics, MetricsError, MetricsSource, MissingSeries, SeriesStream, StoreFacts,
    Wanted, signal,
};

use super::fake::*;
use crate::{MetricsPlan, Read, Replay, Summary, describe, record};

/// A store whose figures follow from the moment, so that they are known for every grid.
#[derive(Clone)]
struct Store {
    /// Series beside the three that are always there.
    more: usize,
    /// What the scan fails with after the first batch.
    breaks: Option<MetricsError>,
    about: Option<MetricsError>,
}

const STORE: Store = Store {
    more: 0,
    breaks: None,
    about: None,
};

fn gauge(name: &str) -> Series {
    Series {
        id: SeriesId::named(name),
        kind: Kind::Gauge,
        unit: Unit::Count,
        values: Vec::new(),
    }
}

impl Store {
    /// What it keeps; `qps` has gaps, the counter starts anew at times.
    fn series(&self, grid: &Grid) -> Vec<Series> {
        let at = |of: fn(i64) -> f64| -> Vec<f64> {
            let moments = (0..grid.len()).map(|point| grid.at(point).as_second());
            moments.map(of).collect()
        };
        let spread = |number: usize| -> Vec<f64> {
            // Nothing that could be compressed.
            let one = |point| {
                let seed = grid.at(point).as_second().unsigned_abs() + number as u64 * 1_000_003;
                let mixed = (seed ^ seed << 31).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                ((mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb) >> 12) as f64
            };
            (0..grid.len()).map(one).collect()
        };
        let mut counted = gauge("node_disk_reads_total");
        let device = ("device".to_owned(), "nvme0n1".to_owned());
        counted.id.labels.extend([device]);
        counted.kind = Kind::Counter;
        counted.values = at(|second| second.rem_euclid(7_200) as f64 * 3.0);
        let mut all = vec![
            Series {
                unit: Unit::PerSecond,
                values: at(|second| match second.rem_euclid(600) {
                    0..60 => f64::NAN,
                    other => other as f64 / 7.0,
                }),
                ..gauge("qps")
            },
            Series {
                values: at(|second| second.rem_euclid(3_600) as f64),
                ..gauge("threads_running")
            },
            counted,
        ];
        all.extend((0..self.more).map(|number| Series {
            values: spread(number),
            ..gauge(&format!("more_{number:04}"))
        }));
        all
    }
}

impl MetricsSource for Store {
    fn open(&self, _: Limits) -> Box<dyn Metrics> {
        Box::new(self.clone())
    }

    fn kind(&self) -> &'static str {
        "memory"
    }
}

#[async_trait]
impl Metrics for Store {
    async fn about(&self) -> Result<StoreFacts, MetricsError> {
        if let Some(error) = &self.about {
            return Err(error.clone());
        }
        Ok(StoreFacts {
            store: "Memory 1.0".to_owned(),
            resolution: Step::of(15),
            since: None,
            language: Some("PromQL"),
        })
    }

    async fn read(&self, _: &[Wanted], _: &Grid) -> Result<Fetched, MetricsError> {
        panic!("a recording scans");
    }

    async fn scan(&self, grid: &Grid, most: usize) -> Result<Box<dyn SeriesStream>, MetricsError> {
        let mut series = self.series(grid);
        series.truncate(most);
        series.reverse();
        Ok(Box::new(Batches {
            left: series,
            breaks: self.breaks.clone(),
            missing: vec![MissingSeries {
                what: "replication_lag_s".to_owned(),
                why: "the exporter has no series of it".to_owned(),
                fix: "",
            }],
        }))
    }

    async fn query(&self, _: &str, _: &Grid, _: usize) -> Result<Fetched, MetricsError> {
        panic!("a recording scans");
    }

    async fn names(&self, _: &str, _: usize) -> Result<Vec<SeriesId>, MetricsError> {
        panic!("a recording scans");
    }

    fn now(&self) -> Timestamp {
        at(0)
    }
}

struct Batches {
    /// The last comes first.
    left: Vec<Series>,
    breaks: Option<MetricsError>,
    missing: Vec<MissingSeries>,
}

#[async_trait]
impl SeriesStream for Batches {
    async fn next(&mut self) -> Result<Option<Vec<Series>>, MetricsError> {
        let batch: Vec<Series> = (0..2).filter_map(|_| self.left.pop()).collect();
        if batch.is_empty() {
            return Ok(None);
        }
        match self.breaks.clone().filter(|_| self.left.is_empty()) {
            Some(error) => Err(error),
            None => Ok(Some(batch)),
        }
    }

    fn missing(&self) -> &[MissingSeries] {
        &self.missing
    }
}

fn recorded_within(path: &Path, store: Option<&Store>, hours: u64, bytes: u64) -> Summary {
    let reads = [Read::every_sample(&TRX)];
    let fake = Fake::default().moment(0, vec![(&reads[0], Ok(number(0, 1)))]);
    let mut recording = recording(&reads, 1);
    recording.metrics = store.map(|source| MetricsPlan {
        source,
        back: Duration::from_secs(hours * 3_600),
        series: 1_000,
        bytes,
        deadline: Duration::from_secs(60),
    });
    block_on(record(&fake, &recording, path)).unwrap()
}

fn recorded(path: &Path, store: &Store, hours: u64) -> Summary {
    recorded_within(path, Some(store), hours, 64 << 20)
}

fn replayed(path: &Path) -> Box<dyn Metrics> {
    Replay::open(path).unwrap().metrics().open(limits())
}

fn places() -> (tempfile::TempDir, [PathBuf; 2]) {
    let dir = tempfile::tempdir().unwrap();
    let places = ["s", "s.tar.zst"].map(|name| dir.path().join(name));
    (dir, places)
}

fn hours(hours: i64, step: u32) -> Grid {
    Grid::new(
        at(0) - SignedDuration::from_hours(hours),
        at(0),
        Step::of(step),
    )
}

fn scanned(metrics: &dyn Metrics, grid: &Grid, most: usize) -> (Vec<Series>, Vec<MissingSeries>) {
    block_on(async {
        let mut stream = metrics.scan(grid, most).await.unwrap();
        let mut series = Vec::new();
        while let Some(batch) = stream.next().await.unwrap() {
            series.extend(batch);
        }
        (series, stream.missing().to_vec())
    })
}

/// Figures as bits, for gaps are not equal to themselves.
fn bits(series: &[Series]) -> Vec<(String, Kind, Unit, Vec<u64>)> {
    let bits = |one: &Series| one.values.iter().map(|value| value.to_bits()).collect();
    let shown = series.iter();
    shown
        .map(|one| (one.id.to_string(), one.kind, one.unit, bits(one)))
        .collect()
}

fn wanted(names: &[&str]) -> Vec<Wanted> {
    let one = |name: &&str| match signal(name) {
        Some(signal) => Wanted::Signal(signal),
        None => Wanted::Named(SeriesId::named(*name)),
    };
    names.iter().map(one).collect()
}

#[test]
fn every_series_comes_back_bit_for_bit() {
    let store = Store { more: 500, ..STORE };
    let (_dir, places) = places();
    for path in places {
        recorded(&path, &store, 2);
        let metrics = replayed(&path);
        let grid = hours(2, 15);
        let (series, missing) = scanned(metrics.as_ref(), &grid, 1_000);
        assert_eq!(bits(&series), bits(&store.series(&grid)));
        assert_eq!(missing.len(), 1, "{missing:?}");
        assert_eq!(missing[0].what, "replication_lag_s");
        let part = Grid::new(at(0) - SignedDuration::from_mins(30), at(0), Step::of(15));
        let (series, _) = scanned(metrics.as_ref(), &part, 100);
        assert_eq!(bits(&series), bits(&store.series(&part)[..100]));
        let facts = block_on(metrics.about()).unwrap();
        assert_eq!(facts.store, "Memory 1.0");
        assert_eq!(facts.resolution, Step::of(15));
        assert_eq!((facts.since, facts.language), (Some(grid.start()), None));
        assert_eq!(metrics.now(), at(0), "the clock stands at the sample");
    }
}

#[test]
fn series_are_read_by_name_and_counters_as_growth_per_second() {
    let (_dir, [path, _]) = places();
    recorded(&path, &STORE, 2);
    let metrics = replayed(&path);
    let grid = hours(1, 15);
    let names = [
        "threads_running",
        "cpu_util",
        "replication_lag_s",
        "node_disk_reads_total",
        "no_such",
    ];
    let read = block_on(metrics.read(&wanted(&names), &grid)).unwrap();
    assert_eq!(bits(&read.series[..1]), bits(&STORE.series(&grid)[1..2]));
    let grown = &read.series[1];
    assert_eq!((grown.kind, grown.unit), (Kind::Gauge, Unit::PerSecond));
    assert_eq!(grown.values.len(), grid.len());
    // It starts anew every two hours, once at most in this one.
    let steady = grown
        .values
        .iter()
        .filter(|rate| (**rate - 3.0).abs() < 1e-9);
    assert!(steady.count() >= grid.len() - 1, "{:?}", grown.values);
    let whys: Vec<(&str, &str)> = read
        .missing
        .iter()
        .map(|one| (one.what.as_str(), one.why.as_str()))
        .collect();
    assert_eq!(
        whys,
        [
            ("cpu_util", "the snapshot does not hold it"),
            ("replication_lag_s", "the exporter has no series of it"),
            ("no_such", "the snapshot does not hold it"),
        ]
    );
    let with = |label: &str, value: &str| {
        let mut id = SeriesId::named("node_disk_reads_total");
        id.labels.insert(label.to_owned(), value.to_owned());
        block_on(metrics.read(&[Wanted::Named(id)], &grid))
            .unwrap()
            .series
            .len()
    };
    assert_eq!(
        (
            with("device", "nvme0n1"),
            with("device", "sda"),
            with("job", "")
        ),
        (1, 0, 0)
    );
    let names = block_on(metrics.names("r", 2)).unwrap();
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            r#"node_disk_reads_total{device="nvme0n1"}"#,
            "threads_running"
        ]
    );
    let error = block_on(metrics.query("up", &grid, 1)).unwrap_err();
    assert!(matches!(error, MetricsError::NoLanguage { .. }), "{error}");
}

#[test]
fn days_are_kept_at_a_minute_and_the_latest_hours_as_finely_as_the_store_has_them() {
    let (_dir, [path, _]) = places();
    let summary = recorded(&path, &STORE, 48);
    let grids = summary.description.manifest.metrics.unwrap().grids;
    let steps: Vec<_> = grids
        .iter()
        .map(|grid| (grid.step_s, grid.points))
        .collect();
    assert_eq!(steps, [(15, 1_440), (60, 2_880)]);
    let metrics = replayed(&path);
    for grid in [hours(1, 15), hours(48, 60)] {
        let (series, missing) = scanned(metrics.as_ref(), &grid, 1_000);
        assert_eq!(bits(&series), bits(&STORE.series(&grid)));
        assert_eq!(missing.len(), 1, "{missing:?}");
    }
    // On a longer step the mean, of the finer figures where they are there.
    let running = wanted(&["threads_running"]);
    let read = |grid: &Grid| block_on(metrics.read(&running, grid)).unwrap();
    let five = read(&hours(2, 300));
    let exact = &STORE.series(&hours(2, 300))[1].values;
    for (mean, end) in five.series[0].values.iter().zip(exact) {
        let within = if *end < 300.0 { continue } else { end - 142.5 };
        assert!((mean - within).abs() < 1e-9, "{mean} at {end}");
    }
    assert_eq!(five.missing, []);
    // On a shorter one each holds, and that is said; so is what lies before the recording.
    let early = Grid::new(at(-60 * 3_600), at(-40 * 3_600), Step::of(15));
    let finer = read(&early);
    let told: Vec<&str> = finer.missing.iter().map(|one| one.what.as_str()).collect();
    let from = at(-48 * 3_600);
    let from = hours(48, 60).start().max(from);
    assert_eq!(
        told,
        [
            format!("figures before {from}"),
            "figures in between".to_owned()
        ]
    );
    let values = &finer.series[0].values;
    let gaps = values.iter().take_while(|value| value.is_nan()).count();
    assert_eq!(gaps, early.points(early.start(), from).len());
    assert!(values[gaps..].iter().all(|value| !value.is_nan()));
}

#[test]
fn without_being_asked_to_a_recording_keeps_no_metrics_and_an_earlier_storex_reads_it() {
    let (_dir, [path, _]) = places();
    recorded_within(&path, None, 1, 0);
    let metrics = replayed(&path);
    let error = block_on(metrics.about()).unwrap_err();
    assert!(error.remedy().contains("--metrics"), "{error}");
    let error = block_on(metrics.scan(&hours(1, 15), 9)).err().unwrap();
    assert!(matches!(error, MetricsError::NotCaptured), "{error}");
    let manifest = fs::read_to_string(path.join("snapshot.json")).unwrap();
    assert!(
        manifest.contains("\"format\": 1") && !manifest.contains("metrics"),
        "{manifest}"
    );
}

#[test]
fn a_store_that_cannot_be_read_is_said_to_be_missing() {
    let (_dir, [path, _]) = places();
    let store = Store {
        about: Some(MetricsError::NotConfigured),
        ..STORE
    };
    recorded(&path, &store, 1);
    let error = block_on(replayed(&path).names("", 9)).unwrap_err();
    assert!(matches!(error, MetricsError::NotCaptured), "{error}");
    let text = describe(&path).unwrap().to_string();
    assert!(
        text.contains("not kept of the metrics: metrics: "),
        "{text}"
    );
}

#[test]
fn what_was_read_before_a_store_broke_off_is_kept() {
    let (_dir, [path, _]) = places();
    let store = Store {
        more: 3,
        breaks: Some(MetricsError::Unreachable {
            detail: "cut".to_owned(),
        }),
        ..STORE
    };
    recorded(&path, &store, 1);
    let (series, missing) = scanned(replayed(&path).as_ref(), &hours(1, 15), 99);
    assert_eq!(series.len(), 4);
    let told = &missing[0];
    assert_eq!(told.what, "series every 15 s after the first 4");
    assert!(told.why.contains("cannot be reached"), "{told:?}");
    let text = describe(&path).unwrap().to_string();
    assert!(
        text.contains("metrics: 4 series every 15 s from "),
        "{text}"
    );
}

#[test]
fn metrics_take_no_more_room_than_they_may() {
    let (_dir, [path, _]) = places();
    let store = Store {
        more: 4_000,
        ..STORE
    };
    let most = 8_000_000;
    recorded_within(&path, Some(&store), 6, most);
    let held: u64 = fs::read_dir(path.join("recorded-metrics"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|file| file.extension().is_some_and(|ending| ending == "zst"))
        .map(|file| fs::metadata(file).unwrap().len())
        .sum();
    assert!(held > 0 && held <= most, "{held}");
    let (_, missing) = scanned(replayed(&path).as_ref(), &hours(1, 15), 9_999);
    assert!(
        missing
            .iter()
            .any(|one| one.why == "they would take too much room"),
        "{missing:?}"
    );
}

/// A file, what is done to it, and what is told.
type Change = (&'static str, fn(&Path), &'static str);

#[test]
fn a_file_of_metrics_that_is_missing_changed_or_not_listed_is_refused() {
    let (piece, index) = ("recorded-metrics/001-001.zst", "recorded-metrics/001.json");
    let changes: [Change; 7] = [
        (
            piece,
            |path| fs::remove_file(path).unwrap(),
            "not hold the figures",
        ),
        (
            piece,
            |path| fs::write(path, "no piece").unwrap(),
            "not hold the figures",
        ),
        (
            piece,
            |path| fs::write(path, zstd::encode_all([0; 9].as_slice(), 3).unwrap()).unwrap(),
            "not hold the figures",
        ),
        (
            index,
            |path| fs::remove_file(path).unwrap(),
            "broken at line",
        ),
        (
            index,
            |path| fs::write(path, "[]").unwrap(),
            "does not list 3 series",
        ),
        (
            index,
            |path| {
                let text = fs::read_to_string(path).unwrap();
                fs::write(path, text.replace("/s", "furlongs")).unwrap();
            },
            "with units",
        ),
        (
            "recorded-metrics/x.zst",
            |path| fs::write(path, "more").unwrap(),
            "does not list it",
        ),
    ];
    for (file, change, told) in changes {
        let (_dir, [path, _]) = places();
        recorded(&path, &STORE, 1);
        change(&path.join(file));
        let error = Replay::open(&path).unwrap_err().to_string();
        assert!(error.contains(told), "{file}: {error}");
    }
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused() {
    for (from, to) in [
        ("\"step_s\": 15", "\"step_s\": 0"),
        ("\"step_s\": 15", "\"step_s\": 14"),
        ("\"points\": 240", "\"points\": 0"),
        ("\"points\": 240", "\"points\": 18446744073709551615"),
        ("\"series\": 3", "\"series\": 5000"),
        ("\"recorded-metrics/001.json\"", "\"snapshot.json\""),
        (
            "\"recorded-metrics/001.json\"",
            "\"recorded-metrics/001-001.zst\"",
        ),
        ("\"format\": 3", "\"format\": 2"),
    ] {
        let (_dir, [path, _]) = places();
        recorded(&path, &STORE, 1);
        let manifest = path.join("snapshot.json");
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&manifest, text.replacen(from, to, 1)).unwrap();
        let error = Replay::open(&path).unwrap_err().to_string();
        assert!(
            error.contains("snapshot.json cannot be used"),
            "{from}: {error}"
        );
    }
}

#[test]
fn a_call_that_was_stopped_reads_nothing_more() {
    let (_dir, [path, _]) = places();
    recorded(&path, &STORE, 1);
    let limits = limits();
    let metrics = Replay::open(&path).unwrap().metrics().open(limits.clone());
    let grid = hours(1, 15);
    let mut stream = block_on(metrics.scan(&grid, 9)).unwrap();
    limits.cancel.cancel();
    for error in [
        block_on(stream.next()).unwrap_err(),
        block_on(metrics.about()).unwrap_err(),
        block_on(metrics.read(&wanted(&["qps"]), &grid)).unwrap_err(),
    ] {
        assert!(matches!(error, MetricsError::Cancelled), "{error}");
    }
}
