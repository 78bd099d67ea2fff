//! `storex doctor`: what works, what each account lacks, and the account to create.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use storex_fleet::{LogsPlace, MySqlEndpoint, Source};
use storex_mysql::{Account, Checkup, LOG_TABLE_PROBES, least_privilege};
use storex_serve::Mount;
use storex_sources::{Flavour, Limits, LogError, LogKind, LogListing, Probe, Version};
use tokio_util::sync::CancellationToken;

/// Clients at one desk that may each start a storex, every one with its connections and a killer.
const PROCESSES: usize = 4;

/// `storex doctor [INSTANCE]`
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Check this instance only
    instance: Option<String>,
}

impl Doctor {
    pub(super) async fn run(self, config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
        let (config, _telemetry, boot) = super::start(config)?;
        println!("ok    configuration, inventory, policies and audit log can be used");
        println!(
            "      you are {} of {}",
            config.identity.user,
            config.identity.teams.join(", ")
        );
        let runtime = boot.server.runtime();
        let probes = probes(
            runtime
                .tools()
                .rows()
                .flat_map(|row| row.spec.probes.iter().copied()),
        );
        let mut well = true;
        for mount in runtime.mounts().all() {
            if self
                .instance
                .as_ref()
                .is_none_or(|name| *name == mount.facts.name)
            {
                well &= check(mount, &with_log_table(mount, &probes)).await;
                well &= check_logs(mount).await;
            }
        }
        Ok(if well {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

/// Every probe once, whichever tools read it.
pub(super) fn probes(all: impl Iterator<Item = &'static Probe>) -> Vec<&'static Probe> {
    let by_name: BTreeMap<&str, &'static Probe> = all.map(|probe| (probe.name, probe)).collect();
    by_name.into_values().collect()
}

/// What an instance's tools read, and its slow log where that is a table.
fn with_log_table(mount: &Mount, probes: &[&'static Probe]) -> Vec<&'static Probe> {
    let logs = mount.entry().logs.as_ref();
    let in_table = logs.is_some_and(|logs| matches!(logs.place, LogsPlace::Table(_)));
    let more = in_table.then_some(LOG_TABLE_PROBES);
    let more = more.into_iter().flatten();
    probes.iter().copied().chain(more).collect()
}

/// Whether the logs the inventory names are there and can be read.
async fn check_logs(mount: &Mount) -> bool {
    if mount.entry().logs.is_none() {
        return true;
    }
    let limits = Limits {
        deadline: Instant::now() + Duration::from_secs(10),
        cancel: CancellationToken::new(),
    };
    let logs = mount.logs.open(limits);
    let mut well = true;
    for kind in LogKind::ALL {
        match logs.list(kind).await {
            Ok(listing) => print_log(kind, &listing),
            Err(LogError::NotConfigured { .. }) => {}
            Err(error) => {
                println!("FAIL    {kind} log: {error}: {}", error.remedy());
                well = false;
            }
        }
    }
    well
}

fn print_log(kind: LogKind, listing: &LogListing) {
    let sizes: Option<Vec<u64>> = listing.files.iter().map(|file| file.size_bytes).collect();
    let size = sizes.map_or_else(
        || "size unknown".to_owned(),
        |sizes| format!("{} KiB", sizes.iter().sum::<u64>().div_ceil(1024)),
    );
    let first = listing.files.iter().find_map(|file| file.covered.first);
    let since = first.map_or_else(
        || "no entry yet".to_owned(),
        |first| format!("from {first:.0} on"),
    );
    let files = listing.files.len();
    println!("ok      {kind} log: files: {files}, {size}, {since}");
    for left in &listing.left_out {
        println!(
            "warn    {kind} log: {} more, not read: {}",
            left.files, left.why
        );
    }
    for gap in &listing.gaps {
        let (files, after, before) = (gap.files, &gap.after, &gap.before);
        println!("warn    {kind} log: {files} missing between {after} and {before}");
    }
}

async fn check(mount: &Mount, probes: &[&'static Probe]) -> bool {
    let name = &mount.facts.name;
    let (Some(live), Source::MySql(endpoint)) = (&mount.live, &mount.entry().source) else {
        println!("ok    {name}: a snapshot");
        return true;
    };
    let limits = Limits {
        deadline: Instant::now() + Duration::from_secs(10),
        cancel: CancellationToken::new(),
    };
    match live.check(probes, &limits).await {
        Ok(checkup) => {
            println!("ok    {name}: {} answers", checkup.server);
            told(endpoint, &checkup, probes)
        }
        Err(error) => {
            println!("FAIL  {name}: {error}");
            println!("      the account this needs, on MySQL 8.0 or later (MariaDB differs):");
            print_account(
                endpoint,
                Flavour::MySql,
                Version {
                    major: 8,
                    minor: 4,
                    patch: 0,
                },
                probes,
            );
            false
        }
    }
}

fn told(endpoint: &MySqlEndpoint, checkup: &Checkup, probes: &[&'static Probe]) -> bool {
    for (probe, remedy) in &checkup.disabled {
        println!("warn    {probe} is switched off: {remedy}");
    }
    if endpoint.admin_port.is_none() {
        println!(
            "warn    no admin_port: with max_connections used up only a connection already held can look in"
        );
    }
    for lacking in &checkup.lacking {
        println!(
            "FAIL    {} needs {}",
            lacking.probe,
            lacking.grants.join(", ")
        );
    }
    if !checkup.lacking.is_empty() {
        println!("      the least an account needs:");
        print_account(
            endpoint,
            checkup.server.flavour,
            checkup.server.version,
            probes,
        );
    }
    checkup.lacking.is_empty()
}

fn print_account(
    endpoint: &MySqlEndpoint,
    flavour: Flavour,
    version: Version,
    probes: &[&'static Probe],
) {
    let account = Account {
        user: &endpoint.user,
        host: "%",
        password: "<a long random password>",
        require_tls: endpoint.tls != storex_fleet::Tls::Off,
        max_connections: PROCESSES * (endpoint.max_connections + 1),
        admin_port: endpoint.admin_port.is_some(),
    };
    for statement in least_privilege(&account, flavour, version, probes) {
        println!("        {statement};");
    }
}
