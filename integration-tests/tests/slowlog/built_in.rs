//! What the allow-list calls built in is built in: no stored or loaded function can stand behind it.

use anyhow::Result;
use mysql_async::Error;
use mysql_async::prelude::Queryable;
use storex_statement::{Grammar, functions};
use storex_testkit::Flavour;

use super::shop;

/// There is no such function, or none could be looked for without a schema: what a server says of names
/// it does not know by itself.
const UNKNOWN: [u16; 3] = [1046, 1305, 1630];

async fn built_in(flavour: Flavour, grammar: Grammar) -> Result<()> {
    let server = shop(flavour).await?;
    let mut root = server.root().await?;
    let said = |outcome: std::result::Result<(), Error>| match outcome {
        Err(Error::Server(error)) => error.code,
        _ => 0,
    };
    let nobody = said(root.query_drop("SELECT storex_nobody_knows()").await);
    assert!(
        UNKNOWN.contains(&nobody),
        "the test would prove nothing: {nobody}"
    );
    let mut elsewhere = Vec::new();
    for name in functions(grammar) {
        // However many arguments it wants, a server that knows it says so of each number.
        for arguments in ["", "1", "1, 1", "1, 1, 1"] {
            let code = said(root.query_drop(format!("SELECT {name}({arguments})")).await);
            if UNKNOWN.contains(&code) {
                elsewhere.push(format!("{name}({arguments})"));
            }
        }
    }
    assert_eq!(elsewhere, [""; 0], "{flavour:?} looks for them elsewhere");
    root.disconnect().await?;
    server.stop().await
}

#[tokio::test]
async fn every_function_that_is_allowed_is_built_into_mysql() -> Result<()> {
    built_in(Flavour::Mysql97, Grammar::MySql).await
}

#[tokio::test]
async fn every_function_that_is_allowed_is_built_into_mariadb() -> Result<()> {
    built_in(Flavour::Mariadb1011, Grammar::MariaDb).await
}
