//! A private apt: its own lists, cache and empty package status, the machine's own mirror, keys
//! and proxy. It verifies signatures and checksums as apt always does, and changes nothing on the
//! machine.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::cache;

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// One release of the archive, as seen by a private apt.
pub(super) struct Apt {
    folder: PathBuf,
    config: PathBuf,
    release: &'static str,
}

/// One package of a resolved closure.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) architecture: String,
}

impl Package {
    /// The name apt gives to the downloaded file.
    pub(super) fn file_name(&self) -> String {
        let version = self.version.replace(':', "%3a");
        format!("{}_{version}_{}.deb", self.name, self.architecture)
    }

    /// The version without its epoch.
    pub(super) fn plain_version(&self) -> &str {
        match self.version.split_once(':') {
            Some((_, version)) => version,
            None => &self.version,
        }
    }
}

impl Apt {
    /// Lays out the private state in `folder` and reads the release's package index.
    pub(super) fn open(folder: &Path, release: &'static str) -> Result<Self> {
        for part in ["lists/partial", "archives/partial", "etc", "cache"] {
            cache::create(&folder.join(part))?;
        }
        let apt = Self {
            folder: folder.to_owned(),
            config: folder.join("apt.conf"),
            release,
        };
        fs::write(folder.join("status"), "")?;
        let signed_by = if Path::new(KEYRING).exists() {
            format!("[signed-by={KEYRING}] ")
        } else {
            String::new()
        };
        let mirror = mirror()?;
        fs::write(
            folder.join("etc/sources.list"),
            format!("deb {signed_by}{mirror} {release} main\n"),
        )?;
        fs::write(&apt.config, configuration(folder)?)?;
        apt.get(&["-q", "update"], &apt.folder)
            .with_context(|| format!("cannot read the package index of {release}"))?;
        Ok(apt)
    }

    /// The packages and all they depend on, in the versions of this release.
    pub(super) fn closure(&self, packages: &[&str]) -> Result<Vec<Package>> {
        let mut arguments = vec![
            "-q",
            "-y",
            "--no-install-recommends",
            "--simulate",
            "install",
        ];
        arguments.extend(packages);
        let plan = self.get(&arguments, &self.folder)?;
        let found: Vec<Package> = plan.lines().filter_map(planned).collect();
        ensure!(!found.is_empty(), "apt planned no package for {packages:?}");
        Ok(found)
    }

    /// Downloads the packages with what they depend on, and `alone` without.
    pub(super) fn download(&self, packages: &[&str], alone: &[&str]) -> Result<PathBuf> {
        let archives = self.folder.join("archives");
        let mut arguments = vec![
            "-q",
            "-y",
            "--no-install-recommends",
            "--download-only",
            "install",
        ];
        arguments.extend(packages);
        self.get(&arguments, &self.folder)?;
        if !alone.is_empty() {
            let mut arguments = vec!["-q", "download"];
            arguments.extend(alone);
            self.get(&arguments, &archives)?;
        }
        Ok(archives)
    }

    fn get(&self, arguments: &[&str], working_folder: &Path) -> Result<String> {
        let mut command = Command::new("apt-get");
        command
            .args(arguments)
            .current_dir(working_folder)
            .env("APT_CONFIG", &self.config)
            .env("LC_ALL", "C")
            .env("DEBIAN_FRONTEND", "noninteractive");
        output(command).with_context(|| {
            format!(
                "cannot get Debian packages of {}: check the network and the machine's apt sources",
                self.release
            )
        })
    }
}

/// The mirror of the Debian archive that the machine itself uses.
fn mirror() -> Result<String> {
    let mut command = Command::new("apt-get");
    command.args(["update", "--print-uris"]).env("LC_ALL", "C");
    let uris = output(command)?;
    let os_release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let codename = os_release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    codename
        .into_iter()
        .chain(["sid", "unstable", "testing", "stable"])
        .find_map(|release| mirror_of(&uris, release))
        .context("the machine's apt sources name no mirror of the Debian archive")
}

/// Finds, in apt's list of index files, the archive that holds the component `main` of a release.
/// Security updates are in a release of another name; third parties seldom call theirs `main`, and
/// come after an archive whose address ends as Debian's does.
fn mirror_of(uris: &str, release: &str) -> Option<String> {
    let index = format!("/dists/{release}/main/binary-");
    let mirrors: Vec<&str> = uris
        .lines()
        .filter_map(|line| line.strip_prefix('\'')?.split_once(&index))
        .map(|(mirror, _)| mirror)
        .collect();
    mirrors
        .iter()
        .find(|mirror| mirror.ends_with("/debian"))
        .or(mirrors.first())
        .map(|mirror| (*mirror).to_owned())
}

