//! Gets and starts real database servers without touching the machine they run on.
//!
//! A server comes, in this order, from `STOREX_TEST_MYSQLD` or `STOREX_TEST_MARIADBD`, from the
//! `PATH` when the version there is the one wanted, or from Debian packages which the kit unpacks
//! into its own cache folder. Each started server has its own data directory, copied from a
//! template that is made once per server version.

mod apt;
mod arguments;
mod chromium;
mod debian;
mod flavour;
mod install;
mod launcher;
mod monitors;
mod options;
mod packages;
mod process;
mod quiet;
mod scratch;
mod server;
mod sysbench;
mod template;
mod tls;
mod tree;

pub use chromium::Chromium;
pub use flavour::Flavour;
pub use install::{Install, Origin};
pub(crate) use monitors::Monitor;
pub use monitors::prepare_monitoring;
pub use options::{Options, PerformanceSchema, Place, SlowLog};
pub(crate) use process::Process;
pub(crate) use server::open;
pub use server::{Ending, MySqlServer, prepare};
pub use sysbench::Sysbench;
pub use tls::TlsFiles;
