//! Blobs that diagnostic settings write, in Azurite.

use anyhow::{Result, ensure};
use storex_digest::{Digest, Options, Reader};
use storex_sources::{LogError, LogKind, LogReport, Logs, UnreadWhy, WindowRead};
use storex_testkit::azure::{Azurite, StandIn};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::seed::{Account, hour, records};
use super::{Statement, open, place, read, statements, text, window};
use crate::logs::numbers;

struct Scene {
    azure: StandIn,
    azurite: Azurite,
    account: Account,
}

impl Scene {
    async fn new() -> Result<Self> {
        let azure = StandIn::start(10).await?;
        let azurite = Azurite::start(azure.tls()).await?;
        let account = Account::with_container(&azure, &azurite).await?;
        Ok(Self {
            azure,
            azurite,
            account,
        })
    }

    fn logs(&self) -> Box<dyn Logs> {
        open(place(&self.azure, Some(self.azurite.storage())))
    }
}

/// So many hours of 2026-11-22, two hundred statements each, as they come in five minutes late.
async fn day(scene: &Scene, hours: usize) -> Result<Vec<Statement>> {
    let all = statements("2026-11-22T00:00:00Z", 18, 0..hours * 200);
    for at in 0..hours {
        // What ended in the last five minutes of an hour is in the next hour's blob.
        let late = 300 / 18;
        let from = if at == 0 { 0 } else { at * 200 - late };
        let to = if at + 1 == hours {
            hours * 200
        } else {
            (at + 1) * 200 - late
        };
        scene
            .account
            .write(&hour(at), records(&all[from..to]))
            .await?;
    }
    Ok(all)
}

#[tokio::test]
async fn a_day_is_listed_over_several_pages_and_read_as_the_text_of_its_log() -> Result<()> {
    let scene = Scene::new().await?;
    let all = day(&scene, 24).await?;
    let logs = scene.logs();
    let listing = logs.list(LogKind::Slow).await?;
    ensure!(
        listing.files.len() == 24 && listing.left_out.is_empty(),
        "{listing:?}"
    );
    let (bytes, report) = read(logs.as_ref(), None, u64::MAX).await?;
    ensure!(
        bytes == text(&all),
        "{}",
        String::from_utf8_lossy(&bytes[..2000])
    );
    ensure!(
        report.unread.is_empty() && report.files.len() == 24,
        "{report:?}"
    );
    Ok(())
}

#[tokio::test]
async fn an_hour_reads_the_blobs_that_may_hold_some_of_it() -> Result<()> {
    let scene = Scene::new().await?;
    let all = day(&scene, 24).await?;
    let logs = scene.logs();
    for (from, to, first, blobs) in [
        ("2026-11-22T11:20:00Z", "2026-11-22T12:20:00Z", 2267, 2),
        ("2026-11-22T11:00:00Z", "2026-11-22T12:00:00Z", 2200, 3),
    ] {
        let (bytes, report) = read(logs.as_ref(), Some(window(from, to)), u64::MAX).await?;
        let found = numbers(&bytes);
        let wanted: Vec<usize> = (first..first + 199).collect();
        ensure!(
            found.windows(199).any(|part| part == wanted),
            "{from}: {found:?}"
        );
        ensure!(report.files.len() == blobs, "{from}: {report:?}");
        let share = text(&all).len() as u64 * 4 / 24;
        ensure!(report.bytes < share, "{from}: {report:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_record_or_beyond_the_budget_is_counted() -> Result<()> {
    let scene = Scene::new().await?;
    let all = statements("2026-11-22T00:00:00Z", 18, 0..300);
    let noise = "{\"category\": \"Administrative\"}\nnonsense\n";
    let half = r#"{"time":"2026-11-22T00:59:59Z","category":"MySqlSl"#;
    let lines = records(&all[..100]) + noise + &records(&all[100..]) + half;
    scene.account.write(&hour(0), lines).await?;
    let logs = scene.logs();
    let (bytes, report) = read(logs.as_ref(), None, u64::MAX).await?;
    ensure!(bytes == text(&all), "other text");
    let damaged = report
        .unread
        .iter()
        .filter(|left| left.why == UnreadWhy::Damaged);
    let damaged: u64 = damaged.filter_map(|left| left.bytes).sum();
    ensure!(damaged == (noise.len() + half.len()) as u64, "{report:?}");

    let (some, report) = read(logs.as_ref(), None, 50_000).await?;
    ensure!(
        some.len() <= 50_000 && some.len() > 48_000,
        "{}",
        some.len()
    );
    ensure!(bytes.starts_with(&some), "other text");
    let left = &report.unread[0];
    ensure!(
        left.why == UnreadWhy::Budget && left.bytes > Some(0),
        "{report:?}"
    );
    Ok(())
}

#[tokio::test]
async fn an_hour_that_is_still_written_is_read_on_and_then_the_next_one() -> Result<()> {
    let scene = Scene::new().await?;
    let all = statements("2026-11-22T00:00:00Z", 18, 0..300);
    scene.account.write(&hour(0), records(&all[..150])).await?;
    let logs = scene.logs();
    let mut read = WindowRead::open(logs.as_ref(), LogKind::Slow, None, u64::MAX).await?;
    let (mut bytes, mut chunks) = (Vec::new(), 0);
    while let Some(chunk) = read.next().await? {
        bytes.extend_from_slice(&chunk.bytes);
        chunks += 1;
        if chunks == 1 {
            scene
                .account
                .append(&hour(0), records(&all[150..200]))
                .await?;
            scene.account.write(&hour(1), records(&all[200..])).await?;
        }
    }
    ensure!(bytes == text(&all), "{:?}", numbers(&bytes));
    ensure!(read.report().unread.is_empty(), "{:?}", read.report());
    Ok(())
}

/// Lets each connection through and cuts it after so many bytes of answers; the last one is not cut.
async fn cutting_proxy(to: String, cuts: Vec<usize>) -> Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let mut cuts = cuts.into_iter();
        while let Ok((client, _)) = listener.accept().await {
            let (to, most) = (to.clone(), cuts.next().unwrap_or(usize::MAX));
            tokio::spawn(async move { through(client, &to, most).await });
        }
    });
    Ok(format!("https://{address}/devstoreaccount1"))
}

