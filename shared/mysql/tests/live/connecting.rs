//! Getting in, and being told why not.

use std::path::Path;
use std::time::{Duration, Instant};

use storex_fleet::{Address, Secret, Tls};
use storex_mysql::{BreakerState, Settings};
use storex_sources::{MySqlSource, SourceError};
use storex_testkit::{Flavour, Options};
use tokio::net::TcpListener;

use crate::relay::Relay;
use crate::support::{ONE, at_port, call, endpoint, live, reader, run, start};

#[tokio::test]
async fn a_wrong_password_is_named_and_not_tried_again_at_once() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        run(
            &server,
            &["CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'right'"],
        )
        .await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        write_secret(&path, "wr0ng");
        let mut entry = endpoint(&server);
        entry.user = "reader".into();
        entry.password = Secret::File(path.clone());
        let live = live(entry);

        let error = reader(&live).read(&ONE, &[]).await.unwrap_err();
        assert!(
            matches!(error, SourceError::AccessRefused { .. }),
            "{error:?}"
        );
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("1045"), "{shown}");
        assert!(
            !shown.contains("wr0ng") && !shown.contains("127.0.0.1"),
            "{shown}"
        );

        let error = reader(&live).read(&ONE, &[]).await.unwrap_err();
        assert!(
            matches!(error, SourceError::CircuitOpen { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("refused the account"), "{error}");
        let BreakerState::Open { retry_in } = live.health().breaker else {
            panic!("{:?}", live.health());
        };
        assert!(retry_in > Duration::from_secs(8), "{retry_in:?}");

        write_secret(&path, "right");
        reader(&live).read(&ONE, &[]).await.unwrap();
        assert_eq!(live.health().breaker, BreakerState::Closed);
    }
}

fn write_secret(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn a_closed_port_is_unreachable_and_opens_the_breaker() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let live = live(at_port(port));
    for _ in 0..3 {
        let error = reader(&live).read(&ONE, &[]).await.unwrap_err();
        assert!(error.to_string().contains("connection refused"), "{error}");
    }
    let error = reader(&live).read(&ONE, &[]).await.unwrap_err();
    assert!(
        matches!(error, SourceError::CircuitOpen { .. }),
        "{error:?}"
    );
    assert!(
        live.health()
            .last_error
            .unwrap()
            .contains("connection refused")
    );
}

#[tokio::test]
async fn a_port_that_never_answers_costs_no_more_than_the_connect_time_out() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = at_port(silent.local_addr().unwrap().port());
    let settings = Settings {
        connect_timeout: Duration::from_millis(300),
        ..Settings::default()
    };
    let live = storex_mysql::LiveMySql::new("silent", endpoint, settings);
    let start = Instant::now();
    let error = reader(&live).read(&ONE, &[]).await.unwrap_err();
    assert!(
        error.to_string().contains("no answer within 300 ms"),
        "{error}"
    );
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );

    let mut hurried = call(20);
    hurried.deadline = Instant::now() + Duration::from_millis(50);
    for _ in 0..5 {
        let _ = live
            .open(hurried.clone())
            .read(&ONE, &[])
            .await
            .unwrap_err();
    }
    assert_eq!(
        live.health().breaker,
        BreakerState::Closed,
        "callers in a hurry do not open the breaker for others"
    );
}

#[tokio::test]
async fn what_is_no_mysql_server_is_said_to_be_none() {
    use tokio::io::AsyncWriteExt;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let error = reader(&live(at_port(port)))
        .read(&ONE, &[])
        .await
        .unwrap_err();
    assert!(
        matches!(error, SourceError::Unreachable { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn tls_is_verified_in_the_mode_asked_for() {
    for flavour in Flavour::ALL {
        let options = Options {
            tls: true,
            ..Options::default()
        };
        let server = start(flavour, options).await;
        run(&server, &["CREATE USER tls@'127.0.0.1' REQUIRE SSL"]).await;
        let files = server.tls().unwrap();
        // The certificate names localhost and 127.0.0.1, not this address of the same machine.
        let elsewhere = Relay::at("127.0.0.2", server.port()).await;
        let read = async |tls, ca: &Path, host: &str| {
            let mut entry = endpoint(&server);
            entry.user = "tls".into();
            entry.tls = tls;
            entry.tls_ca = Some(ca.to_owned());
            entry.address = Address::Tcp {
                host: host.into(),
                port: match host {
                    "127.0.0.2" => elsewhere.port,
                    _ => server.port(),
                },
            };
            reader(&live(entry))
                .read(&ONE, &[])
                .await
                .map(|rows| rows.rows.len())
        };
        for host in ["127.0.0.1", "localhost"] {
            assert_eq!(read(Tls::Verify, &files.ca, host).await.unwrap(), 1);
        }
        let unsigned = read(Tls::Verify, &files.other_ca, "127.0.0.1").await;
        let unsigned = unsigned.unwrap_err().to_string();
        assert!(unsigned.contains("not signed by a trusted"), "{unsigned}");
        let other = read(Tls::Verify, &files.ca, "127.0.0.2").await;
        let other = other.unwrap_err().to_string();
        assert!(other.contains("another host name"), "{other}");
        assert!(!other.contains("127.0.0.1"), "{other}");

        for host in ["127.0.0.1", "127.0.0.2"] {
            assert_eq!(read(Tls::VerifyCa, &files.ca, host).await.unwrap(), 1);
            let unsigned = read(Tls::VerifyCa, &files.other_ca, host)
                .await
                .unwrap_err();
            assert!(matches!(unsigned, SourceError::Tls { .. }), "{unsigned}");
        }

        let mut plain = endpoint(&server);
        plain.user = "tls".into();
        let refused = reader(&live(plain)).read(&ONE, &[]).await.unwrap_err();
        assert!(
            matches!(refused, SourceError::AccessRefused { .. }),
            "{refused}"
        );
    }
}
