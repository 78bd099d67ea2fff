//! The stand-in is what Google says of Cloud Storage: its own client for Python reads the REST answers,
//! which hold what the discovery documents describe, and its client for Rust lists the same as gRPC.

use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use storex_sources::LogKind;
use storex_testkit::clients;
use storex_testkit::cloud_storage::{CloudStorage, Shape};

use super::{BUCKET, HOUR, a_day, logged, logs_of, put, small, sunk};

const CHECK: &str = include_str!("../../../clients/google/check.py");

#[tokio::test]
async fn googles_own_clients_read_the_stand_in_and_its_answers_are_as_described() -> Result<()> {
    let python = tokio::task::spawn_blocking(clients::google_python).await??;
    let cloud = CloudStorage::start().await?;
    let records = logged(a_day(), 0, 8 * HOUR, 600);
    put(&cloud, &sunk(&records, Shape::Lines, &["S0"]));
    cloud.deny("not-ours");
    let mut check = Command::new(python);
    check.args(["-c", CHECK, &cloud.endpoint(), BUCKET, "not-ours"]);
    let output = tokio::task::spawn_blocking(move || check.output()).await??;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{complaint}");
    let told: Value = serde_json::from_slice(&output.stdout)?;

    let listing = logs_of(&cloud, small()).list(LogKind::Slow).await?;
    let listed: Vec<_> = listing
        .files
        .iter()
        .map(|file| {
            let generation: i64 = file.id.rsplit('#').next().unwrap().parse().unwrap();
            json!([file.name.as_str(), generation, file.size_bytes])
        })
        .collect();
    assert_eq!(told["objects"], Value::Array(listed));
    assert_eq!(told["pages"], 3);
    assert!(told["entries"].as_u64() > Some(records.len() as u64));
    for refusal in ["behind_the_end", "denied", "no_bucket", "no_object"] {
        assert_eq!(told[refusal], true, "{refusal}");
    }
    Ok(())
}
