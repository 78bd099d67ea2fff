//! What RDS answers, in the XML of its query protocol.

use std::fmt::Write as _;

use super::log_files::{Portion, Refused};
use super::wire::Answer;

const NAMESPACE: &str = "http://rds.amazonaws.com/doc/2014-10-31/";

pub(super) fn files(listed: &[(&str, usize, i64)], marker: Option<&str>) -> Answer {
    let mut entries = String::new();
    for (name, size, last_written_ms) in listed {
        let _infallible = write!(
            entries,
            "<DescribeDBLogFilesDetails><LastWritten>{last_written_ms}</LastWritten>\
             <LogFileName>{name}</LogFileName><Size>{size}</Size></DescribeDBLogFilesDetails>"
        );
    }
    let marker = marker.map_or_else(String::new, |marker| format!("<Marker>{marker}</Marker>"));
    result(
        "DescribeDBLogFiles",
        format!("<DescribeDBLogFiles>{entries}</DescribeDBLogFiles>{marker}").into_bytes(),
    )
}

pub(super) fn portion(portion: &Portion) -> Answer {
    let mut inner = format!(
        "<AdditionalDataPending>{}</AdditionalDataPending><Marker>{}</Marker><LogFileData>",
        portion.more, portion.marker
    )
    .into_bytes();
    inner.extend_from_slice(&escaped(&portion.text));
    inner.extend_from_slice(b"</LogFileData>");
    result("DownloadDBLogFilePortion", inner)
}

pub(super) fn refused(why: &Refused, name: &str) -> Answer {
    match why {
        Refused::NoSuchFile => error(
            "404 Not Found",
            "DBLogFileNotFoundFault",
            &format!("DBLog File: {name}, is not found on the DB instance"),
        ),
        Refused::Binary => error(
            "400 Bad Request",
            "InvalidParameterValue",
            "This file contains binary data and should be downloaded instead of viewed.",
        ),
        Refused::Marker => error(
            "400 Bad Request",
            "InvalidParameterValue",
            "The marker is not valid",
        ),
    }
}

pub(super) fn error(status: &'static str, code: &str, message: &str) -> Answer {
    let body = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>test</RequestId></ErrorResponse>"
    );
    Answer {
        status,
        content_type: "text/xml",
        body: body.into_bytes(),
        cut_after: None,
    }
}

fn result(action: &str, inner: Vec<u8>) -> Answer {
    let mut body = format!("<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>").into_bytes();
    body.extend(inner);
    let end = format!(
        "</{action}Result><ResponseMetadata><RequestId>test</RequestId></ResponseMetadata>\
         </{action}Response>"
    );
    body.extend_from_slice(end.as_bytes());
    Answer {
        status: "200 OK",
        content_type: "text/xml",
        body,
        cut_after: None,
    }
}

/// A log as it stands in the XML of RDS: control characters are left as they are.
fn escaped(text: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'&' => escaped.extend_from_slice(b"&amp;"),
            b'<' => escaped.extend_from_slice(b"&lt;"),
            b'>' => escaped.extend_from_slice(b"&gt;"),
            b'\r' => escaped.extend_from_slice(b"&#xD;"),
            byte => escaped.push(*byte),
        }
    }
    escaped
}
