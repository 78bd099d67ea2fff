//! The blobs diagnostic settings write: one for each hour, named by it.

use azure_core::http::Url;
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use storex_fleet::AzureLogs;
use storex_sources::{Compression, Covered, LogFile, LogKind, LogListing, LogName};

use super::trouble::Trouble;

const CONTAINER: &str = "insights-logs-mysqlslowlogs";
/// Statements are written so late, into the blob of the hour in which they came in.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// An answer of List Blobs.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    blobs: Blobs,
    next_marker: Option<String>,
}

#[derive(Default, Deserialize)]
struct Blobs {
    #[serde(default, rename = "Blob")]
    blob: Vec<Blob>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Blob {
    name: String,
    #[serde(default)]
    properties: Properties,
}

#[derive(Default, Deserialize)]
struct Properties {
    #[serde(rename = "Content-Length")]
    length: Option<u64>,
    #[serde(rename = "Last-Modified")]
    modified: Option<String>,
}

/// What all blobs of a server begin with. Azure writes its ids in upper case.
fn prefix(place: &AzureLogs) -> String {
    let id = format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.DBforMySQL/flexibleServers/{}/",
        place.subscription, place.resource_group, place.server
    );
    format!("resourceId={}", id.to_ascii_uppercase())
}

fn container(storage: &str) -> Result<Url, Trouble> {
    let address = format!("{storage}/{CONTAINER}");
    Url::parse(&address).map_err(|_| Trouble::Odd("the storage account has no such address"))
}

/// A page of the list of blobs.
pub(super) fn page(
    place: &AzureLogs,
    storage: &str,
    page: u32,
    marker: Option<&str>,
) -> Result<Url, Trouble> {
    let mut url = container(storage)?;
    url.query_pairs_mut()
        .append_pair("restype", "container")
        .append_pair("comp", "list")
        .append_pair("prefix", &prefix(place))
        .append_pair("maxresults", &page.to_string());
    if let Some(marker) = marker {
        url.query_pairs_mut().append_pair("marker", marker);
    }
    Ok(url)
}

/// Where a blob that was listed can be read.
pub(super) fn address(place: &AzureLogs, storage: &str, id: &str) -> Result<Url, Trouble> {
    let mut url = container(storage)?;
    let name = format!("{}{id}", prefix(place));
    let mut segments = url
        .path_segments_mut()
        .map_err(|()| Trouble::Odd("the storage account has no such address"))?;
    segments.extend(name.split('/'));
    drop(segments);
    Ok(url)
}

/// Takes up a page; returns the marker of the next one.
pub(super) fn take(
    listing: &mut LogListing,
    body: &[u8],
    place: &AzureLogs,
) -> Result<Option<String>, Trouble> {
    let page: Page =
        azure_core::xml::from_xml(body).map_err(|_| Trouble::Odd("a page is no list of blobs"))?;
    let prefix = prefix(place);
    for blob in page.blobs.blob {
        let hour = blob.name.strip_prefix(&prefix);
        match hour.and_then(|name| file(name, &blob.properties)) {
            Some(file) => listing.files.push(file),
            None => listing.leave_out("a name nobody expects"),
        }
    }
    Ok(page.next_marker.filter(|marker| !marker.is_empty()))
}

/// `y=2026/m=11/d=23/h=07/m=00/PT1H.json`. A statement is in the blob of the hour in which it came in, up
/// to ten minutes after it ended; and two hours' blobs may be written at once.
fn file(name: &str, properties: &Properties) -> Option<LogFile> {
    let begins = hour(name)?;
    let modified = properties.modified.as_deref();
    let modified = modified.and_then(|at| jiff::fmt::rfc2822::parse(at).ok());
    Some(LogFile {
        name: LogName::new(&format!("{CONTAINER}/{name}"))?,
        id: name.to_owned(),
        kind: LogKind::Slow,
        size_bytes: properties.length,
        compression: Compression::None,
        covered: Covered {
            first: begins.checked_sub(LATE).ok(),
            last: begins
                .checked_add(SignedDuration::from_hours(1) + LATE)
                .ok(),
        },
        modified_at: modified.map(|at| at.timestamp()),
    })
}

