//! Unpacks Debian packages into the cache, so that a server needs no installation and no root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::apt::{Apt, Package, output};
use super::launcher;
use super::packages::PackageSet;
use super::tree::{self, Tree};
use crate::cache;

/// The unpacked folder of a package set, made on first use.
pub(super) fn tree(set: &PackageSet) -> Result<Tree> {
    let cache = cache::folder()?;
    let trees = cache.join("trees");
    if let Some(tree) = tree::newest(&trees, set)? {
        return Ok(tree);
    }
    let _lock = cache::lock(&cache, set.name)?;
    // Another process may have made it while this one waited.
    if let Some(tree) = tree::newest(&trees, set)? {
        return Ok(tree);
    }
    check_machine(set)?;
    // Two sets of one release must not share apt's own locks.
    let apt = Apt::open(&cache.join("apt").join(set.name), set.release)?;
    unpack(&apt, set, &trees)?;
    tree::newest(&trees, set)?.context("the unpacked folder vanished")
}

fn check_machine(set: &PackageSet) -> Result<()> {
    let missing = ["apt-get", "dpkg-deb"]
        .into_iter()
        .find(|program| launcher::on_path(program).is_none());
    let debian = fs::read_to_string("/etc/os-release")
        .unwrap_or_default()
        .lines()
        .any(|line| line == "ID=debian");
    ensure!(
        missing.is_none() && debian,
        "no {} {}x here, and it can be unpacked only on Debian: install it, put it on the PATH, \
         or name the server program in STOREX_TEST_MYSQLD or STOREX_TEST_MARIADBD",
        set.name,
        set.series
    );
    Ok(())
}

fn unpack(apt: &Apt, set: &PackageSet, trees: &Path) -> Result<()> {
    let mut packages = apt.closure(set.packages)?;
    let version = packages
        .iter()
        .find(|package| package.name == set.main)
        .map(|package| package.plain_version().to_owned())
        .with_context(|| format!("{} is not in {}", set.main, set.release))?;
    ensure!(
        version.starts_with(set.series),
        "{} of {} is {version}, not {}x: install that version and name its program in \
         STOREX_TEST_MYSQLD or STOREX_TEST_MARIADBD",
        set.main,
        set.release,
        set.series
    );
    packages.retain(|package| {
        !set.without
            .iter()
            .any(|left| package.name.starts_with(left))
    });
    let archives = apt.download(set.packages, set.alone)?;
    let alone = alone(&archives, set, &packages)?;
    cache::make(&trees.join(tree::folder_name(set, &version)), |draft| {
        let closure = packages.iter().map(|package| package.file_name().into());
        for file in closure.chain(alone) {
            let mut command = Command::new("dpkg-deb");
            command.arg("-x").arg(archives.join(file)).arg(draft);
            output(command)?;
        }
        tree::finish(draft, set, &version, &packages)
    })
}

/// The files of the packages that were downloaded alone; they share the main package's version.
fn alone(archives: &Path, set: &PackageSet, packages: &[Package]) -> Result<Vec<PathBuf>> {
    let main = packages
        .iter()
        .find(|package| package.name == set.main)
        .context("the main package is missing")?;
    set.alone
        .iter()
        .map(|name| {
            let file = Package {
                name: (*name).to_owned(),
                ..main.clone()
            }
            .file_name();
            ensure!(
                archives.join(&file).exists(),
                "{name} was not downloaded in the version of {}",
                set.main
            );
            Ok(file.into())
        })
        .collect()
}
