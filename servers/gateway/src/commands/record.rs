//! `storex record`: an instance becomes a snapshot that every tool can be run on again.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use serde_json::Value as Json;
use storex_snapshot::{LogsPlan, MetricsPlan, Plan, Progress, Read, Recording, Redaction, record};
use storex_sources::{Limits, Probe, Value};
use storex_tool::without_literals;

/// `storex record INSTANCE --to PATH`
#[derive(Debug, Args)]
pub(super) struct Record {
    /// The instance
    instance: String,
    /// A folder, or a file ending in .tar.zst
    #[arg(long)]
    to: PathBuf,
    /// Moments to record
    #[arg(long, default_value_t = 3)]
    samples: usize,
    /// Seconds between them
    #[arg(long, default_value_t = 5)]
    every_s: u64,
    /// A table to record the definition of, as schema.table; may be given several times
    #[arg(long = "table")]
    tables: Vec<String>,
    /// Keep literals and key values: the snapshot may then hold personal data
    #[arg(long)]
    keep_literals: bool,
    /// Keep the last so many minutes of the logs the inventory names, as they are: they hold literals,
    /// so the snapshot may then hold personal data
    #[arg(long, value_name = "MINUTES")]
    logs: Option<u64>,
    /// Keep the last so many hours of the metrics in the store the inventory names
    #[arg(long, value_name = "HOURS")]
    metrics: Option<u64>,
}

/// Bytes of each log in a snapshot, at most.
const LOG_BYTES: u64 = 48 << 20;
/// Bytes of the metrics in a snapshot, and series, at most.
const METRICS_BYTES: u64 = 96 << 20;
const SERIES: usize = 5_000;

impl Record {
    pub(super) async fn run(self, config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
        let (_, _telemetry, boot) = super::start(config)?;
        let runtime = boot.server.runtime();
        let mount = runtime
            .mounts()
            .get(&self.instance)
            .with_context(|| format!("the inventory has no instance `{}`", self.instance))?;
        let rows = runtime.tools().rows();
        let probes = super::doctor::probes(rows.flat_map(|row| row.spec.probes.iter().copied()));
        let mut reads: Vec<Read> = probes
            .into_iter()
            .filter(|probe| !probe.takes_values())
            .map(Read::every_sample)
            .collect();
        let server = mount.mysql.open(limits()).server().await?;
        let bound = storex_innodb::recorded_reads(server.flavour, &self.tables)
            .context("`--table` wants schema.table")?;
        reads.extend(
            bound
                .into_iter()
                .map(|(probe, values)| Read::every_sample(probe).with(values)),
        );
        let facts = match serde_json::to_value(&*mount.facts)? {
            Json::Object(map) => map,
            _ => serde_json::Map::new(),
        };
        let recording = Recording {
            reads: &reads,
            plan: Plan {
                samples: self.samples,
                every: Duration::from_secs(self.every_s),
                per_sample_deadline: Duration::from_secs(30),
            },
            logs: self.logs.map(|minutes| LogsPlan {
                source: mount.logs.as_ref(),
                back: Duration::from_secs(minutes.saturating_mul(60)),
                bytes_each: LOG_BYTES,
                deadline: Duration::from_secs(120),
            }),
            metrics: self.metrics.map(|hours| MetricsPlan {
                source: mount.metrics.as_ref(),
                back: Duration::from_secs(hours.saturating_mul(3_600)),
                series: SERIES,
                bytes: METRICS_BYTES,
                deadline: Duration::from_secs(300),
            }),
            instance: facts,
            redaction: if self.keep_literals {
                Redaction::none()
            } else {
                Redaction {
                    name: Some("literals".to_owned()),
                    apply: &redact,
                }
            },
            progress: &tell,
            cancel: super::serve::on_signal(),
        };
        let summary = record(mount.mysql.as_ref(), &recording, &self.to).await?;
        println!("{}", summary.description);
        let to = std::path::absolute(&self.to)?;
        println!("add to the inventory: snapshot = \"{}\"", to.display());
        Ok(ExitCode::SUCCESS)
    }
}

/// For the question what the server is.
fn limits() -> Limits {
    Limits {
        deadline: Instant::now() + Duration::from_secs(10),
        cancel: super::serve::on_signal(),
    }
}

fn tell(progress: &Progress) {
    let Progress {
        sample,
        samples,
        probe,
        outcome,
    } = progress;
    match outcome {
        Ok(rows) => eprintln!("sample {sample} of {samples}: {probe}: {rows} rows"),
        Err(why) => eprintln!("sample {sample} of {samples}: {probe}: not read ({why})"),
    }
}

/// Columns that hold statements lose their literals, columns that hold keys their values. A path keeps
/// its last name: where it lies says more of the machine than of the incident.
fn redact(_: &Probe, column: &str, value: Value) -> Value {
    match (column, value) {
        ("query" | "info" | "sql_text", Value::Text(sql)) => Value::Text(without_literals(&sql)),
        ("status", Value::Text(monitor)) => Value::Text(storex_innodb::redact_monitor(&monitor)),
        (
            "error" | "last_error" | "last_io_error" | "last_sql_error" | "receiver_error"
            | "applier_error",
            Value::Text(message),
        ) => Value::Text(storex_innodb::without_values(&message)),
        ("logged_message", Value::Text(message)) => {
            Value::Text(storex_slowlog::error_log::without_quoted(&message))
        }
        ("lock_data", Value::Text(_)) => Value::Text("?".to_owned()),
        (_, Value::Text(text)) if is_path(&text) => {
            let name = text.trim_end_matches('/').rsplit('/').next();
            Value::Text(format!("/.../{}", name.unwrap_or_default()))
        }
        (_, value) => value,
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with('/') && !text.starts_with("/*") && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    static PROBE: Probe = Probe {
        name: "settings",
        statements: &[],
        row_limit: 1,
        timeout: Duration::from_secs(1),
        needs: storex_sources::Needs::NOTHING,
    };

    #[test]
    fn messages_of_the_error_log_lose_what_they_quote() {
        let message = "Duplicate entry 'hunter2' for key 't.PRIMARY', errno: 28".to_owned();
        let redacted = redact(&PROBE, "logged_message", Value::Text(message));
        let expected = "Duplicate entry ? for key ?, errno: 28".to_owned();
        assert_eq!(redacted, Value::Text(expected));
    }

    #[test]
    fn a_path_keeps_its_last_name_and_other_texts_stay() {
        let redacted = |text: &str| redact(&PROBE, "value", Value::Text(text.to_owned()));
        for (text, expected) in [
            ("/srv/db7/data/", "/.../data"),
            ("/srv/db7/log/slow.log", "/.../slow.log"),
            ("ON", "ON"),
            ("/* comment */ SELECT 1", "/* comment */ SELECT 1"),
        ] {
            assert_eq!(redacted(text), Value::Text(expected.to_owned()), "{text}");
        }
    }
}
