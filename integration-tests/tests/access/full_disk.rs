//! A full disk under the audit log stops every call with a clear error, and ends with it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, ensure};
use serde_json::json;
use storex_integration_tests::{House, Instance};
use storex_tool::Credential;

use super::rows;
use crate::callers::{call, code, least};

/// A small disk of its own, gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: PathBuf) -> Result<Option<Self>> {
        std::fs::create_dir_all(&at)?;
        if !rustix::process::geteuid().is_root() {
            println!("skipped: mounting a small disk takes root");
            return Ok(None);
        }
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"])
            .arg(&at)
            .status();
        if !mounted.is_ok_and(|status| status.success()) {
            println!("skipped: this place does not let root mount");
            return Ok(None);
        }
        Ok(Some(Self(at)))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(&self.0).status();
        assert!(
            unmounted.is_ok_and(|status| status.success()),
            "the small disk stays mounted"
        );
    }
}

#[tokio::test]
async fn a_full_disk_stops_calls_and_room_lets_them_run_again() -> Result<()> {
    let place = tempfile::tempdir()?;
    let Some(disk) = SmallDisk::mount(place.path().join("disk"))? else {
        return Ok(());
    };
    let more = "[limits]\nburst_per_principal = 100000\n";
    let house = House::at(&disk.0, &[Instance::nowhere("shop")], more, storex::DOMAINS)?;
    let ask = || call(&house, Credential::Local, "fleet_instances", json!({}));
    assert_eq!(code(&ask().await), "ok");

    let filler = disk.0.join("filler");
    let _full = std::fs::write(&filler, vec![0_u8; 1 << 20]);
    let mut refused = 0;
    for _ in 0..200 {
        refused += usize::from(code(&ask().await) == "not_audited");
    }
    ensure!(
        refused > 100,
        "calls run although {refused} of 200 were refused"
    );
    for row in rows() {
        let outcome = call(&house, Credential::Local, row.spec.name, least(row, "shop")).await;
        assert_eq!(code(&outcome), "not_audited", "{}", row.spec.name);
        let text = outcome?.text.clone();
        assert!(
            text.contains("nothing was run") && text.contains("operator"),
            "{text}"
        );
        assert!(!text.contains("No space") && !text.contains('/'), "{text}");
    }

    std::fs::remove_file(&filler)?;
    let outcome = ask().await;
    assert_eq!(code(&outcome), "ok", "{outcome:?}");
    assert!(house.audit_text()?.lines().count() > 2);
    Ok(())
}
