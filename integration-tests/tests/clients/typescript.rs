//! The official SDK for TypeScript.

use anyhow::Result;
use storex_testkit::clients;

use super::Scene;
use super::conversation::{Door, Era, hold, was_cancelled};

const CLIENT: &str = include_str!("../../clients/node/client.mjs");

#[tokio::test]
async fn typescript_clients_of_both_eras_are_served_over_stdio() -> Result<()> {
    let node = clients::node()?;
    let scene = Scene::set().await?;
    for era in [Era::Sessions, Era::Stateless] {
        hold(
            |order| node.module(CLIENT, &[order]),
            Door::Stdio(&scene.product),
            era,
        )
        .await?;
    }
    was_cancelled(&scene.product)
}

#[tokio::test]
async fn typescript_clients_of_both_eras_are_served_over_http() -> Result<()> {
    let node = clients::node()?;
    let scene = Scene::set().await?;
    let serving = scene.product.serve().await?;
    for era in [Era::Sessions, Era::Stateless] {
        hold(
            |order| node.module(CLIENT, &[order]),
            Door::Http(&serving),
            era,
        )
        .await?;
    }
    was_cancelled(&scene.product)
}
