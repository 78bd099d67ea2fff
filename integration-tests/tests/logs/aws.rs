//! Logs of Amazon RDS: the files of a DB instance, served by the stand-in of the test kit, and what is
//! exported to CloudWatch Logs, served by moto.

mod cloudwatch;
mod end_to_end;
mod rds;
mod rotating;
mod troubles;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storex_clouds::aws::RdsLogs;
use storex_digest::{Digest, Group, Options, Reader};
use storex_fleet::{AwsLogs, AwsStore};
use storex_sources::{
    Limits, LogKind, LogReport, Logs, LogsSource, Window, WindowRead, wall_clock,
};
use storex_testkit::aws::{REGION, write_credentials};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const INSTANCE: &str = "shop-eu-1";
const SLOW: &str = "slowquery/mysql-slowquery.log";

/// Where logs are read, and the credentials for it.
struct Place {
    logs: AwsLogs,
    _folder: TempDir,
}

impl Place {
    fn at(url: &str, store: AwsStore) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let logs = AwsLogs {
            instance: INSTANCE.to_owned(),
            cluster: None,
            store,
            region: None,
            profile: None,
            credentials_file: Some(write_credentials(folder.path())?),
            endpoint: Some(url.to_owned()),
        };
        Ok(Self {
            logs,
            _folder: folder,
        })
    }

    fn open(&self) -> Box<dyn Logs> {
        let limits = Limits {
            deadline: Instant::now() + Duration::from_secs(120),
            cancel: CancellationToken::new(),
        };
        RdsLogs::new(self.logs.clone(), REGION, TimeZone::UTC).open(limits)
    }
}

/// The slow log, of a window or whole, and its report.
async fn read(
    logs: &dyn Logs,
    window: Option<Window>,
    budget_bytes: u64,
) -> Result<(Vec<u8>, LogReport)> {
    let mut read = WindowRead::open(logs, LogKind::Slow, window, budget_bytes).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = read.next().await? {
        bytes.extend_from_slice(&chunk.bytes);
    }
    Ok((bytes, read.into_report()))
}

/// A moment of a day that is over, as far back as files of an hour's name are known by.
fn at(hour: i64, minute: i64) -> Timestamp {
    let day = 24 * 3600;
    let today = wall_clock().as_second() / day * day;
    Timestamp::from_second(today - day + hour * 3600 + minute * 60).unwrap()
}

/// Entries of a slow log, of numbered statements, one every `every_ms` from a moment on.
fn entries(
    from: Timestamp,
    every_ms: i64,
    numbers: std::ops::Range<usize>,
) -> impl Iterator<Item = (Timestamp, String)> {
    numbers.enumerate().map(move |(turn, number)| {
        let passed = SignedDuration::from_millis(every_ms * i64::try_from(turn).unwrap());
        let ended = from + passed;
        let mut text = format!("# Time: {ended:.6}\n");
        let _infallible = write!(
            text,
            "# User@Host: checkout[checkout] @ web{} [10.0.0.{}]  Id: {number:>5}\n\
             # Query_time: 0.{:06}  Lock_time: 0.000002 Rows_sent: 1  Rows_examined: {number}\n\
             SET timestamp={};\n\
             SELECT name FROM t{} WHERE id = {number} AND note = '{}' /* number {number}. */;\n",
            number % 5,
            number % 5,
            number % 1_000_000,
            ended.as_second(),
            number % 7,
            "x".repeat(number * 37 % 400),
        );
        (ended, text)
    })
}

fn slow_log(from: Timestamp, every_ms: i64, numbers: std::ops::Range<usize>) -> Vec<u8> {
    let text: String = entries(from, every_ms, numbers)
        .map(|(_, text)| text)
        .collect();
    text.into_bytes()
}

/// The groups of a log, by the engine that tools digest with.
fn groups(log: &[u8]) -> Vec<Group> {
    let mut digest = Digest::new(Options::default());
    let mut reader = Reader::default();
    reader.feed(log, &mut digest);
    reader.finish(&mut digest);
    let mut groups = digest.groups().to_vec();
    groups.sort_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
    groups
}
