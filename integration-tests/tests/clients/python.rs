//! The official SDK for Python.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use storex_testkit::clients;

use super::Scene;
use super::conversation::{Door, Era, hold, was_cancelled};

const CLIENT: &str = include_str!("../../clients/python/client.py");

/// The client, given an order.
pub(super) fn client(python: &Path, order: &str) -> Command {
    let mut command = Command::new(python);
    command.args(["-c", CLIENT, order]);
    command
}

#[tokio::test]
async fn python_clients_of_both_eras_are_served_over_stdio() -> Result<()> {
    let python = clients::python()?;
    let scene = Scene::set().await?;
    for era in [Era::Sessions, Era::Stateless] {
        hold(
            |order| client(&python, order),
            Door::Stdio(&scene.product),
            era,
        )
        .await?;
    }
    was_cancelled(&scene.product)
}

#[tokio::test]
async fn python_clients_of_both_eras_are_served_over_http() -> Result<()> {
    let python = clients::python()?;
    let scene = Scene::set().await?;
    let serving = scene.product.serve().await?;
    for era in [Era::Sessions, Era::Stateless] {
        hold(|order| client(&python, order), Door::Http(&serving), era).await?;
    }
    was_cancelled(&scene.product)
}
