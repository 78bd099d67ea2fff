//! Prometheus, VictoriaMetrics and the exporters they scrape, got like the servers.

use std::ffi::OsString;

use anyhow::Result;

use super::scratch::Scratch;
use super::{Place, Process, debian, packages};

/// What the unpacked set is of: the version of the exporter it is named after. This blocks, for seconds
/// on first use.
pub fn prepare_monitoring() -> Result<String> {
    Ok(debian::tree(&packages::MONITORING)?.version)
}

/// A running program of the set, with a folder of its own.
pub(crate) struct Monitor {
    // Dropped first: a program must end before its folder is removed.
    pub(crate) process: Process,
    _folder: Scratch,
}

impl Monitor {
    /// Starts `program` with the arguments that `arguments` makes up for its folder.
    pub(crate) fn start(
        program: &str,
        arguments: impl FnOnce(&std::path::Path) -> Result<Vec<OsString>>,
    ) -> Result<Self> {
        let tree = debian::tree(&packages::MONITORING)?;
        let folder = Scratch::create(&Place::Quickest)?;
        let mut words = tree.launcher(program)?.words();
        words.extend(arguments(folder.path())?);
        Ok(Self {
            process: Process::spawn(&words, folder.path())?,
            _folder: folder,
        })
    }
}
