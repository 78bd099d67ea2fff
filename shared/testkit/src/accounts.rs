//! The applications that use the shop, each with an account, a program name and comments of its
//! own, and the monitoring account a test gives to the product.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};
use serde::{Deserialize, Serialize};

use crate::servers::open;
use crate::{MySqlServer, shop};

/// The password of every application.
pub const PASSWORD: &str = "shop-secret";

/// An application of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum App {
    /// Takes orders.
    Checkout,
    /// Shows products.
    Storefront,
    /// Moves orders on.
    Worker,
    /// Works at night.
    Batch,
    /// Reads a lot.
    Reporting,
    /// Serves telephones.
    Mobile,
    /// Changes the schema.
    Deploy,
}

impl App {
    /// Every application.
    pub const ALL: [Self; 7] = [
        Self::Checkout,
        Self::Storefront,
        Self::Worker,
        Self::Batch,
        Self::Reporting,
        Self::Mobile,
        Self::Deploy,
    ];

    /// The account it connects with.
    pub const fn user(self) -> &'static str {
        match self {
            Self::Checkout => "checkout",
            Self::Storefront => "storefront",
            Self::Worker => "worker",
            Self::Batch => "batch",
            Self::Reporting => "reporting",
            Self::Mobile => "mobile",
            Self::Deploy => "deploy",
        }
    }

    /// The connection attribute `program_name`, and `application` in comments.
    pub const fn program_name(self) -> &'static str {
        match self {
            Self::Checkout => "checkout-api",
            Self::Storefront => "storefront-web",
            Self::Worker => "order-worker",
            Self::Batch => "nightly-batch",
            Self::Reporting => "reporting-jobs",
            Self::Mobile => "mobile-api",
            Self::Deploy => "schema-migrate",
        }
    }

    /// Connects over TCP, with the shop as the current database.
    pub async fn connect(self, server: &MySqlServer) -> Result<Conn> {
        Self::dial(self, server)
            .await
            .with_context(|| format!("{} cannot connect", self.program_name()))
    }

    async fn dial(self, server: &MySqlServer) -> Result<Conn> {
        open(self.options(server.host(), server.port())).await
    }

    pub(crate) fn options(self, host: &str, port: u16) -> OptsBuilder {
        OptsBuilder::default()
            .ip_or_hostname(host)
            .tcp_port(port)
            .prefer_socket(false)
            .user(Some(self.user()))
            .pass(Some(PASSWORD))
            .db_name(Some(shop::DATABASE))
            .connect_attribute("program_name", self.program_name())
    }

    /// Puts a comment after a statement, as the sqlcommenter libraries do: keys in order, values
    /// percent-encoded. `number` makes the trace distinct and the same at every run.
    pub fn comment(self, statement: &str, route: &str, number: u64) -> String {
        let application = self.program_name();
        let route = percent_encoded(route);
        let trace = (shop::scatter(number), shop::scatter(number + 1));
        let span = shop::scatter(number + 2);
        format!(
            "{statement} /*application='{application}',route='{route}',\
             traceparent='00-{:016x}{:016x}-{span:016x}-01'*/",
            trace.0, trace.1
        )
    }
}

/// Creates the shop's tables, rows and application accounts.
pub async fn create_shop(server: &MySqlServer) -> Result<()> {
    shop::create(server).await?;
    let mut root = server.root().await?;
    for app in App::ALL {
        let user = app.user();
        root.query_drop(format!("CREATE USER {user}@'%' IDENTIFIED BY '{PASSWORD}'"))
            .await?;
        let privileges = match app {
            App::Reporting => "SELECT",
            App::Deploy => "ALL",
            _ => "SELECT, INSERT, UPDATE, DELETE",
        };
        let database = shop::DATABASE;
        root.query_drop(format!("GRANT {privileges} ON {database}.* TO {user}@'%'"))
            .await?;
    }
    root.disconnect().await?;
    Ok(())
}

/// Runs the statements that make an account, as an administrator would; the product prints them.
pub async fn create_monitoring_account(server: &MySqlServer, statements: &[&str]) -> Result<()> {
    let mut root = server.root().await?;
    for statement in statements {
        root.query_drop(*statement)
            .await
            .with_context(|| format!("the server refused: {statement}"))?;
    }
    root.disconnect().await?;
    Ok(())
}

/// Connects over TCP with any account.
pub async fn connect_as(server: &MySqlServer, user: &str, password: &str) -> Result<Conn> {
    let options = OptsBuilder::default()
        .ip_or_hostname(server.host())
        .tcp_port(server.port())
        .prefer_socket(false)
        .user(Some(user))
        .pass(Some(password));
    open(options).await
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_follow_the_sqlcommenter_format() {
        let text = App::Checkout.comment("SELECT 1", "/pay/{id}", 7);
        assert!(
            text.starts_with("SELECT 1 /*application='checkout-api',route='%2Fpay%2F%7Bid%7D',"),
            "{text}"
        );
        let trace = text.split("traceparent='").nth(1).unwrap();
        assert_eq!(trace.len(), "00-".len() + 32 + 1 + 16 + "-01'*/".len());
    }
}
