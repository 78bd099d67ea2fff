//! Statements that do not end although they were killed.

use std::time::{Duration, Instant};

use storex_sources::SourceError;
use storex_testkit::{Flavour, Options};

use crate::relay::Relay;
use crate::support::{ONE, at_port, eventually, live, probe, reader, running, start};

probe!(HANGS, "SELECT SLEEP(20)", 10, 300);
probe!(SHOW, "SHOW STATUS LIKE 'Uptime'", 10, 5_000);

#[tokio::test]
async fn a_statement_that_hangs_keeps_its_connection_counted_and_others_read_on() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        let relay = Relay::to(server.port()).await;
        let live = live(at_port(relay.port));
        let reader_of_call = reader(&live);
        reader_of_call.read(&ONE, &[]).await.unwrap();
        // What the server says about the kill will not arrive: as if it hung.
        relay.hold_back();
        let error = reader_of_call.read(&HANGS, &[]).await.unwrap_err();
        assert!(matches!(error, SourceError::TimedOut { .. }), "{error:?}");
        eventually("killed on the server", async || {
            running(&server).await.is_empty()
        })
        .await;
        eventually("counted as stuck", async || live.health().stuck == 1).await;
        assert_eq!(live.health().in_use, 1);

        reader_of_call.read(&ONE, &[]).await.unwrap();
        let start = Instant::now();
        let again = reader_of_call.read(&HANGS, &[]).await.unwrap_err();
        assert!(matches!(again, SourceError::TimedOut { .. }), "{again:?}");
        assert!(
            start.elapsed() < Duration::from_millis(300),
            "it was not started again"
        );
        let show = reader_of_call.read(&SHOW, &[]).await.unwrap_err();
        assert!(show.remedy().contains("held back"), "{show:?}");
        assert!(live.health().open <= 2);

        relay.let_through();
        eventually("nothing is stuck", async || live.health().stuck == 0).await;
        reader_of_call.read(&SHOW, &[]).await.unwrap();
        drop(reader_of_call);
        eventually("all connections are free", async || {
            live.health().in_use == 0
        })
        .await;
    }
}
