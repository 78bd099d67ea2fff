//! Stores that scrape and keep figures.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{START_LIMIT, free_address, get, ready};
use crate::servers::Monitor;

const POLL: Duration = Duration::from_millis(200);

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Make {
    /// Prometheus itself.
    Prometheus,
    /// VictoriaMetrics, which speaks its language.
    VictoriaMetrics,
}

/// Something to be scraped, and the labels its series get.
#[derive(Debug, Clone)]
pub struct Scrape {
    /// The label `job`.
    pub job: String,
    /// The label `instance`.
    pub instance: String,
    /// Where it is.
    pub at: SocketAddr,
}

/// A running store that scrapes every second. Dropping it kills it and removes its data.
pub struct MetricsStore {
    make: Make,
    address: SocketAddr,
    _monitor: Monitor,
}

impl MetricsStore {
    /// Starts a store and waits until it answers; nothing need be scraped by then.
    pub async fn start(make: Make, scrapes: &[Scrape]) -> Result<Self> {
        let address = free_address()?;
        let config = configuration(make, scrapes).to_string();
        let monitor = tokio::task::spawn_blocking(move || {
            Monitor::start(make.program(), |folder| {
                let file = folder.join("scrape.json");
                fs::write(&file, config)?;
                let (file, data) = (file.display(), folder.join("store"));
                let data = data.display();
                Ok(match make {
                    Make::Prometheus => vec![
                        format!("--config.file={file}").into(),
                        format!("--storage.tsdb.path={data}").into(),
                        format!("--web.listen-address={address}").into(),
                    ],
                    Make::VictoriaMetrics => vec![
                        format!("-promscrape.config={file}").into(),
                        format!("-storageDataPath={data}").into(),
                        format!("-httpListenAddr={address}").into(),
                        OsString::from("-search.latencyOffset=1s"),
                        OsString::from("-retentionPeriod=1"),
                    ],
                })
            })
        })
        .await??;
        let path = match make {
            Make::Prometheus => "/-/ready",
            Make::VictoriaMetrics => "/health",
        };
        ready(&monitor, address, path).await?;
        Ok(Self {
            make,
            address,
            _monitor: monitor,
        })
    }

    /// Which store it is.
    pub fn make(&self) -> Make {
        self.make
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its interface is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The single figure a query has now; `None` where it has none.
    pub async fn figure(&self, query: &str) -> Result<Option<f64>> {
        let mut encoded = String::new();
        for byte in query.bytes() {
            write!(encoded, "%{byte:02X}")?;
        }
        let body = get(self.address, &format!("/api/v1/query?query={encoded}")).await?;
        let answer: Value = serde_json::from_str(&body)?;
        let figure = answer.pointer("/data/result/0/value/1");
        Ok(figure.and_then(Value::as_str).map(str::parse).transpose()?)
    }

    /// Waits until a query has a figure that is at least `least`.
    pub async fn wait_for(&self, query: &str, least: f64) -> Result<()> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            let found = self.figure(query).await?;
            if found.is_some_and(|figure| figure >= least) {
                return Ok(());
            }
            ensure!(
                Instant::now() < deadline,
                "{query} is {found:?}, not {least}"
            );
            sleep(POLL).await;
        }
    }
}

impl Make {
    const fn program(self) -> &'static str {
        match self {
            Self::Prometheus => "prometheus",
            Self::VictoriaMetrics => "victoria-metrics",
        }
    }
}

/// YAML holds JSON.
fn configuration(make: Make, scrapes: &[Scrape]) -> Value {
    let jobs: Vec<Value> = scrapes
        .iter()
        .enumerate()
        .map(|(number, scrape)| {
            json!({
                // Names of jobs are told apart; the label need not be.
                "job_name": format!("{}-{number}", scrape.job),
                "static_configs": [{
                    "targets": [scrape.at.to_string()],
                    "labels": {"job": scrape.job, "instance": scrape.instance},
                }],
            })
        })
        .collect();
    let mut global = json!({"scrape_interval": "1s", "scrape_timeout": "1s"});
    if let (Make::Prometheus, Value::Object(global)) = (make, &mut global) {
        global.insert("evaluation_interval".to_owned(), json!("1s"));
    }
    json!({"global": global, "scrape_configs": jobs})
}
