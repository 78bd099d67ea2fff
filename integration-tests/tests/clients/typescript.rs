//! The official SDK for TypeScript.

use anyhow::Result;
use storex_testkit::clients;

use super::Scene;
use super::conversation::{Door, Era, hold};

const CLIENT: &str = include_str!("../../clients/node/client.mjs");

async fn converse(over_http: bool) -> Result<()> {
    let node = clients::node()?;
    let scene = Scene::set().await?;
    let serving = scene.product.serve().await?;
    let door = if over_http { Door::Http(&serving) } else { Door::Stdio(&scene.product) };
    for era in [Era::Sessions, Era::Stateless] {
        hold(|order| node.module(CLIENT, &[order]), door, era).await?;
    }
    Ok(())
}

#[tokio::test]
async fn typescript_clients_of_both_eras_are_served_over_stdio() -> Result<()> {
    converse(false).await
}

#[tokio::test]
async fn typescript_clients_of_both_eras_are_served_over_http() -> Result<()> {
    converse(true).await
}
