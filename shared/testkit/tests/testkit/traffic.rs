//! Healthy traffic runs without failures and ends when asked.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use storex_testkit::accounts::{self, App};
use storex_testkit::traffic::{HEALTHY, Traffic};
use storex_testkit::{Flavour, MySqlServer, Options};

#[tokio::test]
async fn healthy_traffic_succeeds_within_its_rate() -> Result<()> {
    for flavour in Flavour::ALL {
        let server = MySqlServer::start(flavour, Options::default()).await?;
        accounts::create_shop(&server).await?;
        let traffic = Traffic::start(&server, &HEALTHY).await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let counts = traffic.stop().await;
        ensure!(counts.len() == HEALTHY.len(), "{counts:?}");
        for (app, count) in &counts {
            ensure!(
                count.succeeded > 0 && count.failed == 0,
                "{app:?}: {count:?}"
            );
        }
        let storefront = counts.get(&App::Storefront).context("no storefront")?;
        ensure!(storefront.succeeded <= 3 * 20 * 3, "{storefront:?}");
    }
    Ok(())
}
