//! Chromium without a window, got like the servers and driven over its `DevTools` protocol.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{Process, debian, launcher, packages};

const VARIABLE: &str = "STOREX_TEST_CHROMIUM";
/// Where the browser writes how it is reached.
const DOOR: &str = "DevToolsActivePort";
/// It starts within a second; this is for a machine that is busy.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A running browser; it ends with the guard.
pub struct Chromium {
    endpoint: String,
    // Ended before its folder is removed.
    _process: Process,
    _folder: TempDir,
}

/// A browser and what it needs to start.
struct Install {
    program: PathBuf,
    /// Libraries beside the machine's own, where it was unpacked by the kit.
    library_path: Option<OsString>,
    /// Fonts beside the machine's own.
    fonts: Option<PathBuf>,
}

impl Chromium {
    /// The browser's program: named in `STOREX_TEST_CHROMIUM`, found on the `PATH`, or unpacked on first
    /// use. This blocks, for half a minute on first use.
    pub fn prepare() -> Result<PathBuf> {
        Ok(Install::get()?.program)
    }

    /// Starts one with a profile of its own. This blocks, for a second.
    pub fn start() -> Result<Self> {
        let install = Install::get()?;
        let folder = tempfile::Builder::new()
            .prefix("storex-chromium-")
            .tempdir()?;
        let process = Process::spawn(&install.words(folder.path())?, folder.path())?;
        let door = folder.path().join("profile").join(DOOR);
        let begun = Instant::now();
        let endpoint = loop {
            ensure!(!process.has_ended(), "Chromium ended while starting");
            ensure!(begun.elapsed() < START_LIMIT, "Chromium does not answer");
            if let Some(found) = fs::read_to_string(&door).ok().as_deref().and_then(endpoint) {
                break found;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        Ok(Self {
            endpoint,
            _process: process,
            _folder: folder,
        })
    }

    /// The address of its `DevTools` protocol, a web socket.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Install {
    fn get() -> Result<Self> {
        let own = |program| Self {
            program,
            library_path: None,
            fonts: None,
        };
        if let Some(named) = std::env::var_os(VARIABLE).filter(|name| !name.is_empty()) {
            let program = Path::new(&named).canonicalize();
            return Ok(own(
                program.with_context(|| format!("{VARIABLE} names no program"))?
            ));
        }
        let names = ["chromium-headless-shell", "chrome-headless-shell"];
        if let Some(program) = names.into_iter().find_map(launcher::on_path) {
            return Ok(own(program));
        }
        let tree = debian::tree(&packages::CHROMIUM)?;
        Ok(Self {
            // The script in `usr/bin` looks for parts of an installed one.
            program: tree.folder.join("usr/lib/chromium/chromium-headless-shell"),
            library_path: Some(tree.library_path()?),
            fonts: Some(tree.folder.join("usr/share/fonts")),
        })
    }

    /// The command line of a browser whose files are in `folder`.
    fn words(&self, folder: &Path) -> Result<Vec<OsString>> {
        let setting = |name: &str, value: &Path| {
            let mut word = OsString::from(format!("{name}="));
            word.push(value);
            word
        };
        let mut words: Vec<OsString> = vec!["env".into(), setting("HOME", folder)];
        if let Some(path) = &self.library_path {
            // The library of sound has one of its own.
            let all = std::env::split_paths(path).flat_map(|at| [at.join("pulseaudio"), at]);
            words.push(setting(
                "LD_LIBRARY_PATH",
                Path::new(&std::env::join_paths(all)?),
            ));
        }
        if let Some(fonts) = &self.fonts {
            let file = folder.join("fonts.conf");
            let text = format!(
                "<?xml version=\"1.0\"?><fontconfig><dir>{}</dir><dir>/usr/share/fonts</dir>\
                 <cachedir>{}</cachedir></fontconfig>\n",
                fonts.display(),
                folder.join("font-cache").display()
            );
            fs::write(&file, text)?;
            words.push(setting("FONTCONFIG_FILE", &file));
        }
        words.push(self.program.clone().into());
        words.push(setting("--user-data-dir", &folder.join("profile")));
        // It shows nothing but the pages of tests, so it needs no sandbox, which needs rights tests may lack.
        // A page's frames stay in one process, so that one session sees them all.
        words.extend(
            [
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-features=IsolateSandboxedIframes",
                "--disable-site-isolation-trials",
                "--force-color-profile=srgb",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "about:blank",
            ]
            .map(OsString::from),
        );
        Ok(words)
    }
}

/// Reads the two lines of the door: a port, and a path.
fn endpoint(door: &str) -> Option<String> {
    let (port, path) = door.trim_end().split_once('\n')?;
    let port: u16 = port.parse().ok()?;
    path.starts_with("/devtools/")
        .then(|| format!("ws://127.0.0.1:{port}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_is_read_once_it_is_written_whole() {
        assert_eq!(
            endpoint("40123\n/devtools/browser/a-b\n").as_deref(),
            Some("ws://127.0.0.1:40123/devtools/browser/a-b")
        );
        assert_eq!(endpoint("40123"), None);
        assert_eq!(endpoint("40123\n"), None);
    }
}
