//! What the tests need on a machine. Every step is quick when its work is already done.

use std::time::Instant;

use anyhow::{Context, Result};
use storex_testkit::servers::{Chromium, Sysbench};
use storex_testkit::{Flavour, clients, servers};

/// One thing to get, and how.
struct Step {
    name: &'static str,
    /// Says what is there now.
    run: fn() -> Result<String>,
}

/// In this order; another need is another row.
const STEPS: &[Step] = &[
    Step {
        name: "mysqld",
        run: || server(Flavour::Mysql97),
    },
    Step {
        name: "mariadbd",
        run: || server(Flavour::Mariadb1011),
    },
    Step {
        name: "sysbench",
        run: || Ok(Sysbench::get()?.program().display().to_string()),
    },
    Step {
        name: "Prometheus and its exporters",
        run: || {
            Ok(format!(
                "mysqld_exporter {}",
                servers::prepare_monitoring()?
            ))
        },
    },
    Step {
        name: "Python clients",
        run: || Ok(clients::python()?.display().to_string()),
    },
    Step {
        name: "moto and botocore",
        run: || Ok(clients::aws_python()?.display().to_string()),
    },
    Step {
        name: "Google's clients for Python",
        run: || Ok(clients::google_python()?.display().to_string()),
    },
    Step {
        name: "Node.js clients and conformance suites",
        run: || Ok(format!("Node.js {}", clients::node()?.version()?)),
    },
    Step {
        name: "the official host of MCP Apps",
        run: || Ok(format!("Node.js {}", clients::app_host()?.version()?)),
    },
    Step {
        name: "Chromium",
        run: || Ok(Chromium::prepare()?.display().to_string()),
    },
    Step {
        name: "Azurite",
        run: || Ok(clients::azurite()?.1.display().to_string()),
    },
];

pub(crate) fn run() -> Result<()> {
    for step in STEPS {
        let started = Instant::now();
        let found = (step.run)().with_context(|| format!("setting up {} failed", step.name))?;
        let seconds = started.elapsed().as_secs_f64();
        println!("{}: {found} ({seconds:.1} s)", step.name);
    }
    Ok(())
}

fn server(flavour: Flavour) -> Result<String> {
    let install = servers::prepare(flavour)?;
    Ok(format!("{} {}", install.version(), install.origin()))
}
