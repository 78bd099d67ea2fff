//! A started server and the ways into it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mysql_async::{Conn, OptsBuilder};
use rustix::process::Signal;
use tokio::time::{Instant, sleep, timeout};

use super::arguments::{self, Listening};
use super::process::Process;
use super::scratch::Scratch;
use super::{Flavour, Install, Options, TlsFiles, template};

/// A loaded machine starts a server in seconds; more than this is a hang.
const START_LIMIT: Duration = Duration::from_secs(90);
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);
/// Ports are free when chosen and may be taken a moment later.
const ATTEMPTS: u32 = 3;

/// A running server with a data directory of its own. Dropping it kills the server and removes the
/// data.
pub struct MySqlServer {
    // Dropped first: a server must end before its folder is removed.
    process: Process,
    install: Install,
    port: u16,
    admin_port: u16,
    socket: PathBuf,
    tls: Option<TlsFiles>,
    options: Options,
    folder: Scratch,
}

/// How a server ends before it is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It shuts down.
    Shutdown,
    /// It is killed, and can say nothing.
    Kill,
    /// It crashes by itself, and says so.
    Crash,
}

impl MySqlServer {
    /// Starts a server and waits until it answers. The server is got first, where needed.
    pub async fn start(flavour: Flavour, options: Options) -> Result<Self> {
        let prepared = tokio::task::spawn_blocking(move || Prepared::new(flavour, options)).await?;
        let mut prepared = prepared?;
        let mut clash = None;
        for _ in 0..ATTEMPTS {
            match prepared.start().await? {
                Outcome::Serving(process, port, admin_port) => {
                    return Ok(prepared.into_server(process, port, admin_port));
                }
                Outcome::PortTaken(log) => clash = Some(log),
            }
        }
        bail!(
            "no free ports for {} in {ATTEMPTS} attempts: {}",
            flavour.program(),
            clash.unwrap_or_default()
        )
    }

    /// The kind of server.
    pub fn flavour(&self) -> Flavour {
        self.install.flavour()
    }

    /// What was started.
    pub fn install(&self) -> &Install {
        &self.install
    }

    /// The address for applications.
    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// The port for applications.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port that still answers when all connections are used: `admin_port` or `extra_port`.
    pub fn admin_port(&self) -> u16 {
        self.admin_port
    }

    /// The local socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The process id.
    pub fn process_id(&self) -> i32 {
        self.process.id()
    }

    /// The certificates, if the server was started with TLS.
    pub fn tls(&self) -> Option<&TlsFiles> {
        self.tls.as_ref()
    }

    /// The folder that holds data, log, socket and temporary files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A connection as `root`, over the local socket.
    pub async fn root(&self) -> Result<Conn> {
        connect(&self.socket).await
    }

    /// A connection as `root` that is let in when all others are used, for watching incidents.
    pub async fn root_over_admin_port(&self) -> Result<Conn> {
        let options = OptsBuilder::default()
            .ip_or_hostname(self.host())
            .tcp_port(self.admin_port)
            .prefer_socket(false)
            .user(Some("root"));
        open(options).await
    }

    /// What the server wrote to its error log so far.
    pub fn error_log(&self) -> Result<String> {
        error_log(self.folder.path())
    }

    /// The slow log, of a server that was started with one.
    pub fn slow_log(&self) -> PathBuf {
        self.folder.path().join(arguments::SLOW_LOG)
    }

    /// Where the server writes its error log.
    pub fn error_log_path(&self) -> PathBuf {
        self.folder.path().join("error.log")
    }

    /// Ends the server and starts it again on the same data, as a service manager would. Its ports are
    /// others then.
    pub async fn restart(mut self, ending: Ending) -> Result<Self> {
        let signal = match ending {
            Ending::Shutdown => Signal::TERM,
            Ending::Kill => Signal::KILL,
            Ending::Crash => Signal::SEGV,
        };
        self.process.end(signal).await?;
        let mut prepared = Prepared {
            install: self.install,
            options: self.options,
            folder: self.folder,
            socket: self.socket,
            tls: self.tls,
        };
        match prepared.start().await? {
            Outcome::Serving(process, port, admin_port) => {
                Ok(prepared.into_server(process, port, admin_port))
            }
            Outcome::PortTaken(log) => bail!("the ports were taken meanwhile: {log}"),
        }
    }

