//! A whole storex over real servers, in a folder of its own.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use serde_json::{Map, Value};
use storex_serve::{Boot, Server, boot_file};
use storex_testkit::MySqlServer;
use storex_tool::{Credential, Definition, Dispatch, Incoming, Reply};

/// An entry of the inventory.
pub struct Instance {
    name: String,
    body: String,
}

impl Instance {
    /// The server itself, read as root over its socket.
    pub fn of(name: &str, server: &MySqlServer) -> Self {
        Self::with(
            name,
            &format!(
                "address = \"127.0.0.1:{}\"\nadmin_port = {}\nuser = \"root\"\ntls = \"off\"",
                server.port(),
                server.admin_port()
            ),
        )
    }

    /// An instance with this `[instance.mysql]`.
    pub fn with(name: &str, mysql: &str) -> Self {
        Self {
            name: name.to_owned(),
            body: format!("[instance.mysql]\n{mysql}\n"),
        }
    }

    /// A recorded instance.
    pub fn snapshot(name: &str, path: &Path) -> Self {
        Self {
            name: name.to_owned(),
            body: format!("snapshot = {path:?}\n"),
        }
    }
}

/// A running storex and its folder.
pub struct House {
    /// The server, as transports see it.
    pub server: Arc<Server>,
    /// The configuration file.
    pub config: PathBuf,
    folder: tempfile::TempDir,
    /// Keeps the audit log open and the files watched.
    _boot: Arc<Boot>,
}

impl House {
    /// A storex over these instances for a caller of team `checkout`, which owns them all, under the
    /// policies of the repository.
    ///
    /// # Errors
    /// When it does not start.
    pub fn over(instances: &[Instance]) -> Result<Self> {
        Self::build(instances, "")
    }

    /// The same with more configuration.
    ///
    /// # Errors
    /// When it does not start.
    pub fn build(instances: &[Instance], more: &str) -> Result<Self> {
        let folder = lay_out(instances, more)?;
        let config = folder.path().join("storex.toml");
        let (_, boot) = boot_file(&config, "storex", storex::DOMAINS)?;
        Ok(Self {
            server: Arc::clone(&boot.server),
            config,
            folder,
            _boot: Arc::new(boot),
        })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Calls a tool as the local person, through the whole stack.
    ///
    /// # Errors
    /// When the tool is unknown to the caller.
    pub async fn call(&self, tool: &str, arguments: Value) -> Result<Arc<Reply>> {
        self.call_as(Credential::Local, tool, arguments).await
    }

    /// Calls a tool as someone.
    ///
    /// # Errors
    /// When the tool is unknown to the caller.
    pub async fn call_as(
        &self,
        who: Credential,
        tool: &str,
        arguments: Value,
    ) -> Result<Arc<Reply>> {
        let arguments = match arguments {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let incoming = Incoming::new(tool, arguments, who, "stdio");
        Ok(self.server.call(incoming).await?)
    }

    /// The structured answer of a call that must succeed.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ask(&self, tool: &str, arguments: Value) -> Result<Value> {
        let reply = self.call(tool, arguments).await?;
        anyhow::ensure!(!reply.is_error, "{tool} failed: {}", reply.text);
        Ok(reply.structured.clone())
    }

    /// The tools someone is shown.
    pub async fn list_as(&self, who: &Credential) -> Vec<Arc<Definition>> {
        self.server.list(who).await
    }
}

/// Writes configuration, inventory and the repository's policies.
fn lay_out(instances: &[Instance], more: &str) -> Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new().prefix("storex-it-").tempdir()?;
    let mut inventory = String::from(
        "[defaults]\nregion = \"eu-west-1\"\nregulatory_domain = \"eu\"\n\
         environment = \"production\"\nowner_team = \"checkout\"\n",
    );
    for instance in instances {
        write!(
            inventory,
            "\n[[instance]]\nname = {:?}\n{}",
            instance.name, instance.body
        )?;
    }
    std::fs::write(folder.path().join("inventory.toml"), inventory)?;
    storex::write_policies(&folder.path().join("policies"), "eu", "checkout")?;
    let config = format!(
        "inventory = \"inventory.toml\"\npolicies = \"policies\"\n\
         [identity]\nuser = \"ines\"\nteams = [\"checkout\"]\n[audit]\nfolder = \"audit\"\n{more}"
    );
    std::fs::write(folder.path().join("storex.toml"), config)?;
    Ok(folder)
}
