//! Stores and networks that fail, behind a door before a real one.

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;
use storex_clouds::prometheus::{Authorization, Secret, StoreSettings};
use storex_sources::{Limits, Metrics, MetricsError, MetricsSource};
use storex_testkit::Flavour;
use storex_testkit::monitoring::{Door, Fault, Make};
use storex_testkit::servers::TlsFiles;
use tokio_util::sync::CancellationToken;

use super::stage::{Stage, last, limits, signals, source, source_of};

/// A door, and a reader through it that has learnt what it needs.
async fn door(stage: &Stage) -> Result<(Door, Box<dyn Metrics>)> {
    let door = Door::before(stage.store.address()).await?;
    let metrics = source(&door.url()).open(limits());
    metrics.read(&signals(&["up"]), &last(5)).await?;
    Ok((door, metrics))
}

fn answer(status: u16, body: &str) -> Fault {
    Fault::Answer(status, Vec::new(), body.as_bytes().to_vec())
}

#[tokio::test]
async fn what_passes_is_tried_again() -> Result<()> {
    let stage = Stage::set(Flavour::Mariadb1011, Make::Prometheus).await?;
    let (door, metrics) = door(&stage).await?;
    for faults in [
        vec![Fault::Answer(429, vec!["retry-after: 1"], Vec::new())],
        vec![answer(503, "busy"), answer(502, "<html>bad gateway</html>")],
        vec![Fault::CutAfter(0), Fault::CutAfter(250)],
    ] {
        let before = door.seen().len();
        let tries = faults.len() + 1;
        door.fail(faults.clone());
        let fetched = metrics.read(&signals(&["up"]), &last(5)).await?;
        assert_eq!(
            (fetched.series.len(), fetched.missing.len()),
            (1, 0),
            "{faults:?}"
        );
        assert_eq!(door.seen().len() - before, tries, "{faults:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_stays_is_told_in_words_that_help() -> Result<()> {
    let stage = Stage::set(Flavour::Mariadb1011, Make::Prometheus).await?;
    let (door, metrics) = door(&stage).await?;
    let packed = {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let block = vec![b' '; 1 << 20];
        for _ in 0..60 {
            packer.write_all(&block)?;
        }
        packer.finish()?
    };
    let bad = r#"{"status":"error","errorType":"bad_data","error":"no\u001b[31m such thing"}"#;
    let heavy = r#"{"status":"error","errorType":"execution","error":"query processing would load too many samples"}"#;
    for (fault, told) in [
        (answer(401, ""), "refused storex (401"),
        (answer(403, "<html>"), "refused storex (403"),
        (answer(404, "not found"), "no Prometheus interface"),
        (answer(302, ""), "elsewhere"),
        (answer(200, "<html>sign in</html>"), "does not speak"),
        (answer(200, "{\"status\":\"success\"}"), "does not speak"),
        (answer(400, bad), "no [31m such thing"),
        (answer(422, heavy), "too many samples"),
        (answer(500, ""), "again and again"),
        (
            Fault::Answer(429, vec!["retry-after: 900"], Vec::new()),
            "left alone for 900 s",
        ),
        (
            Fault::Answer(200, vec!["content-encoding: gzip"], packed),
            "48 MB",
        ),
        (
            Fault::Answer(200, vec!["content-encoding: gzip"], b"no gzip".to_vec()),
            "again and again",
        ),
    ] {
        door.always(Some(fault));
        let error = metrics.read(&signals(&["up"]), &last(5)).await.unwrap_err();
        assert!(error.to_string().contains(told), "{error}, not {told}");
        assert!(!error.to_string().contains("127.0.0.1"), "{error}");
    }
    door.always(None);
    assert_eq!(
        metrics
            .read(&signals(&["up"]), &last(5))
            .await?
            .series
            .len(),
        1
    );
    drop(door);
    let error = metrics.read(&signals(&["up"]), &last(5)).await.unwrap_err();
    assert!(
        matches!(error, MetricsError::Unreachable { .. }),
        "{error:?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_part_that_fails_leaves_the_rest() -> Result<()> {
    let stage = Stage::set(Flavour::Mariadb1011, Make::Prometheus).await?;
    let (door, metrics) = door(&stage).await?;
    door.fail([answer(
        422,
        r#"{"status":"error","errorType":"execution","error":"lost a block"}"#,
    )]);
    let fetched = metrics
        .read(&signals(&["up", "qps", "connections"]), &last(5))
        .await?;
    assert_eq!((fetched.series.len(), fetched.missing.len()), (2, 1));
    assert!(
        fetched.missing[0].why.contains("lost a block"),
        "{:?}",
        fetched.missing
    );

    // It learns the types of series before its first query.
    metrics.query("mysql_up", &last(5), 10).await?;
    let partial = r#"{"status":"success","data":{"resultType":"matrix","result":[]},
        "warnings":["store gateway-2: \u202eunavailable"]}"#;
    door.fail([answer(200, partial)]);
    let fetched = metrics.query("mysql_up", &last(5), 10).await?;
    assert_eq!(
        fetched.missing[0].why,
        "the store warns: store gateway-2:  unavailable"
    );
    Ok(())
}

#[tokio::test]
async fn a_scan_that_is_broken_off_says_what_it_left_out() -> Result<()> {
    let stage = Stage::set(Flavour::Mariadb1011, Make::Prometheus).await?;
    let (door, metrics) = door(&stage).await?;
    let mut stream = metrics.scan(&last(5), 10_000).await?;
    let first = stream.next().await?.unwrap();
    assert!(first.iter().any(|series| series.id.name == "qps"));
    door.always(Some(answer(403, "")));
    while let Some(series) = stream.next().await? {
        assert!(!series.is_empty());
    }
    let why: Vec<&str> = stream
        .missing()
        .iter()
        .map(|one| one.why.as_str())
        .collect();
    assert!(why.iter().any(|why| why.contains("403")), "{why:?}");
    assert!(door.most_at_once() <= 4, "{} at once", door.most_at_once());
    Ok(())
}

#[tokio::test]
async fn a_call_nobody_waits_for_drops_its_requests() -> Result<()> {
    let stage = Stage::set(Flavour::Mariadb1011, Make::Prometheus).await?;
    let door = Door::before(stage.store.address()).await?;
    let source = source(&door.url());
    source
        .open(limits())
        .read(&signals(&["up"]), &last(5))
        .await?;
    door.always(Some(Fault::Silence(Duration::from_secs(60))));
    let before = door.seen().len();

    let cancel = CancellationToken::new();
    let metrics = source.open(Limits {
        cancel: cancel.clone(),
        ..limits()
    });
    let reading = tokio::spawn(async move { metrics.read(&signals(&["qps"]), &last(5)).await });
    while door.seen().len() == before {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    cancel.cancel();
    assert!(matches!(reading.await?, Err(MetricsError::Cancelled)));
    while !door.seen()[before].left {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    let late = Limits {
        deadline: Instant::now() + Duration::from_secs(1),
        ..limits()
    };
    let error = source
        .open(late)
        .read(&signals(&["qps"]), &last(5))
        .await
        .unwrap_err();
    assert!(matches!(error, MetricsError::TimedOut { .. }), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_store_behind_tls_is_known_by_its_authority_and_told_who_asks() -> Result<()> {
    let stage = Stage::set(Flavour::Mariadb1011, Make::Prometheus).await?;
    let folder = tempfile::tempdir()?;
    let tls = TlsFiles::create(folder.path())?;
    let door = Door::with_tls(stage.store.address(), &tls).await?;
    let settings = |ca_pem| StoreSettings {
        url: door.url(),
        authorization: Authorization::Bearer(Secret::fixed("the-token".to_owned())),
        headers: vec![("X-Scope-OrgID".to_owned(), "team-a".to_owned())],
        ca_pem,
    };
    let read = async |settings| -> Result<_> {
        let metrics = source_of(settings).open(limits());
        Ok(metrics.read(&signals(&["up"]), &last(5)).await)
    };
    let trusted = read(settings(Some(std::fs::read(&tls.ca)?))).await??;
    assert_eq!(trusted.series.len(), 1);
    for request in door.seen() {
        let head = request.text.to_ascii_lowercase();
        assert!(head.contains("authorization: bearer the-token"), "{head}");
        assert!(head.contains("x-scope-orgid: team-a"), "{head}");
    }
    let before = door.seen().len();
    let untrusted = read(settings(None)).await?;
    assert!(
        matches!(untrusted, Err(MetricsError::Unreachable { .. })),
        "{untrusted:?}"
    );
    assert_eq!(door.seen().len(), before);
    Ok(())
}
