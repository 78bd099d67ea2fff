//! What a running tool holds: its sources, its bounds, and the coverage it is building up. A tool
//! opens no connection, file or socket of its own.

mod logs;
mod metrics;
mod progress;
mod sample;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use storex_sources::{
    Blame, EXPLAIN, Explainable, Logs, Metrics, MySql, Probe, Rows, Server, SourceError, Value,
};

use crate::{Answer, Coverage, Finding, InstanceFacts, Missing, Spec, ToolError, Truncated};

use sample::Cost;

pub use logs::{CallLogs, LogBounds, LogReading};
pub use metrics::{CallMetrics, SeriesReading};
pub use progress::{Progress, ProgressNote};
pub use sample::Sample;

/// What the stack hands to a call.
pub struct CallParts {
    /// The tool's declaration.
    pub spec: &'static Spec,
    /// The instance named, for tools that name one.
    pub instance: Option<Arc<InstanceFacts>>,
    /// Its MySQL.
    pub mysql: Option<Box<dyn MySql>>,
    /// Its logs.
    pub logs: Option<Box<dyn Logs>>,
    /// Where they come from, in a word.
    pub logs_kind: &'static str,
    /// Its metrics.
    pub metrics: Option<Box<dyn Metrics>>,
    /// Where they come from, in a word.
    pub metrics_kind: &'static str,
    /// The second instance of a comparison.
    pub other: Option<Other>,
    /// The instances this caller may see, for tools of the fleet.
    pub visible: Vec<Arc<InstanceFacts>>,
    /// Where progress goes.
    pub progress: Progress,
    /// The clock of calls that have no source.
    pub clock: fn() -> Timestamp,
}

/// The second instance of a comparison.
pub struct Other {
    /// What tools may know of it.
    pub instance: Arc<InstanceFacts>,
    /// Its MySQL.
    pub mysql: Box<dyn MySql>,
    /// Its logs.
    pub logs: Box<dyn Logs>,
    /// Where they come from, in a word.
    pub logs_kind: &'static str,
    /// Its metrics.
    pub metrics: Box<dyn Metrics>,
    /// Where they come from, in a word.
    pub metrics_kind: &'static str,
}

/// One running call.
pub struct Call {
    parts: CallParts,
    other: Option<Box<Call>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    coverage: Coverage,
    cost: Cost,
    /// Of the bytes of logs the tool may read, those read or reserved.
    log_bytes_taken: u64,
    /// Whether anything came from a log.
    logs_read: bool,
    /// Of the points of metrics the tool may read, those read or reserved.
    metric_points_taken: u64,
    /// Whether anything came from a metrics store.
    metrics_read: bool,
    steps: f64,
}

impl Call {
    /// A call over these parts. Only the stack's last layer and tests make one.
    pub fn new(mut parts: CallParts) -> Self {
        let other = parts.other.take().map(|other| {
            Box::new(Self::new(CallParts {
                spec: parts.spec,
                instance: Some(other.instance),
                mysql: Some(other.mysql),
                logs: Some(other.logs),
                logs_kind: other.logs_kind,
                metrics: Some(other.metrics),
                metrics_kind: other.metrics_kind,
                other: None,
                visible: Vec::new(),
                progress: None,
                clock: parts.clock,
            }))
        });
        Self {
            parts,
            other,
            state: Mutex::default(),
        }
    }

    /// The instance the caller named.
    ///
    /// # Errors
    /// An internal error for a tool that names none.
    pub fn instance(&self) -> Result<&InstanceFacts, ToolError> {
        self.parts
            .instance
            .as_deref()
            .ok_or_else(|| ToolError::internal("a tool of the fleet asked for its instance"))
    }

    /// The second instance of a comparison, where the caller named one: read as this one is. What it
    /// could not read joins this call's coverage under its name.
    pub fn other(&self) -> Option<&Self> {
        self.other.as_deref()
    }

    /// The instances this caller may see, by name.
    pub fn visible_instances(&self) -> &[Arc<InstanceFacts>] {
        &self.parts.visible
    }

    /// The source's time.
    pub fn now(&self) -> Timestamp {
        self.parts
            .mysql
            .as_ref()
            .map_or_else(self.parts.clock, |mysql| mysql.now())
    }