    /// Shuts the server down cleanly and removes its data.
    pub async fn stop(mut self) -> Result<()> {
        self.process.terminate().await
    }
}

/// Gets a server and makes its template, so that later starts are quick. This blocks, for seconds
/// on first use.
pub fn prepare(flavour: Flavour) -> Result<Install> {
    let install = Install::get(flavour)?;
    template::folder(&install)?;
    Ok(install)
}

/// All that is needed to try to start.
struct Prepared {
    install: Install,
    options: Options,
    folder: Scratch,
    socket: PathBuf,
    tls: Option<TlsFiles>,
}

enum Outcome {
    Serving(Process, u16, u16),
    PortTaken(String),
}

impl Prepared {
    fn new(flavour: Flavour, options: Options) -> Result<Self> {
        let install = Install::get(flavour)?;
        let template = template::folder(&install)?;
        let folder = Scratch::create(&options.place)?;
        template::copy(&template, &folder.path().join("data"))?;
        let tls = if options.tls {
            Some(TlsFiles::create(&folder.path().join("tls"))?)
        } else {
            None
        };
        Ok(Self {
            socket: folder.path().join("socket"),
            install,
            options,
            folder,
            tls,
        })
    }

    async fn start(&mut self) -> Result<Outcome> {
        let (port, admin_port) = free_ports()?;
        let listening = Listening {
            port,
            admin_port,
            socket: &self.socket,
        };
        let folder = self.folder.path();
        let mut words = self.install.server().words();
        let arguments = arguments::serving(
            &self.install,
            folder,
            &listening,
            self.tls.as_ref(),
            &self.options,
        )?;
        words.extend(arguments.into_iter().map(Into::into));
        let process = Process::spawn(&words, folder)?;
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if self.socket.exists() && connect(&self.socket).await.is_ok() {
                return Ok(Outcome::Serving(process, port, admin_port));
            }
            if process.has_ended() {
                let log = error_log(folder)?;
                if log.contains("Address already in use") {
                    std::fs::remove_file(folder.join("error.log"))?;
                    return Ok(Outcome::PortTaken(log));
                }
                bail!("the server ended while starting: {log}");
            }
            if Instant::now() > deadline {
                bail!(
                    "the server does not answer after {} s: {}",
                    START_LIMIT.as_secs(),
                    error_log(folder)?
                );
            }
            sleep(POLL).await;
        }
    }

    fn into_server(self, process: Process, port: u16, admin_port: u16) -> MySqlServer {
        MySqlServer {
            process,
            install: self.install,
            port,
            admin_port,
            socket: self.socket,
            tls: self.tls,
            options: self.options,
            folder: self.folder,
        }
    }
}

/// Opens a connection, within a limit.
pub(crate) async fn open(options: OptsBuilder) -> Result<Conn> {
    let conn = timeout(CONNECT_LIMIT, Conn::new(options))
        .await
        .context("the server did not answer in time")??;
    Ok(conn)
}

async fn connect(socket: &Path) -> Result<Conn> {
    let options = OptsBuilder::default()
        .socket(Some(socket.to_string_lossy()))
        .user(Some("root"));
    open(options).await
}

fn error_log(folder: &Path) -> Result<String> {
    match std::fs::read(folder.join("error.log")) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error.into()),
    }
}

/// Two different ports that nothing listens on now.
fn free_ports() -> Result<(u16, u16)> {
    let first = TcpListener::bind(("127.0.0.1", 0))?;
    let second = TcpListener::bind(("127.0.0.1", 0))?;
    Ok((first.local_addr()?.port(), second.local_addr()?.port()))
}