async fn through(client: TcpStream, to: &str, most: usize) -> Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = TcpStream::connect(to).await?.into_split();
    let questions = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
    });
    let (mut buffer, mut passed) = (vec![0; 4096], 0);
    while passed < most {
        let read = from_server.read(&mut buffer).await?;
        if read == 0 {
            break;
        }
        to_client.write_all(&buffer[..read]).await?;
        passed += read;
    }
    questions.abort();
    Ok(())
}

#[tokio::test]
async fn a_cut_connection_neither_loses_nor_doubles_a_record() -> Result<()> {
    let scene = Scene::new().await?;
    let all = day(&scene, 3).await?;
    let storage = scene.azurite.storage();
    let to = storage
        .trim_start_matches("https://")
        .split('/')
        .next()
        .unwrap_or_default();
    // In the middle of the list, of a part, and before anything of one.
    let cuts = vec![4_000, 30_000, 2_500, 60_000, 5_000];
    let proxy = cutting_proxy(to.to_owned(), cuts).await?;
    let logs = open(place(&scene.azure, Some(proxy)));
    let (bytes, report) = read(logs.as_ref(), None, u64::MAX).await?;
    ensure!(bytes == text(&all), "{:?}", numbers(&bytes));
    ensure!(report.unread.is_empty(), "{report:?}");
    Ok(())
}

fn digested(bytes: &[u8]) -> Digest {
    let mut digest = Digest::new(Options::default());
    let mut reader = Reader::default();
    reader.feed(bytes, &mut digest);
    reader.finish(&mut digest);
    digest
}

#[tokio::test]
async fn blobs_digest_to_the_groups_of_the_log_itself() -> Result<()> {
    let scene = Scene::new().await?;
    let all = day(&scene, 2).await?;
    let (bytes, report): (_, LogReport) = read(scene.logs().as_ref(), None, u64::MAX).await?;
    ensure!(report.unread.is_empty(), "{report:?}");
    let (of_blobs, of_file) = (digested(&bytes), digested(&text(&all)));
    ensure!(of_file.groups().len() == 3);
    ensure!(of_blobs.totals() == of_file.totals());
    for (one, other) in of_blobs.groups().iter().zip(of_file.groups()) {
        ensure!(one.fingerprint == other.fingerprint && one.figures == other.figures);
    }
    Ok(())
}

#[tokio::test]
async fn an_account_without_the_container_has_no_such_log() -> Result<()> {
    let azure = StandIn::start(10).await?;
    let azurite = Azurite::start(azure.tls()).await?;
    let logs = open(place(&azure, Some(azurite.storage())));
    let missing = logs.list(LogKind::Slow).await.unwrap_err();
    ensure!(matches!(missing, LogError::NotFound { .. }), "{missing:?}");
    Ok(())
}
