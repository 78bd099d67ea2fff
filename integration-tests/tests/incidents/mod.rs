//! A tool names the true cause and culprit of each incident, and all are quiet before it.

use anyhow::{Context, Result};
use storex_integration_tests::incidents::{INCIDENTS, heading, prove};

/// A test for every incident of the table on each of its flavours.
macro_rules! tests {
    ($($claim:ident on $($flavour:ident)+: $case:expr;)+) => {$(
        mod $claim {
            $(
                #[tokio::test]
                async fn $flavour() -> anyhow::Result<()> {
                    super::holds(stringify!($claim), stringify!($flavour)).await
                }
            )+
        }
    )+};
}

storex_integration_tests::every_incident!(tests);

async fn holds(claim: &str, flavour: &str) -> Result<()> {
    let incident = INCIDENTS.iter().find(|one| one.claim == claim);
    let incident = incident.context("not in the table")?;
    let flavours = incident.flavours.iter();
    let flavour = flavours.copied().find(|one| one.name() == flavour);
    let flavour = flavour.context("no such flavour")?;
    let Some(outcome) = prove(&incident.case, flavour).await? else {
        println!("skipped: this process cannot set the stage");
        return Ok(());
    };
    println!("{}\n{outcome}", heading());
    outcome.check()
}
