//! Puts records into a storage account as diagnostic settings do.

use anyhow::{Result, ensure};
use reqwest::{Certificate, Client, Method};
use serde_json::json;
use storex_testkit::azure::{Azurite, RESOURCE_GROUP, SERVER, SUBSCRIPTION, StandIn};

use super::Statement;

const CONTAINER: &str = "insights-logs-mysqlslowlogs";

/// A client that trusts the servers of the test.
pub(super) fn client(azure: &StandIn) -> Result<Client> {
    let authorities = Certificate::from_pem_bundle(&std::fs::read(azure.ca())?)?;
    Ok(Client::builder().tls_certs_only(authorities).build()?)
}

/// A storage account as diagnostic settings see it.
pub(super) struct Account {
    client: Client,
    storage: String,
    token: String,
}

impl Account {
    pub(super) async fn with_container(azure: &StandIn, azurite: &Azurite) -> Result<Self> {
        let account = Self {
            client: client(azure)?,
            storage: azurite.storage(),
            token: azurite.token(),
        };
        account.put("?restype=container", "", Vec::new()).await?;
        Ok(account)
    }

    async fn put(&self, path: &str, kind: &str, body: Vec<u8>) -> Result<()> {
        let url = format!("{}/{CONTAINER}{path}", self.storage);
        let mut request = self
            .client
            .request(Method::PUT, url)
            .bearer_auth(&self.token)
            .header("x-ms-version", "2021-12-02")
            .header("content-length", body.len());
        if !kind.is_empty() {
            request = request.header("x-ms-blob-type", kind);
        }
        let answer = request.body(body).send().await?;
        let status = answer.status();
        ensure!(status == 201, "{path}: {status} {}", answer.text().await?);
        Ok(())
    }

    /// Begins the blob of an hour.
    pub(super) async fn begin(&self, hour: &str) -> Result<()> {
        self.put(&blob(hour), "AppendBlob", Vec::new()).await
    }

    /// Adds to the blob of an hour.
    pub(super) async fn append(&self, hour: &str, lines: String) -> Result<()> {
        let path = format!("{}?comp=appendblock", blob(hour));
        self.put(&path, "", lines.into_bytes()).await
    }

    pub(super) async fn write(&self, hour: &str, lines: String) -> Result<()> {
        self.begin(hour).await?;
        self.append(hour, lines).await
    }
}

/// `hour` is such as `y=2026/m=11/d=23/h=07`.
fn blob(hour: &str) -> String {
    let id = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/\
         Microsoft.DBforMySQL/flexibleServers/{SERVER}"
    );
    format!("/resourceId={}/{hour}/m=00/PT1H.json", id.to_uppercase())
}

/// The hour of `2026-11-22`.
pub(super) fn hour(hour: usize) -> String {
    format!("y=2026/m=11/d=22/h={hour:02}")
}

/// A line of a blob.
pub(super) fn line(properties: &serde_json::Value) -> String {
    let record = json!({
        "time": "2026-11-23T07:15:48.2000000Z",
        "resourceId": "/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.DBFORMYSQL/FLEXIBLESERVERS/X",
        "location": "westeurope",
        "category": "MySqlSlowLogs",
        "operationName": "LogEvent",
        "properties": properties,
    });
    format!("{record}\n")
}

/// Records of these statements.
pub(super) fn records(statements: &[Statement]) -> String {
    let record = |one: &Statement| {
        let began = one.ended - jiff::SignedDuration::from_secs(2);
        line(&json!({
            "event_class": "slow_log",
            "start_time": format!("{began:.6}"),
            "query_time": "2.000000",
            "lock_time": "0.000100",
            "rows_sent": "1",
            "rows_examined": one.number.to_string(),
            "thread_id": one.number % 7,
            "host": "app[app] @  [10.0.0.4]",
            "sql_text": one.sql(),
        }))
    };
    statements.iter().map(record).collect()
}
