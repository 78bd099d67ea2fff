//! A server for experiments by hand: with the shop, its traffic and, where asked, an incident.

use anyhow::Result;
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use storex_testkit::accounts::{self, App};
use storex_testkit::incidents::{Incident, Kind};
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema, shop};

/// What to start.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The kind of server.
    #[arg(value_enum)]
    server: Server,
    /// The incident to cause.
    #[arg(long, value_parser = PossibleValuesParser::new(Kind::ALL.map(Kind::name)))]
    incident: Option<String>,
    /// No healthy traffic.
    #[arg(long)]
    idle: bool,
    /// Given to the server as they are, after `--`.
    #[arg(last = true)]
    extra: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Server {
    Mysql,
    Mariadb,
}

#[tokio::main]
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let flavour = match arguments.server {
        Server::Mysql => Flavour::Mysql97,
        Server::Mariadb => Flavour::Mariadb1011,
    };
    let options = Options {
        extra_args: arguments.extra,
        performance_schema: PerformanceSchema::Full,
        metadata_lock_info: flavour.is_mariadb(),
        ..Options::default()
    };
    let server = MySqlServer::start(flavour, options).await?;
    accounts::create_shop(&server).await?;
    let traffic = if arguments.idle {
        None
    } else {
        Some(Traffic::start(&server, &HEALTHY).await?)
    };
    let incident = match arguments.incident.as_deref().and_then(Kind::named) {
        Some(kind) => Some(kind.start(&server).await?),
        None => None,
    };
    describe(&server, incident.as_ref())?;
    tokio::signal::ctrl_c().await?;
    if let Some(incident) = incident {
        incident.end().await?;
    }
    if let Some(traffic) = traffic {
        println!("\ntraffic: {:?}", traffic.stop().await);
    }
    server.stop().await
}

fn describe(server: &MySqlServer, incident: Option<&Incident>) -> Result<()> {
    let install = server.install();
    println!("{} {}", install.flavour().program(), install.version());
    let socket = server.socket().display();
    match install.client_command() {
        Some(words) => println!("as root:    {} -u root -S {socket}", words.join(" ")),
        None => println!("as root:    socket {socket}, user root, no password"),
    }
    let host = server.host();
    let users = App::ALL.map(App::user).join(", ");
    println!(
        "over TCP:   {host}:{}, database {}",
        server.port(),
        shop::DATABASE
    );
    println!("users:      {users}; password {}", accounts::PASSWORD);
    println!(
        "admin port: {host}:{}, user root, no password",
        server.admin_port()
    );
    println!("files:      {}", server.folder().display());
    if let Some(incident) = incident {
        println!("{}", serde_json::to_string_pretty(incident.truth())?);
    }
    println!("runs until Ctrl-C");
    Ok(())
}
