//! The incidents that `storex demo` shows: caused on real servers under traffic, and recorded by the
//! product itself.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use storex_testkit::accounts;
use storex_testkit::incidents::{Incident, Kind, hot_row, long_read_view, mdl_pileup};
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema};

use crate::command;

/// Long enough for the victims to have waited, shorter than their time-outs.
const UNDER_WAY: Duration = Duration::from_secs(12);
/// What the oldest read view keeps purge from removing.
const HISTORY: u64 = 20_000;

#[derive(Clone, Copy)]
enum Demo {
    HotRow,
    DdlPileup,
    LongRead,
    Deadlocks,
    PoolThrash,
}

const DEMOS: [(Demo, Flavour, &str); 5] = [
    (Demo::HotRow, Flavour::Mysql97, "hot-row"),
    (Demo::DdlPileup, Flavour::Mysql97, "ddl-pileup"),
    (Demo::LongRead, Flavour::Mariadb1011, "long-read"),
    (Demo::Deadlocks, Flavour::Mariadb1011, "deadlocks"),
    (Demo::PoolThrash, Flavour::Mysql97, "pool-thrash"),
];

#[tokio::main]
pub(crate) async fn run() -> Result<()> {
    command::run(&["cargo", "build", "--package", "storex"])?;
    for (demo, flavour, name) in DEMOS {
        record(demo, flavour, name).await?;
    }
    Ok(())
}

async fn record(demo: Demo, flavour: Flavour, name: &str) -> Result<()> {
    // A server as it should be: the kit's own forgets commits and has hardly any redo log.
    let redo = match flavour {
        Flavour::Mysql97 => "--innodb-redo-log-capacity=128M",
        Flavour::Mariadb1011 => "--innodb-log-file-size=128M",
    };
    let durable = [
        redo,
        "--innodb-flush-log-at-trx-commit=1",
        "--innodb-doublewrite=ON",
        "--sync-binlog=1",
    ];
    let options = Options {
        performance_schema: PerformanceSchema::Full,
        extra_args: durable.map(str::to_owned).into(),
        ..Options::default()
    };
    let server = MySqlServer::start(flavour, options).await?;
    accounts::create_shop(&server).await?;
    let traffic = Traffic::start(&server, &HEALTHY).await?;
    let incident = cause(demo, &server).await?;
    tokio::time::sleep(UNDER_WAY).await;
    let folder = tempfile::tempdir()?;
    lay_out(folder.path(), &server)?;
    let to = command::root()?.join(format!("servers/gateway/demo/{name}.tar.zst"));
    if to.exists() {
        std::fs::remove_file(&to)?;
    }
    let config = folder.path().join("storex.toml");
    let words = [
        "target/debug/storex",
        "--config",
        text(&config)?,
        "record",
        "shop",
        "--samples",
        "2",
        "--every-s",
        "5",
        "--to",
        text(&to)?,
    ];
    command::run(&words)?;
    incident.end().await?;
    traffic.stop().await;
    server.stop().await
}

async fn cause(demo: Demo, server: &MySqlServer) -> Result<Incident> {
    match demo {
        Demo::HotRow => hot_row::start(server, hot_row::VICTIMS).await,
        Demo::DdlPileup => mdl_pileup::start(server, mdl_pileup::VICTIMS).await,
        Demo::LongRead => long_read_view::start(server, HISTORY).await,
        Demo::Deadlocks => Kind::DeadlockStorm.start(server).await,
        Demo::PoolThrash => Kind::BufferPoolThrash.start(server).await,
    }
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("the path is not UTF-8")
}

/// A storex over this one server, for a caller who may do everything reading allows.
fn lay_out(folder: &Path, server: &MySqlServer) -> Result<()> {
    let inventory = format!(
        "[[instance]]\nname = \"shop\"\nregion = \"eu-west-1\"\nregulatory_domain = \"eu\"\n\
         environment = \"production\"\nowner_team = \"checkout\"\n[instance.mysql]\n\
         address = \"127.0.0.1:{}\"\nuser = \"root\"\ntls = \"off\"\n",
        server.port()
    );
    std::fs::write(folder.join("inventory.toml"), inventory)?;
    std::fs::write(
        folder.join("storex.toml"),
        "inventory = \"inventory.toml\"\npolicies = \"policies\"\n[identity]\nuser = \"demo\"\n\
         teams = [\"checkout\"]\n[audit]\nfolder = \"audit\"\n",
    )?;
    let policies = command::root()?.join("policies");
    let to = folder.join("policies");
    std::fs::create_dir_all(to.join("entities"))?;
    std::fs::copy(policies.join("policies.cedar"), to.join("policies.cedar"))?;
    std::fs::write(to.join("entities/demo.json"), ENTITIES)?;
    Ok(())
}

const ENTITIES: &str = r#"[
  {"uid": {"type": "Team", "id": "checkout"}, "attrs": {}, "parents": []},
  {"uid": {"type": "RegulatoryDomain", "id": "eu"}, "parents": [], "attrs": {
    "cleared": [{"type": "Team", "id": "checkout"}], "dba": [], "on_call": [], "sensitive": []}}
]
"#;
