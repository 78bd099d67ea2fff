//! What is read: all of it once, in order, and no more than was asked about.

use anyhow::Result;
use storex_sources::{LogKind, UnreadWhy, WindowRead};
use storex_testkit::cloud_storage::{CloudStorage, Shape, Sink};

use super::super::numbers;
use super::{
    BUCKET, BUDGET, DATABASE, HOUR, a_day, after, logged, logs_of, put, read, record, small, sunk,
    text_of, window,
};

#[tokio::test]
async fn a_day_of_objects_is_the_text_the_server_wrote() -> Result<()> {
    let records = logged(a_day(), 0, 24 * HOUR, 300);
    for shape in [Shape::Lines, Shape::Records] {
        let cloud = CloudStorage::start().await?;
        put(&cloud, &sunk(&records, shape, &["S0"]));
        cloud.limit_pages(7);
        let logs = logs_of(&cloud, small());
        let listing = logs.list(LogKind::Slow).await?;
        assert_eq!(listing.files.len(), 24);
        assert!(cloud.pages() > 3, "{} pages", cloud.pages());
        let (text, report) = read(&*logs, LogKind::Slow, None, BUDGET).await?;
        assert_eq!(text, text_of(&records), "{shape:?}");
        assert_eq!((report.unread.len(), report.files.len()), (0, 24));
        let largest = listing
            .files
            .iter()
            .filter_map(|file| file.size_bytes)
            .max();
        assert!(largest > Some(small().chunk_bytes as u64), "{largest:?}");
    }
    Ok(())
}

#[tokio::test]
async fn shards_of_an_hour_and_late_ones_are_read_and_nothing_twice() -> Result<()> {
    let records = logged(a_day(), 8 * HOUR, 10 * HOUR, 20);
    let cloud = CloudStorage::start().await?;
    let shards = ["S0", "S1", "A0:1795420000"];
    put(&cloud, &sunk(&records, Shape::Records, &shards));
    // A sink may write what it wrote before: the first hour, all of it, as a late shard.
    let again = logged(a_day(), 8 * HOUR, 9 * HOUR, 20);
    put(&cloud, &sunk(&again, Shape::Records, &["A1:1795420001"]));
    let logs = logs_of(&cloud, small());
    let (text, report) = read(&*logs, LogKind::Slow, None, BUDGET).await?;
    let mut found = numbers(text.as_bytes());
    found.sort_unstable();
    assert_eq!(found, (0..records.len()).collect::<Vec<_>>());
    assert_eq!((report.unread.len(), report.files.len()), (0, 7));
    Ok(())
}

#[tokio::test]
async fn a_window_in_a_day_reads_the_objects_of_its_hour_only() -> Result<()> {
    let day = a_day();
    let records = logged(day, 0, 24 * HOUR, 60);
    let cloud = CloudStorage::start().await?;
    let sink = sunk(&records, Shape::Lines, &["S0"]);
    put(&cloud, &sink);
    let asked = window(day, 13 * HOUR + 900, 13 * HOUR + 2700);
    let logs = logs_of(&cloud, small());
    let (text, report) = read(&*logs, LogKind::Slow, Some(asked), BUDGET).await?;
    assert_eq!(text, text_of(records.range(asked.from..=asked.to)));
    let reads = cloud.reads();
    let [read] = &reads[..] else {
        panic!("{reads:?}");
    };
    assert!(
        read.name.ends_with("/13:00:00_13:59:59_S0.json"),
        "{read:?}"
    );
    let stored: usize = sink.objects().map(|(_, content)| content.len()).sum();
    assert!(
        read.bytes * 20 < stored as u64,
        "{} of {stored}",
        read.bytes
    );
    assert!(report.files.iter().all(|file| file.read_from_start));
    Ok(())
}

#[tokio::test]
async fn objects_that_appear_while_others_are_read_are_read_as_well() -> Result<()> {
    let day = a_day();
    let records = logged(day, 8 * HOUR, 10 * HOUR, 10);
    let cloud = CloudStorage::start().await?;
    put(&cloud, &sunk(&records, Shape::Lines, &["S0"]));
    let logs = logs_of(&cloud, small());
    let mut reading = WindowRead::open(&*logs, LogKind::Slow, None, BUDGET).await?;
    let first = reading.next().await?.unwrap();
    let mut text = first.bytes.to_vec();
    let mut late = Sink::of_slow_log(DATABASE, Shape::Records);
    let at = after(day, 8 * HOUR + 5);
    late.write(&format!("{at:.6}"), &record(9000, at), "A0:1795420000");
    let at = after(day, 10 * HOUR + 5);
    late.write(&format!("{at:.6}"), &record(9001, at), "S0");
    put(&cloud, &late);
    while let Some(chunk) = reading.next().await? {
        text.extend_from_slice(&chunk.bytes);
    }
    let mut found = numbers(&text);
    found.sort_unstable();
    let expected: Vec<_> = (0..records.len()).chain([9000, 9001]).collect();
    assert_eq!(found, expected);
    let report = reading.into_report();
    assert_eq!((report.files.len(), report.unread.len()), (4, 0));
    assert_eq!(
        cloud.reads().len(),
        4,
        "what was read to its end is not read again"
    );
    Ok(())
}

