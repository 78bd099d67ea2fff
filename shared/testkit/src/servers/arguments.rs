//! The options servers are started with: small, quick to start, and forgetful.

use std::path::Path;

use anyhow::{Result, ensure};

use super::{Flavour, Install, Options, PerformanceSchema, SlowLog, TlsFiles};

/// Small buffers, and no writes that only a crash of the machine makes worth while.
const SMALL: [&str; 5] = [
    "--innodb-buffer-pool-size=64M",
    // The pool cannot be made smaller than one chunk.
    "--innodb-buffer-pool-chunk-size=1M",
    "--key-buffer-size=1M",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-doublewrite=OFF",
];

/// The slow log in a server's folder.
pub(super) const SLOW_LOG: &str = "slow.log";

/// The listening side of a server.
pub(super) struct Listening<'a> {
    pub(super) port: u16,
    pub(super) admin_port: u16,
    pub(super) socket: &'a Path,
}

/// Options for making a template and for every later start. `--no-defaults` must come first.
pub(super) fn common(install: &Install, data: &Path) -> Vec<String> {
    let mut arguments = vec!["--no-defaults".to_owned()];
    arguments.extend(install.places());
    arguments.push(format!("--datadir={}", data.display()));
    // The data may lie in memory, where neither asynchronous nor direct I/O is certain to work.
    arguments.push("--innodb-flush-method=fsync".to_owned());
    arguments.push("--innodb-use-native-aio=OFF".to_owned());
    arguments.extend(SMALL.map(str::to_owned));
    arguments.push(match install.flavour() {
        Flavour::Mysql97 => "--innodb-redo-log-capacity=16M".to_owned(),
        Flavour::Mariadb1011 => "--innodb-log-file-size=16M".to_owned(),
    });
    if rustix::process::geteuid().is_root() {
        arguments.push("--user=root".to_owned());
    }
    arguments
}

/// All options of a server that listens. `folder` holds its socket, log and temporary files.
pub(super) fn serving(
    install: &Install,
    folder: &Path,
    listening: &Listening<'_>,
    tls: Option<&TlsFiles>,
    options: &Options,
) -> Result<Vec<String>> {
    let mut arguments = common(install, &folder.join("data"));
    let folder = folder.display();
    arguments.extend([
        format!("--port={}", listening.port),
        "--bind-address=127.0.0.1".to_owned(),
        "--skip-name-resolve".to_owned(),
        format!("--socket={}", listening.socket.display()),
        format!("--pid-file={folder}/pid"),
        format!("--log-error={folder}/error.log"),
        format!("--tmpdir={folder}/tmp"),
        "--secure-file-priv=".to_owned(),
    ]);
    match install.flavour() {
        Flavour::Mysql97 => mysql(&mut arguments, listening, tls, options),
        Flavour::Mariadb1011 => mariadb(&mut arguments, install, listening, tls, options)?,
    }
    if options.slow_log == SlowLog::Everything {
        log_every_statement(&mut arguments, install.flavour(), &folder.to_string());
    }
    if let Some(limit) = options.max_connections {
        arguments.push(format!("--max-connections={limit}"));
    }
    match options.performance_schema {
        PerformanceSchema::ServerDefault => {}
        PerformanceSchema::Full => record_everything(&mut arguments),
        PerformanceSchema::Off => arguments.push("--performance-schema=OFF".to_owned()),
    }
    arguments.extend(options.extra_args.iter().cloned());
    Ok(arguments)
}

fn mysql(
    arguments: &mut Vec<String>,
    listening: &Listening<'_>,
    tls: Option<&TlsFiles>,
    options: &Options,
) {
    arguments.extend([
        "--mysqlx=OFF".to_owned(),
        "--admin-address=127.0.0.1".to_owned(),
        format!("--admin-port={}", listening.admin_port),
    ]);
    if !options.binlog {
        arguments.push("--skip-log-bin".to_owned());
    }
    match tls {
        Some(files) => arguments.extend(certificates(files)),
        None => arguments.push("--tls-version=".to_owned()),
    }
}

fn mariadb(
    arguments: &mut Vec<String>,
    install: &Install,
    listening: &Listening<'_>,
    tls: Option<&TlsFiles>,
    options: &Options,
) -> Result<()> {
    arguments.extend([
        format!("--extra-port={}", listening.admin_port),
        "--extra-max-connections=8".to_owned(),
        "--aria-pagecache-buffer-size=8M".to_owned(),
    ]);
    if options.binlog {
        arguments.push("--log-bin=binlog".to_owned());
        arguments.push("--server-id=1".to_owned());
        arguments.push("--binlog-format=ROW".to_owned());
    }
    if options.metadata_lock_info {
        ensure!(
            install.has_plugin("metadata_lock_info.so"),
            "this MariaDB does not ship the plugin metadata_lock_info: install its plugins"
        );
        arguments.push("--plugin-load-add=metadata_lock_info".to_owned());
    }
    if let Some(files) = tls {
        arguments.extend(certificates(files));
    }
    Ok(())
}

fn log_every_statement(arguments: &mut Vec<String>, flavour: Flavour, folder: &str) {
    arguments.extend([
        "--log-output=FILE".to_owned(),
        "--slow-query-log=ON".to_owned(),
        format!("--slow-query-log-file={folder}/{SLOW_LOG}"),
        "--long-query-time=0".to_owned(),
    ]);
    arguments.push(match flavour {
        Flavour::Mysql97 => "--log-slow-extra=ON".to_owned(),
        Flavour::Mariadb1011 => "--log-slow-verbosity=query_plan,innodb,explain".to_owned(),
    });
}

fn certificates(files: &TlsFiles) -> [String; 3] {
    [
        format!("--ssl-ca={}", files.ca.display()),
        format!("--ssl-cert={}", files.certificate.display()),
        format!("--ssl-key={}", files.key.display()),
    ]
}

/// What a monitored server should have on; MySQL has most of it by default, MariaDB none.
fn record_everything(arguments: &mut Vec<String>) {
    arguments.push("--performance-schema=ON".to_owned());
    for consumer in [
        "events-statements-current",
        "events-statements-history",
        "events-statements-history-long",
        "events-transactions-current",
        "events-transactions-history",
        "global-instrumentation",
        "thread-instrumentation",
        "statements-digest",
    ] {
        arguments.push(format!("--performance-schema-consumer-{consumer}=ON"));
    }
    for instrument in ["statement/%", "transaction", "wait/lock/metadata/sql/mdl"] {
        arguments.push(format!("--performance-schema-instrument={instrument}=ON"));
    }
}
