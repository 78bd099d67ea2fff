//! The whole way: a real server's log goes through a sink into a bucket, the inventory names the bucket,
//! and it is listed, read through the stack and digested like the file.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use storex_digest::{Digest, Options, Reader};
use storex_integration_tests::{House, Instance};
use storex_sources::LogKind;
use storex_testkit::cloud_storage::{CloudStorage, Shape, Sink};
use storex_testkit::{Flavour, MySqlServer};

use super::super::{logging, run_numbered};
use super::{BUCKET, BUDGET, DATABASE, logs_of, put, read, small};
use crate::odd_tools::DOMAIN;
use crate::product::Product;

/// What a server logged so far, and a store that holds the same.
async fn copied(server: &MySqlServer, shape: Shape) -> Result<(String, CloudStorage)> {
    let log = std::fs::read_to_string(server.slow_log())?;
    let begins = log.find("# Time: ").context("nothing was logged")?;
    let log = log[begins..].to_owned();
    let mut sink = Sink::of_slow_log(DATABASE, shape);
    for record in log.split("# Time: ").skip(1) {
        let time = record.lines().next().context("a record without a time")?;
        sink.write(time.trim(), &format!("# Time: {record}"), "S0");
    }
    let cloud = CloudStorage::start().await?;
    put(&cloud, &sink);
    Ok((log, cloud))
}

fn in_bucket(cloud: &CloudStorage) -> String {
    let endpoint = cloud.endpoint();
    format!(
        "google = {{ bucket = \"{BUCKET}\", database = \"{DATABASE}\", route = \"slow\", endpoint = \"{endpoint}\" }}"
    )
}

/// What a digest says, by statement.
fn digested(text: &str) -> Result<BTreeMap<String, String>> {
    let mut digest = Digest::new(Options::default());
    let mut reader = Reader::default();
    reader.feed(text.as_bytes(), &mut digest);
    reader.finish(&mut digest);
    let unread = digest.unread();
    ensure!(unread.broken_entries == 0, "{unread:?}");
    let groups = digest.groups().iter();
    let told = groups.map(|group| {
        let fingerprint = String::from_utf8_lossy(&group.fingerprint).into_owned();
        (
            fingerprint,
            format!("{:?} {:?}", group.figures, group.timeline),
        )
    });
    Ok(told.collect())
}

#[tokio::test]
async fn a_log_in_a_bucket_digests_to_the_same_as_the_file() -> Result<()> {
    let server = logging(Flavour::Mysql97).await?;
    run_numbered(&server, 0..200).await?;
    for shape in [Shape::Lines, Shape::Records] {
        let (log, cloud) = copied(&server, shape).await?;
        let logs = logs_of(&cloud, small());
        let (text, report) = read(&*logs, LogKind::Slow, None, BUDGET).await?;
        assert_eq!(report.unread, []);
        let expected = digested(&log)?;
        assert!(expected.len() > 1, "{expected:?}");
        assert_eq!(digested(&text)?, expected, "{shape:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_tool_reads_a_bucket_through_the_stack() -> Result<()> {
    let server = logging(Flavour::Mysql97).await?;
    run_numbered(&server, 0..20).await?;
    let (_, cloud) = copied(&server, Shape::Lines).await?;
    let instance = Instance::nowhere("db").with_logs(&in_bucket(&cloud));
    let house = House::of(&[instance], "", &[&DOMAIN])?;
    let answer = house.ask("odd_log", json!({ "instance": "db" })).await?;
    assert!(answer["entries"].as_u64() >= Some(20), "{answer}");
    assert_eq!(answer["coverage"]["missing"], json!(null), "{answer}");
    Ok(())
}

// The store has to answer while this thread waits for the program.
#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_lists_a_bucket_and_says_what_a_refused_one_lacks() -> Result<()> {
    let server = logging(Flavour::Mysql97).await?;
    run_numbered(&server, 0..20).await?;
    let (_, cloud) = copied(&server, Shape::Lines).await?;
    let instance = Instance::of("db", &server).with_logs(&in_bucket(&cloud));
    let product = Product::over(&[instance])?;
    let told = product.run(&["doctor"])?;
    assert!(told.contains("ok      slow log: files: "), "{told}");
    assert!(
        told.contains("a sink writes them 2 to 3 hours late"),
        "{told}"
    );
    assert!(!told.contains("error log"), "the sink routes none: {told}");

    cloud.deny(BUCKET);
    let told = refused(Command::new(Product::program()), &product)?;
    assert!(told.contains("FAIL    slow log: "), "{told}");
    assert!(told.contains("roles/storage.objectViewer"), "{told}");
    Ok(())
}

#[tokio::test]
async fn the_doctor_says_which_credentials_are_missing() -> Result<()> {
    let server = logging(Flavour::Mysql97).await?;
    let place = format!("google = {{ bucket = \"{BUCKET}\", database = \"{DATABASE}\" }}");
    let product = Product::over(&[Instance::of("db", &server).with_logs(&place)])?;
    let mut program = Command::new(Product::program());
    program.env(
        "GOOGLE_APPLICATION_CREDENTIALS",
        "/nowhere/secret-name.json",
    );
    let told = refused(program, &product)?;
    for log in ["slow", "error"] {
        assert!(
            told.contains(&format!("FAIL    {log} log: storex may not read")),
            "{told}"
        );
    }
    assert!(
        told.contains("give storex Google's application default credentials"),
        "{told}"
    );
    assert!(!told.contains("secret-name"), "{told}");
    Ok(())
}

/// What the doctor prints when it finds something amiss.
fn refused(mut program: Command, product: &Product) -> Result<String> {
    let config = product.config();
    let output = program.arg("--config").arg(config).arg("doctor").output()?;
    ensure!(!output.status.success(), "the doctor is content");
    Ok(String::from_utf8(output.stdout)?)
}