fn hour(name: &str) -> Option<Timestamp> {
    let mut parts = name.split('/');
    let mut part = |key: &str| parts.next()?.strip_prefix(key)?.parse::<i16>().ok();
    let (year, month, day) = (part("y=")?, part("m=")?, part("d=")?);
    let (hour, minute) = (part("h=")?, part("m=")?);
    let is_log = parts.next() == Some("PT1H.json") && parts.next().is_none() && minute == 0;
    let small = |number: i16| i8::try_from(number).ok();
    let date = Date::new(year, small(month)?, small(day)?).ok()?;
    let time = jiff::civil::Time::new(small(hour)?, 0, 0, 0).ok()?;
    let begins = Offset::UTC.to_timestamp(date.to_datetime(time)).ok()?;
    is_log.then_some(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> AzureLogs {
        AzureLogs {
            subscription: "9f1c3f5e-0000-4000-8000-1234567890ab".to_owned(),
            resource_group: "shop-(eu)".to_owned(),
            server: "shop-eu-1".to_owned(),
            storage: None,
            endpoint: String::new(),
            tls_ca: None,
            principal: None,
            authority: None,
        }
    }

    const HOUR: &str = "y=2026/m=11/d=23/h=07/m=00/PT1H.json";

    #[test]
    fn a_blob_is_named_by_its_hour_and_the_servers_id_in_upper_case() {
        let url = address(&place(), "https://shoplogs.blob.core.windows.net", HOUR).unwrap();
        assert_eq!(
            url.path(),
            "/insights-logs-mysqlslowlogs/resourceId=/SUBSCRIPTIONS/9F1C3F5E-0000-4000-8000-1234567890AB/\
             RESOURCEGROUPS/SHOP-(EU)/PROVIDERS/MICROSOFT.DBFORMYSQL/FLEXIBLESERVERS/SHOP-EU-1/\
             y=2026/m=11/d=23/h=07/m=00/PT1H.json"
        );
    }

    #[test]
    fn a_page_is_read_and_names_the_next_one() {
        let prefix = prefix(&place());
        let body = format!(
            r#"<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://x/"
            ContainerName="c"><Prefix>p</Prefix><Blobs><Blob><Name>{prefix}{HOUR}</Name><Properties>
            <Last-Modified>Mon, 23 Nov 2026 07:59:58 GMT</Last-Modified><Etag>0x8</Etag>
            <Content-Length>1048576</Content-Length><BlobType>AppendBlob</BlobType></Properties></Blob>
            <Blob><Name>{prefix}other.json</Name><Properties><Content-Length>1</Content-Length>
            </Properties></Blob></Blobs><NextMarker>2!next</NextMarker></EnumerationResults>"#
        );
        let mut listing = LogListing::default();
        let next = take(&mut listing, body.as_bytes(), &place()).unwrap();
        assert_eq!(next.as_deref(), Some("2!next"));
        assert_eq!(listing.files.len(), 1);
        let file = &listing.files[0];
        assert_eq!(file.name.as_str(), format!("{CONTAINER}/{HOUR}"));
        assert_eq!(file.size_bytes, Some(1 << 20));
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        assert_eq!(file.covered.first, at("2026-11-23T06:50:00Z"));
        assert_eq!(file.covered.last, at("2026-11-23T08:10:00Z"));
        assert_eq!(file.modified_at, at("2026-11-23T07:59:58Z"));
        assert_eq!(listing.left_out.len(), 1);
    }

    #[test]
    fn the_last_page_may_be_empty() {
        let body =
            r#"<EnumerationResults ContainerName="c"><Blobs /><NextMarker /></EnumerationResults>"#;
        let mut listing = LogListing::default();
        assert_eq!(take(&mut listing, body.as_bytes(), &place()), Ok(None));
        assert_eq!(listing, LogListing::default());
    }

    #[test]
    fn what_is_named_otherwise_is_no_hour() {
        for name in [
            "y=2026/m=11/d=23/h=07/m=05/PT1H.json",
            "y=2026/m=13/d=23/h=07/m=00/PT1H.json",
            "y=2026/m=11/d=23/h=24/m=00/PT1H.json",
            "y=2026/m=11/d=23/h=07/m=00/PT1H.json/x",
            "y=2026/m=11/d=23/h=07/m=00/",
            "",
        ] {
            assert_eq!(hour(name), None, "{name}");
        }
    }
}
