//! Log files on the database host: listed, read whole and in part, in pages and portions.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use storex_fleet::AwsStore;
use storex_sources::{LogKind, UnreadWhy, Window};
use storex_testkit::aws::{LogFiles, NewFile, REGION, Rds};
use storex_testkit::clients;

use super::super::numbers;
use super::{INSTANCE, Place, SLOW, at, read, slow_log};

const PER_HOUR: usize = 900;

/// Logs of the hours until `hours`, the last of them live, as RDS would keep them; some minutes of each
/// hour are in the file of the hour before.
fn hourly(hours: i64) -> LogFiles {
    let mut files = LogFiles::default();
    for hour in 0..hours {
        let first = usize::try_from(hour).unwrap() * PER_HOUR;
        let from = at(hour, if hour == 0 { 0 } else { 3 });
        let live = hour + 1 == hours;
        let date = from.strftime("%Y-%m-%d");
        let ends = u8::try_from((hour + 1) % 24).unwrap();
        let name = if live {
            SLOW.to_owned()
        } else {
            format!("{SLOW}.{date}.{ends:02}")
        };
        files.add(NewFile {
            name: &name,
            hour: ends,
            last_written_ms: at(hour + 1, 0).as_millisecond(),
            content: slow_log(from, 3600 * 1000 / 900, first..first + PER_HOUR),
        });
    }
    files
}

#[tokio::test]
async fn files_are_listed_over_several_pages_oldest_first() -> Result<()> {
    let rds = Rds::start(INSTANCE, hourly(23))?;
    rds.set_page(5);
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let listing = place.open().list(LogKind::Slow).await?;
    let names: Vec<&str> = listing.files.iter().map(|f| f.name.as_str()).collect();
    ensure!(
        names.len() == 23 && names.last() == Some(&SLOW),
        "{names:?}"
    );
    let mut sorted = names[..22].to_vec();
    sorted.sort_unstable();
    ensure!(names[..22] == sorted, "{names:?}");
    let (_, pages, _) = rds.served();
    ensure!(pages == 5, "{pages}");
    Ok(())
}

#[tokio::test]
async fn a_file_of_many_portions_is_read_byte_for_byte() -> Result<()> {
    // Long lines: 10,000 of them are more than a portion holds, so RDS cuts it.
    let long = format!("note = '{}", "y".repeat(700));
    let text = String::from_utf8(slow_log(at(10, 0), 100, 0..6000))?;
    let mut content = text.replace("note = '", &long).into_bytes();
    content.extend_from_slice("SELECT 'a < b && c > \"d\"', 'naïve';\r\n".as_bytes());
    let mut files = LogFiles::default();
    files.add(NewFile {
        name: SLOW,
        hour: 11,
        last_written_ms: at(10, 25).as_millisecond(),
        content: content.clone(),
    });
    let rds = Rds::start(INSTANCE, files)?;
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let (bytes, report) = read(place.open().as_ref(), None, u64::MAX).await?;
    ensure!(bytes == content, "{} of {}", bytes.len(), content.len());
    ensure!(report.unread.is_empty(), "{report:?}");
    let (portions, _, served) = rds.served();
    let size = content.len() as u64;
    ensure!(portions > 4, "{portions}");
    // Asking again for what was cut costs something, but not every time.
    ensure!(served > size && served < size * 3 / 2, "{served} of {size}");
    Ok(())
}

#[tokio::test]
async fn a_question_about_an_hour_reads_the_files_of_that_hour() -> Result<()> {
    let rds = Rds::start(INSTANCE, hourly(23))?;
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let window = Window {
        from: at(12, 0),
        to: at(13, 0),
    };
    let (bytes, report) = read(place.open().as_ref(), Some(window), u64::MAX).await?;
    let found = numbers(&bytes);
    // Its entries from :03 on, and of the hour before the three minutes after its rotation.
    let wanted: Vec<usize> = (12 * PER_HOUR - 30..13 * PER_HOUR - 60).collect();
    let holds = found.windows(wanted.len()).any(|part| part == wanted);
    ensure!(holds, "{:?} to {:?}", found.first(), found.last());
    ensure!(report.files.len() <= 3, "{report:?}");
    let (_, _, served) = rds.served();
    let day: usize = slow_log(at(0, 0), 1, 0..23 * PER_HOUR).len();
    ensure!(served < day as u64 / 6, "{served} of {day}");
    Ok(())
}

