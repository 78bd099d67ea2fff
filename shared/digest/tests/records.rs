//! Records that clouds keep of a slow log digest to what its text does.

use storex_digest::{Digest, Figures, Options, Pipeline, Reader};

/// So many statements of three forms, as text and as records of Azure.
fn both(statements: u32) -> (String, String) {
    let (mut text, mut records) = (String::new(), String::new());
    for number in 0..statements {
        let second = number % 60;
        let took = number % 5 + 1;
        let sql = match number % 3 {
            0 => format!("SELECT * FROM orders WHERE id = {number}"),
            1 => format!("UPDATE stock SET n = n - 1 WHERE sku = 'sku-{number}'"),
            _ => "SELECT count(*)\n  FROM customers".to_owned(),
        };
        let client = format!("app{0}[app{0}] @  [10.0.0.{0}]", number % 4);
        let entry = format!(
            "# Time: 2026-11-23T07:15:{second:02}.250000Z\n# User@Host: {client}  Id: {number}\n\
             # Query_time: {took}.000000  Lock_time: 0.000{number:03} Rows_sent: {number}  \
             Rows_examined: {}\nuse shop;\nSET timestamp=1795418100;\n{sql};\n",
            number * 10
        );
        text.push_str(&entry);
        let began = 15 * 60 + i64::from(second) - i64::from(took);
        let properties = serde_json::json!({
            "event_class": "slow_log",
            "start_time": format!("2026-11-23T07:{:02}:{:02}.250000Z", began / 60, began % 60),
            "query_time": f64::from(took),
            "lock_time": format!("0.000{number:03}"),
            "rows_sent": number,
            "rows_examined": (number * 10).to_string(),
            "thread_id": number,
            "host": client,
            "db": "shop",
            "sql_text": sql,
        });
        let record = serde_json::json!({
            "time": format!("2026-11-23T07:16:{second:02}Z"),
            "resourceId": "/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/PROVIDERS/MICROSOFT.DBFORMYSQL/FLEXIBLESERVERS/X",
            "category": "MySqlSlowLogs",
            "properties": properties,
        });
        records.push_str(&record.to_string());
        records.push('\n');
    }
    (text, records)
}

fn read(log: &str) -> Digest {
    let mut digest = Digest::new(Options::default());
    let mut reader = Reader::default();
    for chunk in log.as_bytes().chunks(1000) {
        reader.feed(chunk, &mut digest);
    }
    reader.finish(&mut digest);
    digest
}

/// What a digest says, without where the entries stand.
fn said(digest: &Digest) -> Vec<(String, Figures)> {
    let form = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let groups = digest.groups().iter();
    let mut said: Vec<_> = groups
        .map(|group| (form(&group.fingerprint), group.figures.clone()))
        .collect();
    said.sort_by(|one, other| one.0.cmp(&other.0));
    said
}

#[test]
fn records_digest_to_the_groups_of_their_text() {
    let (text, records) = both(300);
    let (text, records) = (read(&text), read(&records));
    assert_eq!(said(&text).len(), 3);
    assert_eq!(said(&records), said(&text));
    assert_eq!(records.totals(), text.totals());
    assert_eq!(records.unread(), text.unread());
}

/// The text as entries of Cloud Logging: one a record of the log, or one a line of it.
fn of_google(text: &str, is_whole: bool) -> String {
    let records = text.split_inclusive(";\n# Time: ").map(|record| {
        let rest = record.strip_suffix("# Time: ").unwrap_or(record);
        match rest.strip_prefix("2026") {
            Some(_) => format!("# Time: {rest}"),
            None => rest.to_owned(),
        }
    });
    let payloads: Vec<String> = if is_whole {
        records.collect()
    } else {
        text.lines().map(str::to_owned).collect()
    };
    let entry = |(number, payload): (usize, String)| {
        let entry = serde_json::json!({
            "insertId": format!("s={number}"),
            "logName": "projects/p/logs/cloudsql.googleapis.com%2Fmysql-slow.log",
            "resource": { "type": "cloudsql_database", "labels": { "database_id": "p:i" } },
            "timestamp": "2026-11-23T07:15:00Z",
            "textPayload": payload,
        });
        format!("{entry}\n")
    };
    payloads.into_iter().enumerate().map(entry).collect()
}

#[test]
fn entries_of_cloud_logging_digest_to_the_groups_of_their_text() {
    let (text, _) = both(300);
    let expected = read(&text);
    let (records, lines) = (of_google(&text, true), of_google(&text, false));
    assert_eq!(records.lines().count(), 300);
    for entries in [records, lines] {
        let digest = read(&entries);
        assert_eq!(said(&digest), said(&expected));
        assert_eq!(digest.totals(), expected.totals());
        assert_eq!(digest.unread(), expected.unread());
    }
}

#[test]
fn several_threads_read_records_as_one_does() {
    let (_, mut records) = both(9000);
    records.push_str("{\"category\":\"MySqlAuditLogs\"}\n");
    let mut pipeline = Pipeline::new(&Options::default(), 3);
    for chunk in records.as_bytes().chunks(100_000) {
        pipeline.feed(chunk);
    }
    let (together, alone) = (pipeline.finish(), read(&records));
    assert_eq!(said(&together), said(&alone));
    assert_eq!(together.unread(), alone.unread());
    assert_eq!(together.unread().broken_entries, 1);
}
