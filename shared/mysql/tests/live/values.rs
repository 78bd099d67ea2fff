//! What a real server sends, by either protocol, and the session it is read in.

use storex_sources::{Flavour as Family, Value, Vendor};
use storex_testkit::{Flavour, Options};

use crate::support::{endpoint, live, probe, reader, run, start};

const TABLE: &[&str] = &[
    "CREATE DATABASE lab",
    "CREATE TABLE lab.kinds (i INT, u BIGINT UNSIGNED, f FLOAT, d DOUBLE, n DECIMAL(10, 2), \
     b BIT(12), day DATE, at DATETIME(3), stamp TIMESTAMP NULL, t TIME, y YEAR, bin VARBINARY(4), \
     word VARCHAR(20) CHARACTER SET latin1, e ENUM('x', 'y'), nothing INT)",
    "INSERT INTO lab.kinds VALUES (-7, 18446744073709551615, 1.1, 2.5e10, 1.50, 258, \
     '2026-11-03', '2026-11-03 07:05:06.120', '2026-11-03 07:05:06', '-838:59:59', 2026, \
     x'61ff62', 'é', 'y', NULL)",
];

probe!(TEXT, "SELECT * FROM lab.kinds", 10, 5_000);
probe!(BINARY, "SELECT * FROM lab.kinds WHERE i < ?", 10, 5_000);
probe!(
    SESSION,
    "SELECT @@session.time_zone AS tz, @@session.sql_mode AS mode, \
     @@session.lock_wait_timeout AS lock_wait, @@session.innodb_lock_wait_timeout AS row_wait, \
     @@session.autocommit AS autocommit, @@character_set_results AS charset",
    10,
    5_000
);

probe!(
    ATTRIBUTES,
    "SELECT ATTR_VALUE FROM performance_schema.session_account_connect_attrs \
     WHERE ATTR_NAME = 'program_name' AND PROCESSLIST_ID = CONNECTION_ID()",
    10,
    5_000
);

#[tokio::test]
async fn both_protocols_give_the_same_values() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        run(&server, &["SET GLOBAL time_zone = '+00:00'"]).await;
        run(&server, TABLE).await;
        let live = live(endpoint(&server));
        let reader = reader(&live);
        let text = reader.read(&TEXT, &[]).await.unwrap();
        let binary = reader.read(&BINARY, &[Value::UInt(0)]).await.unwrap();
        assert_eq!(text.rows, binary.rows);
        assert_eq!(text.columns, binary.columns);
        let expected = [
            Value::Int(-7),
            Value::UInt(u64::MAX),
            Value::Float(1.1),
            Value::Float(2.5e10),
            "1.50".into(),
            Value::UInt(258),
            "2026-11-03".into(),
            "2026-11-03 07:05:06.120".into(),
            "2026-11-03 07:05:06".into(),
            "-838:59:59".into(),
            Value::UInt(2026),
            "a\u{fffd}b".into(),
            "é".into(),
            "y".into(),
            Value::Null,
        ];
        assert_eq!(text.rows, [expected]);
    }
}

#[tokio::test]
async fn a_session_is_predictable_and_knows_its_server() {
    for flavour in Flavour::ALL {
        let server = start(flavour, Options::default()).await;
        run(
            &server,
            &[
                "SET GLOBAL sql_mode = 'ANSI_QUOTES'",
                "SET GLOBAL autocommit = 0",
            ],
        )
        .await;
        let live = live(endpoint(&server));
        let reader = reader(&live);
        let rows = reader.read(&SESSION, &[]).await.unwrap();
        let expected = [
            "+00:00".into(),
            "".into(),
            Value::UInt(1),
            Value::UInt(1),
            Value::UInt(1),
            "utf8mb4".into(),
        ];
        assert_eq!(rows.rows, [expected]);
        let what = reader.server().await.unwrap();
        match flavour {
            Flavour::Mysql97 => {
                assert_eq!((what.flavour, what.version.major), (Family::MySql, 9));
                assert_eq!(what.vendor, Vendor::Community);
                assert!(what.performance_schema);
                let attributes = reader.read(&ATTRIBUTES, &[]).await.unwrap();
                assert_eq!(attributes.rows, [["storex".into()]]);
            }
            Flavour::Mariadb1011 => {
                assert_eq!((what.flavour, what.version.major), (Family::MariaDb, 10));
                assert!(!what.performance_schema);
            }
        }
        assert!(!what.read_only);
    }
}
