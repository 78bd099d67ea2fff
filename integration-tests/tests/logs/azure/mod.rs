//! Logs of Azure Database for MySQL: blobs in Azurite, log files of a stand-in for the management API.

mod blobs;
mod doctor;
mod files;
mod seed;
mod stand_in;

use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storex_clouds::azure::{AzureLogs, Settings};
use storex_fleet::{AzureLogs as Place, AzurePrincipal, Secret};
use storex_sources::{Limits, LogKind, LogReport, Logs, LogsSource, Window, WindowRead};
use storex_testkit::azure::{CLIENT, RESOURCE_GROUP, SERVER, SUBSCRIPTION, StandIn, TENANT};
use tokio_util::sync::CancellationToken;

/// The server of the stand-in, with its slow log in a storage account where one is given.
fn place(azure: &StandIn, storage: Option<String>) -> Place {
    Place {
        subscription: SUBSCRIPTION.to_owned(),
        resource_group: RESOURCE_GROUP.to_owned(),
        server: SERVER.to_owned(),
        storage,
        endpoint: azure.base(),
        tls_ca: Some(azure.ca().to_owned()),
        principal: Some(AzurePrincipal {
            tenant: TENANT.to_owned(),
            client: CLIENT.to_owned(),
            secret: Secret::File(azure.secret().to_owned()),
        }),
        authority: Some(azure.base()),
    }
}

fn limits() -> Limits {
    Limits {
        deadline: Instant::now() + Duration::from_secs(120),
        cancel: CancellationToken::new(),
    }
}

/// Small parts and pages, so that there are several.
fn open(place: Place) -> Box<dyn Logs> {
    let settings = Settings {
        chunk_bytes: 20_000,
        page: 5,
    };
    AzureLogs::new(place, TimeZone::UTC, settings).open(limits())
}

async fn read(
    logs: &dyn Logs,
    window: Option<Window>,
    budget: u64,
) -> Result<(Vec<u8>, LogReport)> {
    let mut read = WindowRead::open(logs, LogKind::Slow, window, budget).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = read.next().await? {
        bytes.extend_from_slice(&chunk.bytes);
    }
    Ok((bytes, read.into_report()))
}

/// A statement that ended then.
struct Statement {
    ended: Timestamp,
    number: usize,
}

/// Statements from a moment on, one every so many seconds.
fn statements(from: &str, every_s: i64, numbers: std::ops::Range<usize>) -> Vec<Statement> {
    let from: Timestamp = from.parse().unwrap();
    let first = numbers.start;
    numbers
        .map(|number| Statement {
            ended: from
                + SignedDuration::from_secs(every_s * i64::try_from(number - first).unwrap()),
            number,
        })
        .collect()
}

impl Statement {
    fn sql(&self) -> String {
        let padding = "x".repeat(self.number * 37 % 400);
        format!(
            "SELECT '{padding}' FROM t{} /* number {}. */",
            self.number % 3,
            self.number
        )
    }

    /// As the server writes it.
    fn text(&self) -> String {
        format!(
            "# Time: {:.6}\n# User@Host: app[app] @  [10.0.0.4]  Id: {}\n# Query_time: 2.000000  \
             Lock_time: 0.000100 Rows_sent: 1  Rows_examined: {}\nSET timestamp={};\n{};\n",
            self.ended,
            self.number % 7,
            self.number,
            self.ended.as_second() - 2,
            self.sql()
        )
    }
}

fn text(statements: &[Statement]) -> Vec<u8> {
    statements
        .iter()
        .map(Statement::text)
        .collect::<String>()
        .into_bytes()
}

fn window(from: &str, to: &str) -> Window {
    Window {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
    }
}
