//! sysbench drives both servers.

use std::process::Command;

use anyhow::{Result, ensure};
use mysql_async::prelude::Queryable;
use storex_testkit::servers::Sysbench;
use storex_testkit::{Flavour, MySqlServer, Options};

fn finish(mut command: Command) -> Result<String> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{said}{complaint}");
    Ok(said)
}

#[tokio::test]
async fn sysbench_drives_each_server() -> Result<()> {
    let sysbench = tokio::task::spawn_blocking(Sysbench::get).await??;
    for flavour in Flavour::ALL {
        let server = MySqlServer::start(flavour, Options::default()).await?;
        let mut root = server.root().await?;
        root.query_drop("CREATE DATABASE load_test").await?;
        root.disconnect().await?;
        let script = ["oltp_read_write", "--tables=1", "--table-size=100"];
        let run = |last: &[&str]| sysbench.command(&server, "load_test", script.iter().chain(last));
        finish(run(&["prepare"]))?;
        let said = finish(run(&["--threads=1", "--events=20", "run"]))?;
        ensure!(said.contains("transactions:"), "{said}");
        server.stop().await?;
    }
    Ok(())
}
