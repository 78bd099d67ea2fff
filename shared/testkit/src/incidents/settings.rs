//! Global settings an incident changes, and the statements that set them back.

use anyhow::{Context, Result};
use mysql_async::Conn;
use mysql_async::prelude::Queryable;

/// Sets `settings` for all and for new sessions; returns the statements that undo it.
pub(super) async fn set(root: &mut Conn, settings: &[(&str, u64)]) -> Result<Vec<String>> {
    let mut undo = Vec::new();
    for (name, value) in settings {
        let was: u64 = root
            .query_first(format!("SELECT @@GLOBAL.{name}"))
            .await?
            .with_context(|| format!("the server has no {name}"))?;
        root.query_drop(format!("SET GLOBAL {name} = {value}"))
            .await?;
        undo.push(format!("SET GLOBAL {name} = {was}"));
    }
    Ok(undo)
}
