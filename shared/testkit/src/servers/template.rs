//! The data directory of a server that was never used, made once per server version and copied.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::apt::output;
use super::{Flavour, Install, arguments};
use crate::cache;

/// Part of the folder's name; raised when templates are made in another way.
const FORMAT: u32 = 1;

/// The statements that make MariaDB's system tables, in the order of its own installer.
const MARIADB_STATEMENTS: [&str; 5] = [
    "mysql_system_tables.sql",
    "mysql_performance_tables.sql",
    "mysql_system_tables_data.sql",
    "maria_add_gis_sp_bootstrap.sql",
    "mysql_sys_schema.sql",
];

/// The template of a server, made on first use.
pub(super) fn folder(install: &Install) -> Result<PathBuf> {
    let cache = cache::folder()?;
    let name = format!(
        "{}-{}-format-{FORMAT}",
        install.flavour().name(),
        install.version()
    );
    let template = cache.join("templates").join(&name);
    if template.exists() {
        return Ok(template);
    }
    let _lock = cache::lock(&cache, &name)?;
    if template.exists() {
        return Ok(template);
    }
    cache::make(&template, |draft| {
        let made = match install.flavour() {
            Flavour::Mysql97 => initialize(install, draft),
            Flavour::Mariadb1011 => bootstrap(install, draft),
        };
        made.with_context(|| format!("cannot make the data directory of {}", install.version()))
    })?;
    Ok(template)
}

/// Copies the template to a data directory that does not exist yet.
pub(super) fn copy(template: &Path, data: &Path) -> Result<()> {
    let mut command = Command::new("cp");
    command
        .args(["-a", "--reflink=auto"])
        .arg(template)
        .arg(data);
    output(command).context("cannot copy the template data directory")?;
    Ok(())
}

fn initialize(install: &Install, draft: &Path) -> Result<()> {
    // MariaDB's own statements make this account; MySQL knows root only by the socket.
    let mut statements = tempfile::NamedTempFile::new()?;
    writeln!(statements, "CREATE USER root@'127.0.0.1';")?;
    writeln!(
        statements,
        "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;"
    )?;
    let mut command = command(install, draft);
    command
        .arg("--initialize-insecure")
        .arg(format!("--init-file={}", statements.path().display()));
    run(command, None)?;
    // Each server makes its own identity.
    fs::remove_file(draft.join("auto.cnf")).context("the server was not initialised")
}

fn bootstrap(install: &Install, draft: &Path) -> Result<()> {
    let share = install
        .share()
        .context("no share folder beside the server program: name a complete installation")?;
    let mut statements = String::from(
        "CREATE DATABASE mysql;\nUSE mysql;\n\
         SET @auth_root_socket = NULL;\nSET @skip_auth_anonymous = 1;\n",
    );
    for file in MARIADB_STATEMENTS {
        let path = share.join(file);
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        statements.push_str(&text);
        statements.push('\n');
    }
    let mut command = command(install, draft);
    command.arg("--bootstrap");
    run(command, Some(statements))
}

fn command(install: &Install, draft: &Path) -> Command {
    let mut command = install.server().command();
    command
        .args(arguments::common(install, draft))
        .current_dir(draft)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// Runs the server to its end. It writes many warnings to its standard error, which are shown only
/// if it fails; they go through a file, so that neither side waits for the other.
fn run(mut command: Command, input: Option<String>) -> Result<()> {
    let log = tempfile::NamedTempFile::new()?;
    command.stderr(log.reopen()?);
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().context("cannot start the server program")?;
    if let (Some(text), Some(mut pipe)) = (input, child.stdin.take()) {
        // A server that gave up closes its end; what it says below matters more than that.
        let _ = pipe.write_all(text.as_bytes());
    }
    let status = child.wait()?;
    let complaint = String::from_utf8_lossy(&fs::read(log.path())?).into_owned();
    if !status.success() {
        bail!("the server ended with {status}: {}", complaint.trim());
    }
    Ok(())
}
