//! `storex init`: a folder to start from.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;
use storex_fleet::{Inventory, Readers};

/// The policies every installation starts from.
pub(crate) const POLICIES: &[(&str, &str)] = &[(
    "policies.cedar",
    include_str!("../../../../policies/policies.cedar"),
)];

/// `storex init [DIR]`
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Where to write; nothing that exists is overwritten
    #[arg(default_value = "~/.config/storex")]
    folder: PathBuf,
    /// Your database: host:port, or the path of a socket
    #[arg(long, default_value = "127.0.0.1:3306")]
    address: String,
    /// The monitoring account
    #[arg(long, default_value = "storex")]
    user: String,
    /// What to call the instance
    #[arg(long, default_value = "my-database")]
    name: String,
}

impl Init {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let folder = expand(&self.folder)?;
        // What is written is what is read: a name or address the inventory refuses is refused here.
        if let Err(mistakes) = Inventory::parse(&self.inventory(), &folder, Readers::Owner) {
            bail!(
                "{}",
                mistakes
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; ")
            );
        }
        let who = std::env::var("USER").unwrap_or_else(|_| "me".to_owned());
        write_policies(&folder.join("policies"), "local", "dba")?;
        write(&folder.join("inventory.toml"), &self.inventory())?;
        write(&folder.join("storex.toml"), &config(&who))?;
        let path = folder.join("storex.toml");
        println!(
            "Wrote {}, inventory.toml and policies/ beside it.",
            path.display()
        );
        println!("Next:");
        println!(
            "  1. export STOREX_DB_PASSWORD=...        the password of account `{}`",
            self.user
        );
        println!(
            "  2. storex doctor                        prints the account to create, checks the rest"
        );
        println!("  3. storex call innodb_lock_waits instance={}", self.name);
        println!("  4. storex client-config claude-code     or claude, vscode, cursor");
        Ok(ExitCode::SUCCESS)
    }

    fn inventory(&self) -> String {
        let place = if self.address.starts_with('/') {
            format!("socket = {:?}", self.address)
        } else {
            format!("address = {:?}", self.address)
        };
        let tls = if is_loopback(&self.address) || self.address.starts_with('/') {
            "tls = \"off\"            # on loopback only; remove it for a remote server"
        } else {
            "# tls_ca = \"/path/to/authority.pem\"   # where a private authority signed its certificate"
        };
        format!(
            "# Every setting is explained in docs/inventory.md.\n\n\
             [[instance]]\n\
             name = {:?}\n\
             region = \"local\"\n\
             regulatory_domain = \"local\"\n\
             environment = \"development\"\n\
             owner_team = \"dba\"\n\
             [instance.mysql]\n\
             {place}\n\
             user = {:?}\n\
             password = {{ env = \"STOREX_DB_PASSWORD\" }}\n\
             {tls}\n",
            self.name, self.user
        )
    }
}

fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

fn config(who: &str) -> String {
    format!(
        "# Every setting is explained in docs/configuration.md.\n\n\
         inventory = \"inventory.toml\"\n\
         policies = \"policies\"\n\n\
         [identity]\n\
         user = {who:?}\n\
         teams = [\"dba\"]\n\n\
         [audit]\n\
         folder = \"audit\"\n"
    )
}

/// Writes the policies every installation starts from, and as their first data one regulatory domain
/// with one team that may do there whatever reading allows.
///
/// # Errors
/// When a file is there already or cannot be written.
pub fn write_policies(folder: &Path, domain: &str, team: &str) -> anyhow::Result<()> {
    POLICIES
        .iter()
        .try_for_each(|(name, text)| write(&folder.join(name), text))?;
    let team = json!({ "type": "Team", "id": team });
    let domain = json!({ "type": "RegulatoryDomain", "id": domain });
    let granted =
        json!({ "cleared": [team], "dba": [team], "on_call": [team], "sensitive": [team] });
    let entities = json!([
        { "uid": domain, "attrs": granted, "parents": [] },
        { "uid": team, "attrs": {}, "parents": [] },
    ]);
    write(
        &folder.join("entities/start.json"),
        &format!("{entities:#}\n"),
    )
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if path.exists() {
        bail!(
            "{} exists already; nothing that exists is overwritten",
            path.display()
        );
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("failed to make {}", folder.display()))?;
    }
    std::fs::write(path, text).with_context(|| format!("failed to write {}", path.display()))
}

fn expand(path: &Path) -> anyhow::Result<PathBuf> {
    match path.strip_prefix("~") {
        Ok(rest) => {
            let home = std::env::var_os("HOME").context("HOME is not set; name a folder")?;
            Ok(PathBuf::from(home).join(rest))
        }
        Err(_) => Ok(path.to_owned()),
    }
}
