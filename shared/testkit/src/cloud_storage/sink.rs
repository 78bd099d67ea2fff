//! What a sink of Cloud Logging writes for Cloud SQL: every entry of a server's log as a `LogEntry`,
//! hour by hour, in no order, some twice, beside those of other instances.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

/// How an entry holds what the server wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Every line of a record is an entry.
    Lines,
    /// A record is an entry.
    Records,
}

/// A sink that covers one instance whose records it is given, and another one that nobody asks about.
#[derive(Debug)]
pub struct Sink {
    database: String,
    log: &'static str,
    shape: Shape,
    /// Objects by their names: entries by their place in disorder.
    objects: BTreeMap<String, BTreeMap<u64, String>>,
    made: u64,
}

impl Sink {
    /// A sink of the slow log of `database`, `PROJECT:INSTANCE`.
    pub fn of_slow_log(database: &str, shape: Shape) -> Self {
        Self {
            database: database.to_owned(),
            log: "mysql-slow.log",
            shape,
            objects: BTreeMap::new(),
            made: 0,
        }
    }

    /// A sink of its error log.
    pub fn of_error_log(database: &str) -> Self {
        Self {
            log: "mysql.err",
            ..Self::of_slow_log(database, Shape::Lines)
        }
    }

    /// Writes one record of the server's log, logged at `time` (`2026-11-23T08:15:01.000000Z`), to the
    /// shard (`S0`, `A0:1795420000`) of its hour.
    pub fn write(&mut self, time: &str, record: &str, shard: &str) {
        let record = record.trim_end_matches('\n');
        let texts: Vec<&str> = match self.shape {
            Shape::Lines => record.split('\n').collect(),
            Shape::Records => vec![record],
        };
        let object = self.object(time, shard);
        for (line, text) in texts.into_iter().enumerate() {
            let made = self.made;
            let insert_id = format!("2#107#{}#{made:016x}#{line:08x}-0@a1", self.log);
            let entry = self.entry(&self.database, time, &insert_id, text);
            // Every seventh stands there twice.
            let copies = 1 + u64::from((made + line as u64).is_multiple_of(7));
            for copy in 0..copies {
                let place = shuffled(made * 1000 + line as u64 * 2 + copy);
                self.put(&object, place, entry.clone());
            }
        }
        let other = self.entry(
            "elsewhere:other",
            time,
            "2#1#x#0-0@a1",
            "SELECT 'of another';",
        );
        self.put(&object, shuffled(self.made * 1000 + 999), other);
        self.made += 1;
    }

    /// The objects, by their names.
    pub fn objects(&self) -> impl Iterator<Item = (String, String)> {
        self.objects.iter().map(|(name, entries)| {
            let content = entries.values().fold(String::new(), |mut text, entry| {
                let _infallible = writeln!(text, "{entry}");
                text
            });
            (name.clone(), content)
        })
    }

    fn put(&mut self, object: &str, place: u64, entry: String) {
        let object = self.objects.entry(object.to_owned()).or_default();
        object.insert(place, entry);
    }

    /// `LOG/YYYY/MM/DD/HH:00:00_HH:59:59_SHARD.json`
    fn object(&self, time: &str, shard: &str) -> String {
        let log = self.log;
        let (day, rest) = time.split_once('T').unwrap_or((time, ""));
        let (day, hour) = (
            day.replace('-', "/"),
            rest.split(':').next().unwrap_or("00"),
        );
        format!("cloudsql.googleapis.com/{log}/{day}/{hour}:00:00_{hour}:59:59_{shard}.json")
    }

    fn entry(&self, database: &str, time: &str, insert_id: &str, text: &str) -> String {
        let project = database.split(':').next().unwrap_or_default();
        let entry = json!({
            "insertId": insert_id,
            "textPayload": text,
            "resource": {
                "type": "cloudsql_database",
                "labels": {
                    "project_id": project,
                    "region": "europe-west1",
                    "database_id": database,
                },
            },
            "timestamp": time,
            "severity": "INFO",
            "logName": format!("projects/{project}/logs/cloudsql.googleapis.com%2F{}", self.log),
            "receiveTimestamp": time,
        });
        entry.to_string()
    }
}

/// A place that tells nothing of the order in which entries were made, the same at every run
/// (Fibonacci hashing: one to one).
fn shuffled(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
