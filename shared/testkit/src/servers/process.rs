//! A server process that never outlives the test: it dies with the guard, and with the test
//! process however that ends.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal};
use tokio::sync::watch;

use super::launcher;

/// A running process, the leader of a process group of its own.
pub(crate) struct Process {
    pid: Pid,
    ended: watch::Receiver<Option<ExitStatus>>,
    keeper: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts a command line in `folder`.
    ///
    /// The kernel ties the process to the thread that started it, so that thread must live as long
    /// as the process does; a worker of an async runtime might end before.
    pub(crate) fn spawn(words: &[OsString], folder: &Path) -> Result<Self> {
        let mut command = tied_to_parent(words);
        command
            .current_dir(folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let (started, start) = mpsc::sync_channel(1);
        let (end, ended) = watch::channel(None);
        let keeper = thread::Builder::new()
            .name("storex-server".to_owned())
            .spawn(move || keep(command, &started, &end))?;
        let pid = start
            .recv()
            .context("the thread that starts servers ended")?
            .context("cannot start the server program")?;
        Ok(Self {
            pid: Pid::from_raw(pid.cast_signed()).context("the server has no process id")?,
            ended,
            keeper: Some(keeper),
        })
    }

    pub(crate) fn id(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended.borrow().is_some()
    }

    /// Asks the server to shut down and waits until it has.
    pub(crate) async fn terminate(&mut self) -> Result<()> {
        self.signal(Signal::TERM);
        self.ended
            .wait_for(Option::is_some)
            .await
            .context("the thread that keeps the server ended")?;
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        // A reaped process has no group to signal any more; its number may be another's.
        if !self.has_ended() {
            let _ = rustix::process::kill_process_group(self.pid, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}

fn keep(
    mut command: Command,
    started: &mpsc::SyncSender<io::Result<u32>>,
    end: &watch::Sender<Option<ExitStatus>>,
) {
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let _ = started.send(Err(error));
            return;
        }
    };
    let _ = started.send(Ok(child.id()));
    if let Ok(status) = child.wait() {
        end.send_replace(Some(status));
    }
}

/// Asks the kernel to kill the process when its parent dies, where util-linux is there to do so.
fn tied_to_parent(words: &[OsString]) -> Command {
    let setpriv: Option<PathBuf> = launcher::on_path("setpriv");
    let mut all: Vec<OsString> = match setpriv {
        Some(program) => vec![
            program.into(),
            "--pdeathsig".into(),
            "KILL".into(),
            "--".into(),
        ],
        None => Vec::new(),
    };
    all.extend_from_slice(words);
    let mut all = all.into_iter();
    let mut command = Command::new(all.next().unwrap_or_default());
    command.args(all);
    command
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::process::ExitStatusExt;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_process_dies_with_the_thread_that_started_it() {
        let starter = thread::spawn(|| {
            let child = tied_to_parent(&["sleep".into(), "60".into()])
                .spawn()
                .unwrap();
            // The tie is made by the program that then becomes `sleep`.
            let name = format!("/proc/{}/comm", child.id());
            while fs::read_to_string(&name).unwrap().trim() != "sleep" {
                thread::sleep(Duration::from_millis(5));
            }
            child
        });
        let mut child = starter.join().unwrap();
        let killed = child.wait().unwrap().signal();
        assert_eq!(killed, Some(Signal::KILL.as_raw()));
    }
}
