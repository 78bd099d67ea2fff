//! A store that asks for patience, cuts connections, loses objects and refuses.

use anyhow::Result;
use storex_sources::{LogError, LogKind, UnreadWhy};
use storex_testkit::cloud_storage::{CloudStorage, Fault, Shape};

use super::{
    BUCKET, BUDGET, HOUR, a_day, limits, logged, logs_of, put, read, small, sunk, text_of,
};

#[tokio::test]
async fn a_store_that_throttles_is_given_time() -> Result<()> {
    let records = logged(a_day(), 8 * HOUR, 9 * HOUR, 60);
    let cloud = CloudStorage::start().await?;
    put(&cloud, &sunk(&records, Shape::Lines, &["S0"]));
    cloud.fail_next(Fault::ThrottledList);
    cloud.fail_next(Fault::Read(429));
    cloud.fail_next(Fault::Read(503));
    let logs = logs_of(&cloud, small());
    let (text, report) = read(&*logs, LogKind::Slow, None, BUDGET).await?;
    assert_eq!(text, text_of(&records));
    assert_eq!((report.resumed, report.unread.len()), (2, 0));
    Ok(())
}

#[tokio::test]
async fn cut_connections_neither_lose_nor_double_a_line_nor_read_bytes_again() -> Result<()> {
    let records = logged(a_day(), 8 * HOUR, 9 * HOUR, 2);
    let sink = sunk(&records, Shape::Lines, &["S0"]);
    let size: usize = sink.objects().map(|(_, content)| content.len()).sum();
    for cuts in [&[0][..], &[1], &[100_000, 77_777], &[size - 1], &[size]] {
        let cloud = CloudStorage::start().await?;
        put(&cloud, &sink);
        for after in cuts {
            cloud.fail_next(Fault::Cut(*after));
        }
        let mut settings = small();
        settings.order_bytes = 4 << 20;
        let logs = logs_of(&cloud, settings);
        let (text, report) = read(&*logs, LogKind::Slow, None, BUDGET).await?;
        assert_eq!(text, text_of(&records), "{cuts:?}");
        assert_eq!(report.unread, [], "{cuts:?}");
        let reads = cloud.reads();
        let sent: u64 = reads.iter().map(|read| read.bytes).sum();
        // What a broken connection had sent last may not have arrived.
        let most = (size + cuts.iter().sum::<usize>()) as u64;
        assert!((size as u64..=most).contains(&sent), "{cuts:?} {reads:?}");
        let mut begun = reads.iter().skip(1).map(|read| read.from);
        assert!(cuts[0] < 100_000 || begun.all(|from| from > 0), "{reads:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_store_that_always_cuts_is_given_up_and_the_next_object_read() -> Result<()> {
    let records = logged(a_day(), 8 * HOUR, 10 * HOUR, 60);
    let cloud = CloudStorage::start().await?;
    put(&cloud, &sunk(&records, Shape::Lines, &["S0"]));
    for _attempt in 0..5 {
        cloud.fail_next(Fault::Cut(0));
    }
    let logs = logs_of(&cloud, small());
    let (text, report) = read(&*logs, LogKind::Slow, None, BUDGET).await?;
    let second =
        logged(a_day(), 8 * HOUR, 10 * HOUR, 60).split_off(&super::after(a_day(), 9 * HOUR));
    assert_eq!(text, text_of(&second));
    let [unread] = &report.unread[..] else {
        panic!("{report:?}");
    };
    assert_eq!(unread.why, UnreadWhy::Unreachable);
    assert!(unread.file.as_str().contains("/08:00:00_"), "{unread:?}");
    Ok(())
}

#[tokio::test]
async fn an_object_written_anew_while_it_is_read_is_read_in_its_new_version() -> Result<()> {
    let records = logged(a_day(), 8 * HOUR, 9 * HOUR, 10);
    let cloud = CloudStorage::start().await?;
    let sink = sunk(&records, Shape::Records, &["S0"]);
    put(&cloud, &sink);
    let mut settings = small();
    settings.order_bytes = 16 << 10;
    let logs = logs_of(&cloud, settings);
    cloud.fail_next(Fault::Cut(100_000));
    let mut reading = storex_sources::WindowRead::open(&*logs, LogKind::Slow, None, BUDGET).await?;
    let mut text = reading.next().await?.unwrap().bytes.to_vec();
    put(&cloud, &sink);
    while let Some(chunk) = reading.next().await? {
        text.extend_from_slice(&chunk.bytes);
    }
    let mut found = super::super::numbers(&text);
    found.sort_unstable();
    assert_eq!(found, (0..records.len()).collect::<Vec<_>>());
    let whys: Vec<_> = reading.into_report().unread.iter().map(|u| u.why).collect();
    assert_eq!(
        whys,
        [UnreadWhy::Rotated],
        "the version that was listed is gone"
    );
    Ok(())
}

#[tokio::test]
async fn a_refusal_says_what_to_grant_and_nothing_of_the_store() -> Result<()> {
    let cloud = CloudStorage::start().await?;
    cloud.deny(BUCKET);
    let error = logs_of(&cloud, small())
        .list(LogKind::Slow)
        .await
        .unwrap_err();
    assert!(matches!(error, LogError::Denied { .. }), "{error:?}");
    assert!(
        error.remedy().contains("roles/storage.objectViewer"),
        "{error:?}"
    );
    let told = format!("{error} {error:?}");
    assert!(
        !told.contains("127.0.0.1") && !told.contains(BUCKET),
        "{told}"
    );
    Ok(())
}

#[tokio::test]
async fn rights_that_are_taken_away_while_objects_are_read_are_said() -> Result<()> {
    let records = logged(a_day(), 8 * HOUR, 10 * HOUR, 60);
    let cloud = CloudStorage::start().await?;
    put(&cloud, &sunk(&records, Shape::Lines, &["S0"]));
    let logs = logs_of(&cloud, small());
    let mut reading = storex_sources::WindowRead::open(&*logs, LogKind::Slow, None, BUDGET).await?;
    cloud.deny(BUCKET);
    assert!(reading.next().await?.is_none());
    let report = reading.into_report();
    let whys: Vec<_> = report.unread.iter().map(|unread| unread.why).collect();
    assert_eq!(whys, [UnreadWhy::Denied; 2]);
    Ok(())
}

#[tokio::test]
async fn a_bucket_that_is_not_there_and_one_without_logs_are_said() -> Result<()> {
    let cloud = CloudStorage::start().await?;
    for _bucket in 0..2 {
        let error = logs_of(&cloud, small())
            .list(LogKind::Slow)
            .await
            .unwrap_err();
        assert!(matches!(error, LogError::NotFound { .. }), "{error:?}");
        cloud.put(BUCKET, "cloudsql.googleapis.com/mysql.err/x", "");
    }
    Ok(())
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_unreachable_and_a_stopped_call_ends() -> Result<()> {
    let cloud = CloudStorage::start().await?;
    let logs = storex_fleet::GoogleLogs {
        bucket: BUCKET.to_owned(),
        database: "p:i".to_owned(),
        route: storex_fleet::GoogleRoute::Slow,
        endpoint: Some("http://127.0.0.1:1".to_owned()),
    };
    let zone = jiff::tz::TimeZone::UTC;
    let source = storex_clouds::google::BucketLogs::new(logs, zone, small());
    let open = |limits| storex_sources::LogsSource::open(&source, limits);
    let error = open(limits()).list(LogKind::Slow).await.unwrap_err();
    assert!(matches!(error, LogError::Unreachable { .. }), "{error:?}");
    let error = open(limits()).list(LogKind::Error).await.unwrap_err();
    assert!(matches!(error, LogError::NotConfigured { .. }), "{error:?}");
    let stopped = limits();
    stopped.cancel.cancel();
    let error = open(stopped).list(LogKind::Slow).await.unwrap_err();
    assert!(matches!(error, LogError::Cancelled), "{error:?}");
    drop(cloud);
    Ok(())
}
