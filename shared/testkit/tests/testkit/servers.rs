//! Servers start, answer on every door, and end with their owner.

use anyhow::{Context, Result, ensure};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder, SslOpts};
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema};

async fn answers(mut conn: Conn, flavour: Flavour) -> Result<()> {
    let version: Option<String> = conn.query_first("SELECT VERSION()").await?;
    let version = version.context("no version")?;
    ensure!(version.starts_with(flavour.series()), "{version}");
    conn.disconnect().await?;
    Ok(())
}

async fn answers_on_every_door_and_stops(flavour: Flavour) -> Result<()> {
    let server = MySqlServer::start(flavour, Options::default()).await?;
    answers(server.root().await?, flavour).await?;
    answers(server.root_over_admin_port().await?, flavour).await?;
    let name = std::fs::read_to_string(format!("/proc/{}/comm", server.process_id()))?;
    ensure!(name.trim() == flavour.program(), "{name}");
    ensure!(!server.error_log()?.is_empty(), "nothing in the error log");
    let folder = server.folder().to_owned();
    server.stop().await?;
    ensure!(!folder.exists(), "the data was left behind");
    Ok(())
}

#[tokio::test]
async fn mysql_answers_on_every_door_and_stops() -> Result<()> {
    answers_on_every_door_and_stops(Flavour::Mysql97).await
}

#[tokio::test]
async fn mariadb_answers_on_every_door_and_stops() -> Result<()> {
    answers_on_every_door_and_stops(Flavour::Mariadb1011).await
}

/// Asks one number of a server started with `options`.
async fn number(flavour: Flavour, options: Options, query: &str) -> Result<Option<u64>> {
    let server = MySqlServer::start(flavour, options).await?;
    Ok(server.root().await?.query_first(query).await?)
}

#[tokio::test]
async fn options_reach_the_server() -> Result<()> {
    for flavour in Flavour::ALL {
        let options = Options {
            max_connections: Some(17),
            extra_args: vec!["--long-query-time=3".to_owned()],
            binlog: true,
            ..Options::default()
        };
        let query = "SELECT @@max_connections * 1000 + @@log_bin * 100 + @@long_query_time";
        let seen = number(
            flavour,
            options,
            &format!("SELECT CAST(({query}) AS UNSIGNED)"),
        )
        .await?;
        ensure!(seen == Some(17_103), "{flavour:?}: {seen:?}");
    }
    Ok(())
}

#[tokio::test]
async fn performance_schema_is_as_asked() -> Result<()> {
    let query = "SELECT @@performance_schema";
    for (flavour, asked, expected) in [
        (Flavour::Mysql97, PerformanceSchema::ServerDefault, 1),
        (Flavour::Mysql97, PerformanceSchema::Off, 0),
        (Flavour::Mariadb1011, PerformanceSchema::ServerDefault, 0),
        (Flavour::Mariadb1011, PerformanceSchema::Full, 1),
    ] {
        let options = Options {
            performance_schema: asked,
            ..Options::default()
        };
        let seen = number(flavour, options, query).await?;
        ensure!(seen == Some(expected), "{flavour:?} {asked:?}: {seen:?}");
    }
    Ok(())
}

#[tokio::test]
async fn mariadb_shows_statements_and_metadata_locks_where_asked() -> Result<()> {
    let options = Options {
        performance_schema: PerformanceSchema::Full,
        metadata_lock_info: true,
        ..Options::default()
    };
    let query = "SELECT \
        (SELECT COUNT(*) FROM performance_schema.events_statements_current) > 0 \
        AND (SELECT COUNT(*) FROM performance_schema.setup_instruments \
             WHERE name = 'wait/lock/metadata/sql/mdl' AND enabled = 'YES') = 1 \
        AND (SELECT COUNT(*) FROM information_schema.metadata_lock_info) >= 0";
    let seen = number(Flavour::Mariadb1011, options, query).await?;
    ensure!(seen == Some(1), "{seen:?}");
    Ok(())
}

/// Connects over TLS, trusting one authority and expecting one name.
async fn over_tls(server: &MySqlServer, authority: &std::path::Path, host: &str) -> Result<String> {
    let trust = SslOpts::default()
        .with_root_certs(vec![authority.to_owned().into()])
        .with_disable_built_in_roots(true)
        .with_danger_tls_hostname_override(Some(host.to_owned()));
    let options = OptsBuilder::default()
        .ip_or_hostname(server.host())
        .tcp_port(server.port())
        .prefer_socket(false)
        .user(Some("root"))
        .ssl_opts(trust);
    let mut conn = Conn::new(options).await?;
    let row: Option<(String, String)> = conn.query_first("SHOW STATUS LIKE 'Ssl_cipher'").await?;
    Ok(row.context("no such status")?.1)
}

#[tokio::test]
async fn tls_is_verified_by_authority_and_name() -> Result<()> {
    for flavour in Flavour::ALL {
        let options = Options {
            tls: true,
            ..Options::default()
        };
        let server = MySqlServer::start(flavour, options).await?;
        let files = server.tls().context("no certificates")?;
        let cipher = over_tls(&server, &files.ca, "127.0.0.1").await?;
        ensure!(!cipher.is_empty(), "{flavour:?}: not encrypted");
        over_tls(&server, &files.ca, "localhost").await?;
        let wrong_name = over_tls(&server, &files.ca, "db.example.com").await;
        ensure!(wrong_name.is_err(), "{flavour:?}: wrong name accepted");
        let wrong_authority = over_tls(&server, &files.other_ca, "127.0.0.1").await;
        ensure!(
            wrong_authority.is_err(),
            "{flavour:?}: wrong authority accepted"
        );
    }
    Ok(())
}

#[tokio::test]
async fn without_tls_none_is_offered() -> Result<()> {
    for flavour in Flavour::ALL {
        let query = "SELECT COUNT(*) FROM information_schema.engines WHERE @@have_ssl = 'YES'";
        if flavour.is_mariadb() {
            let seen = number(flavour, Options::default(), query).await?;
            ensure!(seen == Some(0), "{seen:?}");
        } else {
            let server = MySqlServer::start(flavour, Options::default()).await?;
            let options = OptsBuilder::default()
                .ip_or_hostname(server.host())
                .tcp_port(server.port())
                .prefer_socket(false)
                .user(Some("root"))
                .ssl_opts(SslOpts::default().with_danger_accept_invalid_certs(true));
            ensure!(Conn::new(options).await.is_err(), "TLS is offered");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_taken_port_is_told_from_a_broken_server() -> Result<()> {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    let port = taken.local_addr()?.port();
    for flavour in Flavour::ALL {
        for (extra, expected) in [
            (format!("--port={port}"), "no free ports"),
            ("--no-such-option".to_owned(), "ended while starting"),
        ] {
            let options = Options {
                extra_args: vec![extra],
                ..Options::default()
            };
            let error = MySqlServer::start(flavour, options)
                .await
                .err()
                .context("it started")?;
            let text = error.to_string();
            ensure!(text.contains(expected), "{flavour:?}: {text}");
        }
    }
    Ok(())
}