#[tokio::test]
async fn the_budget_is_of_text_and_what_it_leaves_is_said() -> Result<()> {
    let records = logged(a_day(), 8 * HOUR, 10 * HOUR, 10);
    let cloud = CloudStorage::start().await?;
    put(&cloud, &sunk(&records, Shape::Lines, &["S0"]));
    let logs = logs_of(&cloud, small());
    let (text, report) = read(&*logs, LogKind::Slow, None, 10_000).await?;
    assert_eq!(text, text_of(&records)[..10_000]);
    let whys: Vec<_> = report.unread.iter().map(|unread| unread.why).collect();
    assert_eq!(whys, [UnreadWhy::Budget; 2], "of either object");
    Ok(())
}

#[tokio::test]
async fn lines_too_far_from_their_record_are_counted_and_spoil_no_other() -> Result<()> {
    let records = logged(a_day(), 8 * HOUR, 9 * HOUR, 10);
    let cloud = CloudStorage::start().await?;
    put(&cloud, &sunk(&records, Shape::Lines, &["S0"]));
    let mut settings = small();
    settings.order_bytes = 64 << 10;
    let logs = logs_of(&cloud, settings);
    let (text, report) = read(&*logs, LogKind::Slow, None, BUDGET).await?;
    let lost: u64 = report
        .unread
        .iter()
        .filter(|unread| unread.why == UnreadWhy::OutOfOrder)
        .filter_map(|unread| unread.bytes)
        .sum();
    assert!(lost > 0, "{report:?}");
    let breaks = text_of(&records).matches('\n').count() - text.matches('\n').count();
    let whole = text_of(&records).len() as u64;
    assert_eq!(
        text.len() as u64 + lost + breaks as u64,
        whole,
        "nothing is lost unsaid"
    );
    Ok(())
}

#[tokio::test]
async fn garbage_in_an_object_is_counted_and_the_rest_read() -> Result<()> {
    let records = logged(a_day(), 8 * HOUR, 9 * HOUR, 60);
    let cloud = CloudStorage::start().await?;
    for (name, content) in sunk(&records, Shape::Lines, &["S0"]).objects() {
        cloud.put(BUCKET, &name, format!("{{\"half\": \n{content}garbage"));
    }
    cloud.put(
        BUCKET,
        "cloudsql.googleapis.com/mysql-slow.log/notes.txt",
        "x",
    );
    let logs = logs_of(&cloud, small());
    let left = logs.list(LogKind::Slow).await?.left_out;
    let unnamed = left.iter().find(|left| left.why.contains("tell no hour"));
    assert_eq!(unnamed.map(|left| left.files), Some(1), "{left:?}");
    let (text, report) = read(&*logs, LogKind::Slow, None, BUDGET).await?;
    assert_eq!(text, text_of(&records));
    let [unread] = &report.unread[..] else {
        panic!("{report:?}");
    };
    assert_eq!((unread.why, unread.bytes), (UnreadWhy::Damaged, Some(16)));
    Ok(())
}

#[tokio::test]
async fn an_error_log_is_read_in_its_order() -> Result<()> {
    let day = a_day();
    let mut sink = Sink::of_error_log(DATABASE);
    let mut expected = String::new();
    for number in 0..200 {
        let at = after(day, 8 * HOUR + number * 10);
        let line = format!("{at:.6} 0 [Warning] [MY-{number:06}] [Server] Aborted connection");
        sink.write(&format!("{at:.6}"), &line, "S0");
        expected += &(line + "\n");
    }
    let cloud = CloudStorage::start().await?;
    put(&cloud, &sink);
    let logs = logs_of(&cloud, small());
    let (text, report) = read(&*logs, LogKind::Error, None, BUDGET).await?;
    assert_eq!((text, report.unread.len()), (expected, 0));
    Ok(())
}
