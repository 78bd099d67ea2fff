//! A file that changes while it is in use.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::tests::RECORDED;
use crate::{Fleet, InventoryError};

fn named(name: &str) -> String {
    RECORDED.replace("incident-42", name)
}

fn fleet_of(text: &str) -> (TempDir, PathBuf, Fleet) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.toml");
    fs::write(&path, text).unwrap();
    let fleet = Fleet::load(&path).unwrap();
    (folder, path, fleet)
}

fn has(fleet: &Fleet, name: &str) -> bool {
    fleet.inventory().get(name).is_some()
}

#[test]
fn a_change_is_taken_at_the_second_look_that_finds_it() {
    let (_folder, path, fleet) = fleet_of(&named("a"));
    assert!(fleet.poll().is_none());
    let before = fleet.generation();

    fs::write(&path, named("b")).unwrap();
    assert!(fleet.poll().is_none());
    assert!(has(&fleet, "a"));
    assert!(fleet.poll().unwrap().is_ok());
    assert!(has(&fleet, "b") && !has(&fleet, "a"));
    assert_eq!(fleet.generation(), before + 1);
    assert!(fleet.poll().is_none());
}

#[test]
fn a_file_half_written_or_missing_for_a_moment_is_passed_over() {
    let (_folder, path, fleet) = fleet_of(&named("a"));
    let next = format!("{}{}", named("a"), named("b"));
    fs::write(&path, &next[..next.len() / 2]).unwrap();
    assert!(fleet.poll().is_none());
    fs::remove_file(&path).unwrap();
    assert!(fleet.poll().is_none());
    fs::write(&path, &next).unwrap();
    assert!(fleet.poll().is_none());
    assert!(fleet.poll().unwrap().is_ok());
    assert!(has(&fleet, "a") && has(&fleet, "b"));
}

#[test]
fn a_wrong_file_changes_nothing_and_is_told_once() {
    let (_folder, path, fleet) = fleet_of(&named("a"));
    fs::write(&path, "[[instance]]\n").unwrap();
    assert!(fleet.poll().is_none());
    assert!(matches!(
        fleet.poll(),
        Some(Err(InventoryError::Wrong { .. }))
    ));
    assert!(fleet.poll().is_none());
    assert!(has(&fleet, "a"));

    fs::write(&path, named("a")).unwrap();
    let _ = fleet.poll();
    assert!(
        fleet.poll().unwrap().is_ok(),
        "that it is right again is told too"
    );
    assert_eq!(fleet.generation(), 1, "the inventory never changed");
}

#[test]
fn a_file_that_is_gone_is_told_once_and_the_inventory_stays() {
    let (_folder, path, fleet) = fleet_of(&named("a"));
    fs::remove_file(&path).unwrap();
    assert!(fleet.poll().is_none());
    assert!(matches!(
        fleet.poll(),
        Some(Err(InventoryError::Read { .. }))
    ));
    assert!(fleet.poll().is_none());
    assert!(has(&fleet, "a"));
}

#[test]
fn a_file_replaced_by_rename_is_noticed() {
    let (folder, path, fleet) = fleet_of(&named("a"));
    let next = folder.path().join("next");
    fs::write(&next, named("b")).unwrap();
    fs::rename(&next, &path).unwrap();
    let _ = fleet.poll();
    assert!(fleet.poll().unwrap().is_ok());
    assert!(has(&fleet, "b"));
}

/// As Kubernetes swaps a mounted configuration: `inventory.toml -> ..data/inventory.toml`, and
/// `..data` is a link that is replaced.
#[cfg(unix)]
#[test]
fn a_link_swapped_above_the_file_is_noticed() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (version, name) in [("1", "a"), ("2", "b")] {
        fs::create_dir(at(version)).unwrap();
        fs::write(at(version).join("inventory.toml"), named(name)).unwrap();
    }
    symlink("1", at("..data")).unwrap();
    symlink("..data/inventory.toml", at("inventory.toml")).unwrap();
    let fleet = Fleet::load(&at("inventory.toml")).unwrap();
    assert!(has(&fleet, "a"));

    symlink("2", at("..data_next")).unwrap();
    fs::rename(at("..data_next"), at("..data")).unwrap();
    let _ = fleet.poll();
    assert!(fleet.poll().unwrap().is_ok());
    assert!(has(&fleet, "b"));
}

/// The content is the same, but the password in it is no longer safe.
#[cfg(unix)]
#[test]
fn a_change_of_permissions_is_noticed() {
    use std::os::unix::fs::PermissionsExt;

    let text = named("a").replace("snapshot = \"snapshots/hot-row.tar.zst\"", "")
        + "[instance.mysql]\naddress = \"db1\"\nuser = \"u\"\npassword = \"p\"\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inventory.toml");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let fleet = Fleet::load(&path).unwrap();

    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let _ = fleet.poll();
    assert!(fleet.poll().unwrap().is_err());
    assert!(has(&fleet, "a"));
}

#[test]
fn reload_reads_at_once_and_keeps_the_old_when_the_new_is_wrong() {
    let (_folder, path, fleet) = fleet_of(&named("a"));
    fs::write(&path, "[").unwrap();
    assert!(fleet.reload().is_err());
    assert!(has(&fleet, "a"));
    assert!(fleet.poll().is_none(), "told already");

    fs::write(&path, named("b")).unwrap();
    assert!(fleet.reload().unwrap().get("b").is_some());
    assert!(has(&fleet, "b"));
    assert_eq!(fleet.generation(), 2);
}

#[test]
fn a_fixed_fleet_never_changes() {
    let (_folder, _path, fleet) = fleet_of(&named("a"));
    let fixed = Fleet::fixed(fleet.inventory().as_ref().clone());
    assert!(fixed.poll().is_none());
    assert_eq!(fixed.reload().unwrap(), fleet.inventory());
}