#[tokio::test]
async fn what_the_budget_leaves_is_said() -> Result<()> {
    let rds = Rds::start(INSTANCE, hourly(2))?;
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let (bytes, report) = read(place.open().as_ref(), None, 50_000).await?;
    ensure!(bytes.len() == 50_000, "{}", bytes.len());
    let sizes = slow_log(at(0, 0), 1, 0..2 * PER_HOUR).len() as u64;
    let left: u64 = report.unread.iter().filter_map(|unread| unread.bytes).sum();
    ensure!(left == sizes - 50_000, "{report:?} of {sizes}");
    ensure!(
        report
            .unread
            .iter()
            .all(|unread| unread.why == UnreadWhy::Budget)
    );
    Ok(())
}

#[tokio::test]
async fn control_characters_become_question_marks_and_what_is_binary_is_passed_over() -> Result<()>
{
    let before = slow_log(at(10, 0), 1000, 0..50);
    let after = slow_log(at(10, 5), 1000, 50..100);
    let mut content = before.clone();
    content.extend_from_slice(b"SELECT '\x01\x1b[31m';\n");
    content.extend_from_slice(&before);
    content.extend_from_slice(b"SELECT '\0\0\0';\n");
    content.extend_from_slice(&[b'y'; 3000]);
    content.push(b'\n');
    content.extend_from_slice(&after);
    let mut files = LogFiles::default();
    files.add(NewFile {
        name: SLOW,
        hour: 11,
        last_written_ms: at(10, 10).as_millisecond(),
        content,
    });
    let rds = Rds::start(INSTANCE, files)?;
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let (bytes, report) = read(place.open().as_ref(), None, u64::MAX).await?;
    let text = String::from_utf8(bytes)?;
    ensure!(text.contains("SELECT '??[31m';\n"), "control characters");
    let wanted: Vec<usize> = (0..50).chain(0..50).chain(50..100).collect();
    ensure!(
        numbers(text.as_bytes()) == wanted,
        "{:?}",
        numbers(text.as_bytes())
    );
    let passed: u64 = report.unread.iter().filter_map(|unread| unread.bytes).sum();
    ensure!((1..=3000).contains(&passed), "{report:?}");
    Ok(())
}

#[tokio::test]
async fn a_line_longer_than_a_portion_is_cut_and_said_and_the_rest_is_read() -> Result<()> {
    let mut content = slow_log(at(10, 0), 1000, 0..20);
    content.extend_from_slice(&vec![b'z'; 1_500_000]);
    content.push(b'\n');
    content.extend_from_slice(&slow_log(at(10, 5), 1000, 20..40));
    let mut files = LogFiles::default();
    files.add(NewFile {
        name: SLOW,
        hour: 11,
        last_written_ms: at(10, 10).as_millisecond(),
        content,
    });
    let rds = Rds::start(INSTANCE, files)?;
    let place = Place::at(&rds.url(), AwsStore::Rds)?;
    let (bytes, report) = read(place.open().as_ref(), None, u64::MAX).await?;
    ensure!(
        numbers(&bytes) == (0..40).collect::<Vec<_>>(),
        "{:?}",
        numbers(&bytes)
    );
    ensure!(
        !String::from_utf8_lossy(&bytes).contains("truncated"),
        "RDS's own words"
    );
    ensure!(report.unread.len() == 1, "{report:?}");
    Ok(())
}

/// The stand-in is ours; that it speaks as RDS does is said by AWS's own client.
#[tokio::test]
async fn what_the_stand_in_serves_is_understood_by_botocore() -> Result<()> {
    let mut content = slow_log(at(10, 0), 1000, 0..400);
    content.extend_from_slice("SELECT 'a < b && c > \"d\"', 'naïve';\r\n".as_bytes());
    let mut files = LogFiles::default();
    let rotated = format!("{SLOW}.10");
    for (name, hour, content) in [
        (SLOW, 11, content.clone()),
        (&rotated, 10, b"one\n".to_vec()),
    ] {
        files.add(NewFile {
            name,
            hour,
            last_written_ms: 1_795_366_800_000,
            content,
        });
    }
    let rds = Rds::start(INSTANCE, files)?;
    rds.set_page(1);
    let output = std::process::Command::new(clients::aws_python()?)
        .args(["-c", include_str!("../../../clients/aws/read_log_files.py")])
        .args([&rds.url(), REGION, INSTANCE, "slowquery"])
        .output()?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let told: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(
        told["refused"] == "DBLogFileNotFoundFault",
        "{}",
        told["refused"]
    );
    let files = told["files"].as_array().context("no files")?;
    ensure!(files.len() == 2, "{files:?}");
    let live = &files[0];
    ensure!(live["LogFileName"] == SLOW && live["LastWritten"] == 1_795_366_800_000_i64);
    ensure!(live["Size"] == content.len() && live["marker"] == format!("11:{}", content.len()));
    ensure!(live["text"] == String::from_utf8(content)?, "another text");
    ensure!(files[1]["text"] == "one\n" && files[1]["marker"] == "10:4");
    Ok(())
}
