//! The log files of a server, as the management API lists them.

use std::collections::HashMap;

use azure_core::http::Url;
use jiff::Timestamp;
use serde::Deserialize;
use storex_fleet::AzureLogs;
use storex_sources::{Compression, Covered, LogFile, LogKind, LogListing, LogName};

use super::trouble::Trouble;

const API_VERSION: &str = "2023-12-30";

/// `LogFileListResult` of the API.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    value: Vec<Entry>,
    #[serde(rename = "nextLink")]
    next_link: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    name: String,
    #[serde(default)]
    properties: Properties,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(rename = "sizeInKB")]
    size_in_kb: Option<u64>,
    last_modified_time: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    url: Option<String>,
}

/// What is known of the files of a log so far, and where they can be fetched. The addresses carry a
/// signature: they leave this module in requests only.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) listing: LogListing,
    pub(super) addresses: HashMap<String, Url>,
}

/// The first page.
pub(super) fn first_page(place: &AzureLogs) -> Result<Url, Trouble> {
    let AzureLogs {
        endpoint,
        subscription,
        resource_group,
        server,
        ..
    } = place;
    let address = format!(
        "{endpoint}/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/\
         Microsoft.DBforMySQL/flexibleServers/{server}/logFiles?api-version={API_VERSION}"
    );
    Url::parse(&address).map_err(|_| Trouble::Odd("the management API has no such address"))
}

impl Listed {
    /// Takes up a page; returns the next one.
    pub(super) fn page(
        &mut self,
        body: &[u8],
        kind: LogKind,
        this: &Url,
    ) -> Result<Option<Url>, Trouble> {
        let page: Page = serde_json::from_slice(body)
            .map_err(|_| Trouble::Odd("a page is no list of log files"))?;
        for entry in page.value {
            self.entry(entry, kind);
        }
        let Some(next) = page.next_link.filter(|link| !link.is_empty()) else {
            return Ok(None);
        };
        let next = Url::parse(&next)
            .ok()
            .filter(|next| next.origin() == this.origin());
        next.map(Some)
            .ok_or(Trouble::Odd("the next page is elsewhere"))
    }

    fn entry(&mut self, entry: Entry, kind: LogKind) {
        let properties = entry.properties;
        if kind_of(&entry.name, properties.kind.as_deref()) != Some(kind) {
            return;
        }
        let Some(name) = LogName::new(&entry.name) else {
            self.listing.leave_out("a name nobody expects");
            return;
        };
        let address = properties
            .url
            .as_deref()
            .and_then(|url| Url::parse(url).ok());
        let Some(address) = address.filter(|url| url.scheme() == "https") else {
            self.listing.leave_out("no address to fetch it from");
            return;
        };
        let modified = properties.last_modified_time;
        self.addresses.insert(entry.name.clone(), address);
        self.listing.files.push(LogFile {
            name,
            id: entry.name,
            kind,
            size_bytes: properties.size_in_kb.map(|kb| kb.saturating_mul(1024)),
            compression: Compression::None,
            covered: Covered::default(),
            modified_at: modified.and_then(|at| at.parse::<Timestamp>().ok()),
        });
    }

    /// Oldest first.
    pub(super) fn sort(&mut self) {
        self.listing
            .files
            .sort_by(|one, other| (one.modified_at, &one.id).cmp(&(other.modified_at, &other.id)));
    }
}

/// The API says `slowlog` and `errorlog`, in which case or with which line between the words is not written
/// down; files are named after their log as well.
fn kind_of(name: &str, told: Option<&str>) -> Option<LogKind> {
    let by = |text: &str| {
        let text = text.to_ascii_lowercase();
        LogKind::ALL
            .into_iter()
            .find(|kind| text.contains(kind.as_str()))
    };
    told.and_then(by).or_else(|| by(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(listed: &mut Listed, body: &str) -> Result<Option<Url>, Trouble> {
        let this = Url::parse("https://management.azure.com/x").unwrap();
        listed.page(body.as_bytes(), LogKind::Slow, &this)
    }

    #[test]
    fn files_of_the_other_log_are_not_listed() {
        let mut listed = Listed::default();
        let body = r#"{"value": [
            {"name": "mysql-slow-b.log", "properties": {"sizeInKB": 3, "type": "SLOWLOG",
             "lastModifiedTime": "2026-11-23T07:00:00Z", "url": "https://files/b?sig=x"}},
            {"name": "mysql-error-b.log", "properties": {"type": "errorlog", "url": "https://files/e"}},
            {"name": "mysql-slow-a.log", "properties": {
             "lastModifiedTime": "2026-11-22T07:00:00+00:00", "url": "https://files/a?sig=x"}}]}"#;
        assert_eq!(page(&mut listed, body), Ok(None));
        listed.sort();
        let names: Vec<_> = listed
            .listing
            .files
            .iter()
            .map(|file| file.name.as_str())
            .collect();
        assert_eq!(names, ["mysql-slow-a.log", "mysql-slow-b.log"]);
        assert_eq!(listed.listing.files[1].size_bytes, Some(3072));
        let told = format!("{:?}", listed.listing);
        assert!(!told.contains("sig"), "{told}");
    }

    #[test]
    fn what_cannot_be_fetched_is_counted() {
        let mut listed = Listed::default();
        let body = r#"{"value": [{"name": "slow;1", "properties": {"url": "https://files/b"}},
            {"name": "slow-2", "properties": {"url": "http://files/b"}}, {"name": "slow-3"}]}"#;
        page(&mut listed, body).unwrap();
        assert!(listed.listing.files.is_empty());
        let left: u64 = listed.listing.left_out.iter().map(|left| left.files).sum();
        assert_eq!(left, 3);
    }

    #[test]
    fn the_token_follows_no_link_to_another_host() {
        let mut listed = Listed::default();
        let next =
            |listed: &mut Listed, link: &str| page(listed, &format!(r#"{{"nextLink": "{link}"}}"#));
        let good = "https://management.azure.com/x?page=2";
        assert_eq!(next(&mut listed, good), Ok(Some(Url::parse(good).unwrap())));
        for link in [
            "https://elsewhere.example/x",
            "http://management.azure.com/x",
            "x",
        ] {
            assert!(
                matches!(next(&mut listed, link), Err(Trouble::Odd(_))),
                "{link}"
            );
        }
    }
}
