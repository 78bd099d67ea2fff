//! Our own metrics, in Prometheus' text format. Labels are tools and outcomes, never callers,
//! instances or arguments.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::mounts::Mounts;

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Called {
    tool: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Tool {
    tool: &'static str,
}

/// Counters of calls and gauges of connections.
pub struct Metrics {
    registry: Registry,
    calls: Family<Called, Counter>,
    duration: Family<Tool, Histogram, fn() -> Histogram>,
    connections: Gauge,
    running: Gauge,
    instances: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("storex");
        let calls = Family::<Called, Counter>::default();
        registry.register("tool_calls", "Tool calls by outcome", calls.clone());
        // 100 microseconds to 26 seconds.
        let duration: Family<Tool, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.0001, 4.0, 10)));
        registry.register_with_unit(
            "tool_call_duration",
            "Duration of tool calls, all layers included",
            Unit::Seconds,
            duration.clone(),
        );
        let (connections, running, instances) =
            (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register(
            "database_connections",
            "Connections open to databases",
            connections.clone(),
        );
        registry.register(
            "running_calls",
            "Calls running on instances",
            running.clone(),
        );
        registry.register("instances", "Instances mounted", instances.clone());
        Self {
            registry,
            calls,
            duration,
            connections,
            running,
            instances,
        }
    }
}

impl Metrics {
    pub(crate) fn called(&self, tool: &'static str, outcome: &'static str, elapsed: Duration) {
        self.calls.get_or_create(&Called { tool, outcome }).inc();
        self.duration
            .get_or_create(&Tool { tool })
            .observe(elapsed.as_secs_f64());
    }

    /// The text of a scrape.
    pub fn render(&self, mounts: &Mounts) -> String {
        let (mut connections, mut running, mut instances) = (0, 0, 0);
        for mount in mounts.all() {
            instances += 1;
            running += i64::from(mount.running());
            let open = mount.live.as_ref().map_or(0, |live| live.health().open);
            connections += i64::try_from(open).unwrap_or(i64::MAX);
        }
        self.connections.set(connections);
        self.running.set(running);
        self.instances.set(instances);
        let mut text = String::new();
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            // Writing to a string does not fail.
            Err(_) => String::new(),
        }
    }
}
