//! The account our own statements create, and what doctor says about others.

use storex_fleet::Secret;
use storex_mysql::{Account, Lacking, least_privilege};
use storex_sources::{Needs, Probe, SourceError, Statement};
use storex_testkit::{Flavour, MySqlServer, Options, PerformanceSchema};

use crate::support::{ONE, call, endpoint, live, reader, run, start};

const fn needing(
    name: &'static str,
    statements: &'static [Statement],
    grants: &'static [&'static str],
    performance_schema: bool,
) -> Probe {
    let mut probe = crate::support::any_probe(name, statements, 1_000, 5_000);
    probe.needs = Needs {
        grants,
        performance_schema,
        remedy: "set performance_schema=ON",
    };
    probe
}

static TRX: Probe = needing(
    "innodb_trx",
    &[
        Statement::mysql(
            8,
            0,
            0,
            "SELECT * FROM information_schema.INNODB_TRX LIMIT 1001",
        ),
        Statement::mariadb(
            10,
            6,
            0,
            "SELECT * FROM information_schema.INNODB_TRX LIMIT 1001",
        ),
    ],
    &["PROCESS ON *.*"],
    false,
);
static STATUS: Probe = needing(
    "innodb_status",
    &[
        Statement::mysql(8, 0, 0, "SHOW ENGINE INNODB STATUS"),
        Statement::mariadb(10, 6, 0, "SHOW ENGINE INNODB STATUS"),
    ],
    &["PROCESS ON *.*"],
    false,
);
static REPLICA: Probe = needing(
    "replica_status",
    &[
        Statement::mysql(8, 0, 22, "SHOW REPLICA STATUS"),
        Statement::mariadb(10, 6, 0, "SHOW ALL SLAVES STATUS"),
    ],
    &["REPLICATION CLIENT ON *.*"],
    false,
);
static THREADS: Probe = needing(
    "threads",
    &[
        Statement::mysql(
            8,
            0,
            0,
            "SELECT * FROM performance_schema.threads LIMIT 1001",
        ),
        Statement::mariadb(
            10,
            6,
            0,
            "SELECT * FROM performance_schema.threads LIMIT 1001",
        ),
    ],
    &["SELECT ON performance_schema.*"],
    true,
);
static LOCKS: Probe = needing(
    "data_locks",
    &[Statement::mysql(
        8,
        0,
        0,
        "SELECT * FROM performance_schema.data_locks LIMIT 1001",
    )],
    &["SELECT ON performance_schema.*"],
    true,
);
static ALL: &[&Probe] = &[&TRX, &STATUS, &REPLICA, &THREADS, &LOCKS];

async fn server(flavour: Flavour, performance_schema: PerformanceSchema) -> MySqlServer {
    let options = Options {
        performance_schema,
        ..Options::default()
    };
    start(flavour, options).await
}

#[tokio::test]
async fn the_account_of_our_own_statements_can_read_every_probe() {
    for flavour in Flavour::ALL {
        let server = server(flavour, PerformanceSchema::Full).await;
        let root = live(endpoint(&server));
        let what = reader(&root).server().await.unwrap();
        let account = Account {
            user: "storex",
            host: "127.0.0.1",
            password: "a 'quoted' \\ one",
            require_tls: false,
            max_connections: 3,
            admin_port: true,
        };
        let statements = least_privilege(&account, what.flavour, what.version, ALL);
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        run(&server, &statements).await;

        let mut entry = endpoint(&server);
        entry.user = "storex".into();
        entry.password = Secret::Inline("a 'quoted' \\ one".into());
        let live = live(entry);
        let reader = reader(&live);
        for &probe in ALL {
            let read = reader.read(probe, &[]).await;
            let exists = probe.statement_for(&what).is_some();
            assert_eq!(read.is_ok(), exists, "{}: {read:?}", probe.name);
        }
        let checkup = live.check(ALL, &call(5)).await.unwrap();
        assert_eq!(checkup.lacking, []);
        assert!(!checkup.admin_port);
        let mariadb = flavour == Flavour::Mariadb1011;
        assert_eq!(checkup.unsupported.len(), usize::from(mariadb));
    }
}

#[tokio::test]
async fn an_account_without_grants_is_told_which_it_lacks() {
    for flavour in Flavour::ALL {
        let server = server(flavour, PerformanceSchema::Full).await;
        run(
            &server,
            &[
                "CREATE ROLE watcher",
                "GRANT PROCESS ON *.* TO watcher",
                "CREATE USER storex@'127.0.0.1'",
                "GRANT watcher TO storex@'127.0.0.1'",
                match flavour {
                    Flavour::Mysql97 => "SET DEFAULT ROLE watcher TO storex@'127.0.0.1'",
                    Flavour::Mariadb1011 => "SET DEFAULT ROLE watcher FOR storex@'127.0.0.1'",
                },
            ],
        )
        .await;
        let mut entry = endpoint(&server);
        entry.user = "storex".into();
        let live = live(entry);
        let error = reader(&live).read(&REPLICA, &[]).await.unwrap_err();
        assert!(matches!(error, SourceError::Denied { .. }), "{error:?}");
        assert_eq!(
            error.remedy(),
            "GRANT REPLICATION CLIENT ON *.* TO the monitoring account"
        );
        reader(&live)
            .read(&TRX, &[])
            .await
            .expect("its role grants it");

        let checkup = live.check(&[&TRX, &REPLICA, &ONE], &call(5)).await.unwrap();
        let lacking = Lacking {
            probe: "replica_status",
            grants: vec!["REPLICATION CLIENT ON *.*"],
        };
        assert_eq!(checkup.lacking, [lacking]);
    }
}

#[tokio::test]
async fn what_is_switched_off_is_not_read_as_empty() {
    for flavour in Flavour::ALL {
        let server = server(flavour, PerformanceSchema::Off).await;
        let live = live(endpoint(&server));
        let error = reader(&live).read(&THREADS, &[]).await.unwrap_err();
        assert!(matches!(error, SourceError::Disabled { .. }), "{error:?}");
        assert_eq!(error.remedy(), "set performance_schema=ON");
        let checkup = live.check(&[&THREADS], &call(5)).await.unwrap();
        assert_eq!(checkup.disabled.len(), 1);
    }
}