/// The private configuration: the machine's own way to reach the archive, everything else ours.
fn configuration(folder: &Path) -> Result<String> {
    let mut command = Command::new("apt-config");
    command.arg("dump").env("LC_ALL", "C");
    let dump = output(command)?;
    let mut text: String =
        dump.lines()
            .filter(|line| is_access(line))
            .fold(String::new(), |mut text, line| {
                text.push_str(line);
                text.push('\n');
                text
            });
    let ours = folder.display();
    for (option, value) in [
        ("Dir", format!("{ours}")),
        ("Dir::State", format!("{ours}")),
        ("Dir::State::lists", format!("{ours}/lists")),
        ("Dir::State::status", format!("{ours}/status")),
        ("Dir::State::extended_states", format!("{ours}/extended")),
        ("Dir::Cache", format!("{ours}/cache")),
        ("Dir::Cache::archives", format!("{ours}/archives")),
        ("Dir::Log", format!("{ours}/cache")),
        ("Dir::Etc", format!("{ours}/etc")),
        ("Dir::Etc::sourcelist", format!("{ours}/etc/sources.list")),
        ("Dir::Etc::sourceparts", "/dev/null".to_owned()),
        ("Dir::Etc::main", "/dev/null".to_owned()),
        ("Dir::Etc::parts", "/dev/null".to_owned()),
        ("Dir::Etc::preferences", "/dev/null".to_owned()),
        ("Dir::Etc::preferencesparts", "/dev/null".to_owned()),
        ("Dir::Etc::netrc", "/etc/apt/auth.conf".to_owned()),
        ("Dir::Etc::netrcparts", "/etc/apt/auth.conf.d".to_owned()),
        ("Dir::Etc::trusted", "/etc/apt/trusted.gpg".to_owned()),
        (
            "Dir::Etc::trustedparts",
            "/etc/apt/trusted.gpg.d".to_owned(),
        ),
        // The download user of apt cannot write below a home folder.
        ("APT::Sandbox::User", String::new()),
        ("Acquire::Languages", "none".to_owned()),
    ] {
        writeln!(text, "{option} \"{value}\";")?;
    }
    Ok(text)
}

/// Whether a line of the machine's configuration says how the archive is reached: proxies,
/// certificates, retries, validity of the index. Lists (`::` at the end) are apt's own defaults.
fn is_access(line: &str) -> bool {
    let Some((option, _)) = line.split_once(' ') else {
        return false;
    };
    option.starts_with("Acquire::")
        && !option.ends_with("::")
        && !option.starts_with("Acquire::IndexTargets")
        && !option.starts_with("Acquire::Languages")
        && !option.starts_with("Acquire::CompressionTypes")
}

/// Reads `Inst libc6 (2.43-7 Debian:unstable [amd64]) [...]`.
fn planned(line: &str) -> Option<Package> {
    let rest = line.strip_prefix("Inst ")?;
    let (name, rest) = rest.split_once(' ')?;
    let (_, rest) = rest.split_once('(')?;
    let (details, _) = rest.split_once(')')?;
    let (version, _) = details.split_once(' ')?;
    let architecture = details.rsplit_once('[')?.1.trim_end_matches(']');
    Some(Package {
        name: name.to_owned(),
        version: version.to_owned(),
        architecture: architecture.to_owned(),
    })
}

/// Runs a command and returns what it printed, or fails with what it complained about.
pub(super) fn output(mut command: Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {name}: install it"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{name} failed: {}", complaint.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_mirror_is_told_from_security_and_third_parties() {
        let uris = "'http://tools.example/apt/dists/bookworm/stable/binary-amd64/Packages.xz' a 0 \n\
                    'http://other.example/x/dists/bookworm/main/binary-amd64/Packages.xz' b 0 \n\
                    'http://m.example/debian-security/dists/bookworm-security/main/binary-amd64/Packages.xz' c 0 \n\
                    'https://m.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' d 0 \n";
        assert_eq!(
            mirror_of(uris, "bookworm").as_deref(),
            Some("https://m.example/debian")
        );
        assert_eq!(mirror_of(uris, "sid"), None);
    }

    #[test]
    fn a_planned_package_gives_the_name_of_its_file() {
        let line = "Inst zlib1g (1:1.3-4 Debian:unstable [amd64]) []";
        let package = planned(line).unwrap();
        assert_eq!(package.file_name(), "zlib1g_1%3a1.3-4_amd64.deb");
        assert_eq!(package.plain_version(), "1.3-4");
    }

    #[test]
    fn only_settings_on_reaching_the_archive_are_taken_over() {
        assert!(is_access("Acquire::http::Proxy \"http://proxy.example\";"));
        assert!(!is_access("Acquire::CompressionTypes::Order:: \"gz\";"));
        assert!(!is_access("APT::Update::Post-Invoke:: \"rm x\";"));
    }
}