    /// What kind of server answers.
    ///
    /// # Errors
    /// When the instance cannot be read at all.
    pub async fn server(&self) -> Result<Arc<Server>, ToolError> {
        Ok(self.mysql()?.server().await?)
    }

    /// Reads a probe the answer cannot do without.
    ///
    /// # Errors
    /// Whatever kept it from answering.
    pub async fn need<T: DeserializeOwned>(
        &self,
        probe: &'static Probe,
    ) -> Result<Sample<T>, ToolError> {
        Ok(self.read(probe, &[]).await?)
    }

    /// Reads a probe the answer is poorer without: where it does not answer, the coverage says so
    /// and the tool goes on.
    ///
    /// # Errors
    /// Only when the instance cannot be read at all or the call was stopped.
    pub async fn want<T: DeserializeOwned>(
        &self,
        probe: &'static Probe,
    ) -> Result<Option<Sample<T>>, ToolError> {
        self.want_with(probe, &[]).await
    }

    /// As [`Self::want`], with values bound to the probe's `?`.
    ///
    /// # Errors
    /// Only when the instance cannot be read at all or the call was stopped.
    pub async fn want_with<T: DeserializeOwned>(
        &self,
        probe: &'static Probe,
        params: &[Value],
    ) -> Result<Option<Sample<T>>, ToolError> {
        match self.read(probe, params).await {
            Ok(sample) => Ok(Some(sample)),
            Err(error) if error.blame() == Blame::Probe => {
                if let Some(detail) = error.internal_detail() {
                    tracing::warn!(probe = probe.name, detail, "probe failed");
                }
                self.missing(probe.name, error.to_string(), error.remedy());
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The plan of a statement the caller named, which passed the allow-list.
    ///
    /// # Errors
    /// Whatever kept the server from explaining it.
    pub async fn explain<T: DeserializeOwned>(
        &self,
        statement: &Explainable,
    ) -> Result<Sample<T>, SourceError> {
        self.expected();
        let rows = self.source(&EXPLAIN)?.explain(statement).await?;
        self.sample(&EXPLAIN, &rows)
    }

    /// Lets about `gap` pass before a second sample, telling the client. `false` where a replayed
    /// source holds no further sample; the coverage then says so.
    ///
    /// # Errors
    /// When the call was stopped meanwhile.
    pub async fn pass(&self, gap: Duration) -> Result<bool, ToolError> {
        self.progress(format!("sampling for {} s", gap.as_secs_f32()));
        let passed = self.mysql()?.pass(gap).await?;
        if !passed {
            self.expected();
            self.missing(
                "second sample",
                "the snapshot holds one sample",
                "record with two samples or more",
            );
        }
        Ok(passed)
    }

    /// Tells the client what is being done.
    pub fn progress(&self, message: impl Into<String>) {
        let Some(sender) = &self.parts.progress else {
            return;
        };
        let done = {
            let mut state = self.state();
            state.steps += 1.0;
            state.steps
        };
        // A client that has gone away needs no progress.
        let _gone = sender.send(ProgressNote {
            done,
            total: None,
            message: message.into(),
        });
    }

    /// Notes something that was expected and is missing.
    pub fn missing(&self, what: impl Into<String>, why: impl Into<String>, fix: impl Into<String>) {
        let missing = Missing {
            what: what.into(),
            why: why.into(),
            fix: fix.into(),
        };
        let mut state = self.state();
        if !state.coverage.missing.contains(&missing) {
            state.coverage.missing.push(missing);
        }
    }

    /// What the call has cost the database so far.
    pub fn cost(&self) -> Cost {
        let mut cost = self.state().cost;
        if let Some(other) = &self.other {
            let other = other.cost();
            cost.statements += other.statements;
            cost.rows += other.rows;
            cost.took += other.took;
            cost.log_bytes += other.log_bytes;
            cost.points += other.points;
        }
        cost
    }

    /// What was expected, what answered and what is missing, of both instances.
    fn coverage(&self) -> Coverage {
        let mut coverage = self.state().coverage.clone();
        if let Some(other) = &self.other {
            let name = other.instance().map_or("", |instance| &instance.name);
            coverage.join(other.coverage(), name);
        }
        coverage
    }

    /// Puts the answer into its envelope: when and from where, headline, findings, the tool's own
    /// data, coverage, what was left out.
    pub(crate) async fn envelope<T: Serialize>(
        &self,
        answer: Answer<T>,
    ) -> Result<Json, ToolError> {
        #[derive(Serialize)]
        struct Envelope<'a, T> {
            as_of: String,
            source: String,
            headline: String,
            findings: Vec<Finding>,
            #[serde(flatten)]
            data: T,
            coverage: &'a Coverage,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            truncated: Vec<Truncated>,
        }
        let source = self.read_from().await?;
        let coverage = self.coverage();
        serde_json::to_value(Envelope {
            as_of: format!("{:.0}", self.now()),
            source,
            headline: coverage.qualify(answer.headline),
            findings: answer.findings,
            data: answer.data,
            coverage: &coverage,
            truncated: answer.truncated,
        })
        .map_err(|error| ToolError::internal(format!("answer cannot be serialized: {error}")))
    }

    /// What was read, in words for the answer.
    async fn read_from(&self) -> Result<String, ToolError> {
        let Some(mysql) = &self.parts.mysql else {
            return Ok("inventory".to_owned());
        };
        let instance = self.parts.instance.as_ref();
        let kind = instance.map_or("live", |instance| instance.source);
        let (logs_read, metrics_read) = {
            let state = self.state();
            (state.logs_read, state.metrics_read)
        };
        let metrics = metrics_read.then(|| format!("{} metrics", self.parts.metrics_kind));
        let spec = self.parts.spec;
        // What reads metrics only leaves the server alone: it may be what is sick.
        if spec.metric_points > 0 && spec.probes.is_empty() {
            let metrics = metrics.unwrap_or_else(|| "no metrics".to_owned());
            return Ok(format!("{metrics}, {kind}"));
        }
        match (mysql.server().await, metrics) {
            (Ok(server), Some(metrics)) => Ok(format!("{server} and {metrics}, {kind}")),
            (Ok(server), None) => Ok(format!("{server}, {kind}")),
            // Metrics and logs can be read while the server cannot.
            (Err(_), Some(metrics)) => Ok(format!("{metrics}, {kind}")),
            (Err(_), None) if logs_read => Ok(format!("logs, {kind}")),
            (Err(error), None) => Err(error.into()),
        }
    }

    fn mysql(&self) -> Result<&dyn MySql, ToolError> {
        self.parts
            .mysql
            .as_deref()
            .ok_or_else(|| ToolError::internal("a tool without an instance asked for its MySQL"))
    }

    async fn read<T: DeserializeOwned>(
        &self,
        probe: &'static Probe,
        params: &[Value],
    ) -> Result<Sample<T>, SourceError> {
        debug_assert!(
            self.parts
                .spec
                .probes
                .iter()
                .any(|declared| declared.name == probe.name),
            "{} reads {}, which its spec does not declare",
            self.parts.spec.name,
            probe.name
        );
        self.expected();
        let rows = self.source(probe)?.read(probe, params).await?;
        self.sample(probe, &rows)
    }

    fn source(&self, probe: &'static Probe) -> Result<&dyn MySql, SourceError> {
        self.mysql().map_err(|error| SourceError::Decode {
            probe: probe.name,
            detail: error.internal.unwrap_or_default(),
        })
    }

    /// Decodes what was read and counts it.
    fn sample<T: DeserializeOwned>(
        &self,
        probe: &'static Probe,
        read: &Rows,
    ) -> Result<Sample<T>, SourceError> {
        let rows = read.decode(probe.name)?;
        let mut state = self.state();
        state.coverage.answered += 1;
        state.cost.statements += 1;
        state.cost.rows += rows.len() as u64;
        state.cost.took += read.took;
        drop(state);
        if read.truncated {
            self.missing(
                probe.name,
                format!("more than {} rows; the rest was not read", probe.row_limit),
                "",
            );
        }
        Ok(Sample {
            rows,
            read_at: read.read_at,
            truncated: read.truncated,
        })
    }

    fn expected(&self) {
        self.state().coverage.expected += 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
